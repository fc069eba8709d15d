#include "rpc/http/http1/reply_head.h"

#include <gtest/gtest.h>

#include "rpc/http/date_line.h"

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

TEST(ReplyHead, HoldsWhatTheResponseSays) {
  Response response = Ok();
  response.status = 404;
  response.headers.emplace_back("Allow", "POST");
  EXPECT_EQ(HeadOf(response, {.content_length = 12, .date_line = "Date: now\r\n"}),
            "HTTP/1.1 404 Not Found\r\nDate: now\r\nContent-Type: application/json\r\n"
            "Content-Length: 12\r\nAllow: POST\r\n\r\n");
}

TEST(ReplyHead, SaysWhatBecomesOfTheConnection) {
  EXPECT_TRUE(
      HeadOf(Ok(), {.persistence = Persistence::kClose}).ends_with("Connection: close\r\n\r\n"));
  EXPECT_TRUE(HeadOf(Ok(), {.keep_alive_line = "Connection: keep-alive\r\n"})
                  .ends_with("Connection: keep-alive\r\n\r\n"));
}

TEST(ReplyHead, SaysHowLongAnIdleConnectionStaysInWholeSeconds) {
  using std::chrono::milliseconds;
  EXPECT_EQ(KeepAliveLine(milliseconds(75'000)),
            "Connection: keep-alive\r\nKeep-Alive: timeout=75\r\n");
  EXPECT_EQ(KeepAliveLine(milliseconds(1'999)),
            "Connection: keep-alive\r\nKeep-Alive: timeout=1\r\n");
  EXPECT_EQ(KeepAliveLine(milliseconds(999)), "Connection: keep-alive\r\n");
}

TEST(ReplyHead, KnowsTheConnectProtocolsStatuses) {
  Response canceled = Ok();
  canceled.status = 499;
  EXPECT_TRUE(HeadOf(canceled, {}).starts_with("HTTP/1.1 499 "));
}

TEST(ReplyHead, AnEmptyPieceIsNoChunk) {
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
  for (const char* own : {"content-length", "Transfer-Encoding", "CONNECTION", "Date"}) {
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

TEST(DateLine, IsWrittenAsTheRfcWantsIt) {
  DateLine line;
  EXPECT_EQ(line.At(784111777), "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
  EXPECT_EQ(line.At(784111777), "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
  EXPECT_EQ(line.At(784111778), "Date: Sun, 06 Nov 1994 08:49:38 GMT\r\n");
}

}  // namespace
}  // namespace coupond::http
