#include "couponctl/response_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>

namespace coupond::ctl {
namespace {

using Progress = ResponseReader::Progress;

// Hands the bytes over in pieces of at most `piece` bytes.
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

TEST(ResponseReader, ReadsOneAnswerAfterAnotherHoweverTheBytesArrive) {
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

TEST(ResponseReader, AnAnswerCutShortIsBroken) {
  ResponseReader reader(100);
  EXPECT_EQ(reader.Ended(), Progress::kBroken);
  for (std::size_t length = 1; length < kOk.size(); ++length) {
    reader.Begin();
    ASSERT_EQ(Feed(reader, kOk.substr(0, length)), Progress::kMore);
    EXPECT_EQ(reader.Ended(), Progress::kBroken) << length;
  }
}

TEST(ResponseReader, WhatIsNoHttpTooLargeOrUnaskedForIsBroken) {
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

TEST(ResponseReader, LargeBodiesComeWhole) {
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
}  // namespace coupond::ctl
