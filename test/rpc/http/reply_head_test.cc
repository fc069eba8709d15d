#include "rpc/http/http1/reply_head.h"

#include <gtest/gtest.h>

namespace coupond::http {
namespace {

Response Ok() {
  Response response;
  response.content_type = "application/json";
  return response;
}

std::string HeadOf(const Response& response, const ReplyHead& head) {
  std::string out;
  AppendReplyHead(out, response, head);
  return out;
}

TEST(ReplyHead, HasTheFieldsOfTheResponse) {
  Response response = Ok();
  response.status = 404;
  response.headers.emplace_back("Allow", "POST");
  EXPECT_EQ(HeadOf(response, {.content_length = 12, .date = "now"}),
            "HTTP/1.1 404 Not Found\r\nDate: now\r\nContent-Type: application/json\r\n"
            "Content-Length: 12\r\nAllow: POST\r\nConnection: keep-alive\r\n\r\n");
}

TEST(ReplyHead, AnnouncesThePersistence) {
  EXPECT_TRUE(
      HeadOf(Ok(), {.persistence = Persistence::kClose}).ends_with("Connection: close\r\n\r\n"));
  EXPECT_TRUE(HeadOf(Ok(), {}).ends_with("Connection: keep-alive\r\n\r\n"));
}

TEST(ReplyHead, AnnouncesTheIdleTimeoutInSeconds) {
  const auto head = [](int milliseconds) {
    return HeadOf(Ok(), {.idle_timeout = std::chrono::milliseconds(milliseconds)});
  };
  EXPECT_TRUE(
      head(75'000).ends_with("\r\nConnection: keep-alive\r\nKeep-Alive: timeout=75\r\n\r\n"));
  EXPECT_TRUE(head(1'999).ends_with("\r\nConnection: keep-alive\r\nKeep-Alive: timeout=1\r\n\r\n"));
  EXPECT_TRUE(head(999).ends_with("\r\nConnection: keep-alive\r\n\r\n"));
}

TEST(ReplyHead, AnnouncesTheTrailersOfAChunkedBody) {
  Response response = Ok();
  response.trailers = {{"X-A", "1"}, {"X-B", "2"}};
  const std::string head = HeadOf(response, {.framing = Framing::kChunked, .has_trailers = true});
  EXPECT_NE(head.find("\r\nTransfer-Encoding: chunked\r\nTrailer: X-A, X-B\r\n"),
            std::string::npos);
  EXPECT_EQ(HeadOf(response, {.framing = Framing::kChunked}).find("Trailer"), std::string::npos);
}

TEST(ReplyHead, TheLastChunkHasTheTrailers) {
  std::string out;
  AppendLastChunk(out, {});
  EXPECT_EQ(out, "0\r\n\r\n");
  out.clear();
  AppendLastChunk(out, {{"X-A", "1"}});
  EXPECT_EQ(out, "0\r\nX-A: 1\r\n\r\n");
}

TEST(ReplyHead, HasTheReasonsOfConnectsStatuses) {
  Response canceled = Ok();
  canceled.status = 499;
  EXPECT_TRUE(HeadOf(canceled, {}).starts_with("HTTP/1.1 499 "));
}

TEST(ReplyHead, AnEmptyPieceIsNotAChunk) {
  std::string out;
  AppendChunk(out, "");
  EXPECT_EQ(out, "");
  AppendChunk(out, std::string(26, 'a'));
  EXPECT_EQ(out, "1a\r\n" + std::string(26, 'a') + "\r\n");
}

TEST(IsSendable, RefusesWhatWouldBreakTheReply) {
  EXPECT_TRUE(IsSendable(Ok()));
  const auto with = [](std::string name, std::string value) {
    Response response = Ok();
    response.headers.emplace_back(std::move(name), std::move(value));
    return IsSendable(response);
  };
  EXPECT_TRUE(with("X-A", "b c\t\xc3\xa4"));
  EXPECT_TRUE(with("X-A", ""));
  EXPECT_FALSE(with("X-A", "b\r\nc: d"));
  EXPECT_FALSE(with("X-A", "b\n"));
  EXPECT_FALSE(with("X-A", std::string("b\0c", 3)));
  EXPECT_FALSE(with("X A", "b"));
  EXPECT_FALSE(with("X-A:", "b"));
  EXPECT_FALSE(with("", "b"));
  for (const char* own : {"content-length", "Transfer-Encoding", "CONNECTION", "Date", "trailer"}) {
    EXPECT_FALSE(with(own, "1")) << own;
  }
  for (const int status : {-1, 0, 100, 199, 600, 1000}) {
    Response response = Ok();
    response.status = status;
    EXPECT_FALSE(IsSendable(response)) << status;
  }
  Response split = Ok();
  split.content_type = "a\r\nb: c";
  EXPECT_FALSE(IsSendable(split));
}

TEST(IsSendable, RefusesTrailersThatMustComeBeforeTheBody) {
  EXPECT_TRUE(AreSendableTrailers({{"X-A", "1"}}));
  EXPECT_FALSE(AreSendableTrailers({{"X-A", "1\r\n"}}));
  for (const char* early : {"Content-Length", "content-type", "Set-Cookie", "Trailer"}) {
    EXPECT_FALSE(AreSendableTrailers({{early, "1"}})) << early;
    Response response = Ok();
    response.trailers = {{early, "1"}};
    EXPECT_FALSE(IsSendable(response)) << early;
  }
}

TEST(DateText, FollowsTheRfc) {
  DateText date;
  EXPECT_EQ(date.At(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(date.At(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(date.At(784111778), "Sun, 06 Nov 1994 08:49:38 GMT");
}

}  // namespace
}  // namespace coupond::http
