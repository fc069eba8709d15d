#include "rpc/http/http1/request_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <span>
#include <string>

namespace coupond::http {
namespace {

using Phase = RequestReader::Phase;
using Progress = RequestReader::Progress;

class RequestReaderTest : public testing::Test {
 protected:
  void Give(std::string_view bytes) {
    ASSERT_LE(bytes.size(), reader_.Space().size());
    std::ranges::copy(bytes, reader_.Space().begin());
    reader_.Commit(bytes.size());
  }
  Progress GiveAndParse(std::string_view bytes) {
    Give(bytes);
    return reader_.Parse();
  }

  Limits limits_;
  HostPolicy hosts_;
  RequestReader reader_{limits_, hosts_};
};

TEST_F(RequestReaderTest, ReportsThePhase) {
  EXPECT_EQ(reader_.phase(), Phase::kNothing);
  EXPECT_EQ(GiveAndParse("POST / HTTP/1.1\r\nHo"), Progress::kNeedMore);
  EXPECT_EQ(reader_.phase(), Phase::kHeader);
  EXPECT_EQ(GiveAndParse("st: x\r\nContent-Length: 2\r\n\r\n"), Progress::kNeedMore);
  EXPECT_EQ(reader_.phase(), Phase::kBody);
  EXPECT_EQ(GiveAndParse("a"), Progress::kNeedMore);
  EXPECT_EQ(GiveAndParse("b"), Progress::kWhole);
  reader_.Next();
  EXPECT_EQ(reader_.phase(), Phase::kNothing);
}

// Given this ending in these pieces, Beast fails an assertion and aborts the program.
TEST_F(RequestReaderTest, TheLastChunkMayArriveInPieces) {
  GiveAndParse("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  EXPECT_EQ(GiveAndParse("0\r\n"), Progress::kNeedMore);
  EXPECT_EQ(GiveAndParse("\r"), Progress::kNeedMore);
  EXPECT_EQ(GiveAndParse("\n"), Progress::kWhole);
}

// The header views are made while the block is still arriving, and must stay valid.
TEST_F(RequestReaderTest, HeadersStayWhileTheBodyIsRead) {
  std::string body(limits_.request_body_bytes_max, 'b');
  GiveAndParse("POST /path?query HTTP/1.1\r\nHost: x\r\nA");
  GiveAndParse(": " + std::string(7000, 'v') +
               "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n");
  Progress progress = Progress::kNeedMore;
  for (std::size_t at = 0; at < body.size();) {
    const std::size_t count = std::min(reader_.Space().size(), body.size() - at);
    progress = GiveAndParse(std::string_view(body).substr(at, count));
    at += count;
  }
  ASSERT_EQ(progress, Progress::kWhole);
  const Request request = reader_.request();
  EXPECT_EQ(request.path, "/path");
  EXPECT_EQ(request.query, "query");
  EXPECT_EQ(request.Header("a"), std::string(7000, 'v'));
  EXPECT_EQ(request.body, body);
}

TEST_F(RequestReaderTest, ABodyThatIsReadAtOnceIsNotCopied) {
  const std::string head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n";
  const std::span<const char> space = reader_.Space();
  EXPECT_EQ(GiveAndParse(head + "bodyPOST /2"), Progress::kWhole);
  EXPECT_EQ(reader_.request().body, "body");
  EXPECT_EQ(reader_.request().body.data(), space.data() + head.size());
  reader_.Next();
  EXPECT_EQ(GiveAndParse(" HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nin"),
            Progress::kNeedMore);
  EXPECT_EQ(GiveAndParse(" 2"), Progress::kWhole);
  EXPECT_EQ(reader_.request().path, "/2");
  EXPECT_EQ(reader_.request().body, "in 2");
}

TEST_F(RequestReaderTest, BytesAfterARequestBelongToTheNext) {
  const std::string one = "GET /1 HTTP/1.1\r\nHost: x\r\n\r\n";
  EXPECT_EQ(GiveAndParse(one + "GET /2"), Progress::kWhole);
  EXPECT_EQ(reader_.request().path, "/1");
  reader_.Next();
  EXPECT_EQ(reader_.phase(), Phase::kHeader);
  EXPECT_EQ(reader_.Parse(), Progress::kNeedMore);
  EXPECT_EQ(GiveAndParse(" HTTP/1.1\r\nHost: x\r\n\r\n"), Progress::kWhole);
  EXPECT_EQ(reader_.request().path, "/2");
}

TEST_F(RequestReaderTest, OnlyAWaitingClientIsToldToContinue) {
  const std::string head =
      "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\n";
  GiveAndParse(head);
  EXPECT_TRUE(reader_.TakeContinueWish());
  EXPECT_FALSE(reader_.TakeContinueWish());
  EXPECT_EQ(GiveAndParse("b"), Progress::kWhole);
  reader_.Next();

  GiveAndParse("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n");
  EXPECT_FALSE(reader_.TakeContinueWish());
  EXPECT_EQ(GiveAndParse("b"), Progress::kWhole);
  reader_.Next();

  GiveAndParse("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n");
  EXPECT_FALSE(reader_.TakeContinueWish());
}

}  // namespace
}  // namespace coupond::http
