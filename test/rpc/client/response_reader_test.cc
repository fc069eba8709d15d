#include "rpc/client/response_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>

namespace coupond::rpc_client {
namespace {

using Progress = ResponseReader::Progress;

// Passes the bytes to the reader in pieces of at most `piece` bytes.
Progress Feed(ResponseReader& reader, std::string_view bytes, std::size_t piece = 1 << 20) {
  Progress progress = Progress::kMore;
  while (!bytes.empty() && progress == Progress::kMore) {
    const auto space = reader.Space();
    const std::size_t count = std::min({piece, bytes.size(), space.size()});
    std::ranges::copy(bytes.substr(0, count), space.begin());
    progress = reader.Received(count);
    bytes.remove_prefix(count);
  }
  return progress;
}

constexpr std::string_view kOk =
    "HTTP/1.1 200 OK\r\nContent-Type: application/proto\r\nContent-Length: 5\r\n\r\nhello";
constexpr std::string_view kChunked =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n";

TEST(ResponseReader, ReadsAnswersHoweverTheBytesArrive) {
  for (const std::size_t piece : {1UL, 2UL, 7UL, 1000UL}) {
    ResponseReader reader(100);
    for (const std::string_view bytes : {kOk, kChunked, kOk}) {
      reader.Begin();
      ASSERT_EQ(Feed(reader, bytes, piece), Progress::kDone) << piece;
      EXPECT_EQ(reader.answer().status, 200);
      EXPECT_EQ(reader.answer().body, "hello");
      EXPECT_TRUE(reader.answer().keep_alive);
    }
    EXPECT_EQ(reader.answer().content_type, "application/proto");
  }
}

TEST(ResponseReader, ABodyWithoutALengthEndsWithTheConnection) {
  ResponseReader reader(100);
  ASSERT_EQ(Feed(reader, "HTTP/1.1 503 Busy\r\n\r\nlater"), Progress::kMore);
  EXPECT_EQ(reader.Ended(), Progress::kDone);
  EXPECT_EQ(reader.answer().status, 503);
  EXPECT_EQ(reader.answer().body, "later");
  EXPECT_FALSE(reader.answer().keep_alive);
}

TEST(ResponseReader, ATruncatedAnswerIsBroken) {
  ResponseReader reader(100);
  EXPECT_EQ(reader.Ended(), Progress::kBroken);
  for (std::size_t length = 1; length < kOk.size(); ++length) {
    reader.Begin();
    ASSERT_EQ(Feed(reader, kOk.substr(0, length)), Progress::kMore);
    EXPECT_EQ(reader.Ended(), Progress::kBroken) << length;
  }
}

// Beast aborts the program when it is given this ending in these pieces.
TEST(ResponseReader, AnEmptyChunkedBodyMayComeInPieces) {
  for (const std::string_view trailer : {"", "X-Checksum: 1\r\nContent-Type: text/html\r\n"}) {
    ResponseReader reader(100);
    ASSERT_EQ(Feed(reader, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
              Progress::kMore);
    ASSERT_EQ(Feed(reader, "0\r\n"), Progress::kMore);
    ASSERT_EQ(Feed(reader, trailer, 1), Progress::kMore);
    ASSERT_EQ(Feed(reader, "\r"), Progress::kMore);
    EXPECT_EQ(Feed(reader, "\n"), Progress::kDone) << reader.fault();
    EXPECT_EQ(reader.answer().content_type, "") << "a trailer is no header";
  }
}

// A message of a stream must be available when it arrives, and not only when the next one does.
TEST(ResponseReader, ReturnsTheLastBytesOfAChunkBeforeItsLineEnd) {
  ResponseReader reader(100);
  const std::string_view head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n";
  ASSERT_EQ(Feed(reader, head), Progress::kMore);
  ASSERT_EQ(Feed(reader, "ab"), Progress::kMore);
  EXPECT_EQ(reader.answer().body, "ab");
  ASSERT_EQ(Feed(reader, "c"), Progress::kMore);
  EXPECT_EQ(reader.answer().body, "abc");
  EXPECT_EQ(Feed(reader, "\r\n0\r\n\r\n", 1), Progress::kDone);
}

TEST(ResponseReader, SkipsInterimAnswersHoweverTheyArrive) {
  const std::string interim =
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nContent-Type: text/html\r\n"
      "Connection: close\r\n\r\n";
  for (const std::size_t piece : {1UL, 7UL, 1000UL}) {
    ResponseReader reader(100);
    ASSERT_EQ(Feed(reader, interim + interim + std::string(kOk), piece), Progress::kDone);
    EXPECT_EQ(reader.answer().status, 200);
    EXPECT_EQ(reader.answer().content_type, "application/proto");
    EXPECT_TRUE(reader.answer().keep_alive);
  }
  ResponseReader reader(100);
  ASSERT_EQ(Feed(reader, interim), Progress::kMore);
  EXPECT_EQ(reader.Ended(), Progress::kBroken);
  EXPECT_EQ(reader.fault(), "the connection was closed before it came");
}

TEST(ResponseReader, EndlessInterimAnswersAreBroken) {
  ResponseReader reader(100);
  std::string many;
  for (int i = 0; i < 1'000; ++i) many += "HTTP/1.1 102 Processing\r\n\r\n";
  EXPECT_EQ(Feed(reader, many), Progress::kBroken);
  EXPECT_EQ(reader.fault(), "there were more than 20 interim answers (1xx) before it");
  reader.Begin();
  EXPECT_EQ(Feed(reader, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n"),
            Progress::kBroken);
}

TEST(ResponseReader, SaysWhatIsWrong) {
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  const struct {
    std::string bytes;
    std::string_view fault;
  } cases[] = {
      {"SSH-2.0-OpenSSH\r\n\r\n", "it is not HTTP/1.1"},
      {"HTTP/2.0 200 OK\r\n\r\n", "it is not HTTP/1.1"},
      {"HTTP/1.1 20 OK\r\n\r\n", "it is not HTTP/1.1"},
      {"HTTP/1.1 000 No\r\n\r\n", "its header is malformed"},
      {ok + "no colon\r\n\r\n", "its header is malformed"},
      {ok + "X: " + std::string(10'000, 'x') + "\r\n\r\n", "its header is larger than 8 KiB"},
      {ok + "Content-Length: -1\r\n\r\n",
       "its Content-Length is not a number, or comes with a Transfer-Encoding"},
      {ok + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
       "it has two different values of Content-Length"},
      {ok + "Content-Length: 18446744073709551615\r\n\r\n", "its body is too large"},
      {ok + "Content-Length: 99999999999999999999\r\n\r\n",
       "its Content-Length is not a number, or comes with a Transfer-Encoding"},
      {ok + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nabc",
       "its Content-Length is not a number, or comes with a Transfer-Encoding"},
      {ok + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc",
       "it has two Transfer-Encodings, or one and a Content-Length"},
      {ok + "Transfer-Encoding: gzip, chunked\r\n\r\n", "its Transfer-Encoding is not \"chunked\""},
      {ok + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", "its chunks are malformed"},
      {ok + "Transfer-Encoding: chunked\r\n\r\n3\r\nabcdef\r\n", "its chunks are malformed"},
      {ok + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n", "its body is too large"},
  };
  for (const auto& test : cases) {
    for (const std::size_t piece : {1UL, 1UL << 20}) {
      ResponseReader reader(100);
      EXPECT_EQ(Feed(reader, test.bytes, piece), Progress::kBroken) << test.bytes;
      EXPECT_EQ(reader.fault(), test.fault) << test.bytes;
    }
  }
}

TEST(ResponseReader, AnAnswerWithoutABodyEndsBeforeWhatFollows) {
  for (const std::string_view bytes : {"HTTP/1.1 204 No Content\r\n\r\n",
                                       "HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\n"}) {
    ResponseReader reader(100);
    EXPECT_EQ(Feed(reader, bytes), Progress::kDone);
    EXPECT_EQ(reader.answer().body, "");
    reader.Begin();
    EXPECT_EQ(Feed(reader, std::string(bytes) + "body"), Progress::kBroken);
    EXPECT_EQ(reader.fault(), "there are bytes after its end");
  }
}

TEST(ResponseReader, ReadsUnusualButValidAnswers) {
  for (const std::string_view bytes :
       {"HTTP/1.1 200 \r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: CHUNKED\r\n\r\n"
        "5;name=value;other=\"quoted\"\r\nhello\r\n000;last\r\nTrailer: yes\r\n\r\n"}) {
    ResponseReader reader(5);
    EXPECT_EQ(Feed(reader, bytes, 1), Progress::kDone) << bytes << reader.fault();
    EXPECT_EQ(reader.answer().body, "hello");
  }
}

TEST(ResponseReader, OtherTooLargeOrUnrequestedBytesAreBroken) {
  ResponseReader reader(4);
  EXPECT_EQ(Feed(reader, kOk), Progress::kBroken);
  reader.Begin();
  EXPECT_EQ(Feed(reader, "SSH-2.0-OpenSSH\r\n\r\n"), Progress::kBroken);
  ResponseReader other(100);
  std::string two(kOk);
  two.append("HTTP/1.1 200 OK\r\n");
  EXPECT_EQ(Feed(other, two), Progress::kBroken);
  other.Begin();
  EXPECT_EQ(Feed(other, "HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x')), Progress::kBroken);
  other.Begin();
  EXPECT_EQ(Feed(other, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;" +
                            std::string(100'000, 'x')),
            Progress::kBroken);
}

TEST(ResponseReader, ReadsLargeBodies) {
  ResponseReader reader(1 << 20);
  const std::string body(1 << 20, 'b');
  EXPECT_EQ(
      Feed(reader,
           "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body,
           5000),
      Progress::kDone);
  EXPECT_EQ(reader.answer().body, body);
}

}  // namespace
}  // namespace coupond::rpc_client
