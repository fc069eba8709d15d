#include "rpc/client/stream_reader.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "rpc/connect/envelope.h"

namespace coupond::rpc_client {
namespace {

constexpr std::size_t kMessageBytesMax = 1000;
std::string Envelope(std::string_view message, std::uint8_t flags = 0) {
  std::string envelope;
  connect::AppendEnvelope(flags, message, envelope);
  return envelope;
}

// Returns an answer whose body has these chunks and is not complete.
std::string Answer(const std::vector<std::string>& chunks) {
  std::string answer =
      "HTTP/1.1 200 OK\r\nContent-Type: application/connect+proto\r\n"
      "Transfer-Encoding: chunked\r\n\r\n";
  for (const std::string& chunk : chunks) {
    answer += fmt::format("{:x}\r\n{}\r\n", chunk.size(), chunk);
  }
  return answer;
}

// Returns the same answer, complete.
std::string WholeAnswer(const std::vector<std::string>& chunks) {
  return Answer(chunks).append("0\r\n\r\n");
}

const std::string& GoodEnd() {
  static const std::string end = Envelope("{}", connect::kConnectEndFlag);
  return end;
}

struct Read {
  std::vector<std::string> messages;
  std::optional<StreamEnd> end;
};

// Reads the bytes in pieces of at most `piece` bytes, and then the end of the connection if
// `closes`.
Read ReadAll(std::string_view bytes, std::size_t piece = 1 << 20, bool closes = false) {
  StreamReader reader(kMessageBytesMax);
  Read read;
  const auto take = [&] {
    while (const auto message = reader.Next()) read.messages.emplace_back(*message);
  };
  while (!bytes.empty() && !reader.end()) {
    const auto space = reader.Space();
    const std::size_t count = std::min({piece, bytes.size(), space.size()});
    std::ranges::copy(bytes.substr(0, count), space.begin());
    reader.Received(count);
    bytes.remove_prefix(count);
    take();
  }
  if (closes && !reader.end()) {
    reader.Closed();
    take();
  }
  read.end = reader.end();
  return read;
}

std::string WhyBroken(const Read& read) {
  if (!read.end) return "it goes on";
  return read.end->has_value() ? "it ended well" : read.end->error().message;
}

TEST(StreamReader, ReadsMessagesHoweverTheBytesAreCut) {
  const std::string large(kMessageBytesMax, 'x');
  // Envelopes and chunks have different boundaries.
  const std::string two = Envelope("one") + Envelope("");
  const std::string answer =
      WholeAnswer({two.substr(0, 3), two.substr(3), Envelope(large) + GoodEnd()});
  for (std::size_t piece = 1; piece <= answer.size(); ++piece) {
    const Read read = ReadAll(answer, piece);
    ASSERT_EQ(read.messages, (std::vector<std::string>{"one", "", large})) << piece;
    ASSERT_EQ(WhyBroken(read), "it ended well") << piece;
  }
}

TEST(StreamReader, ReturnsAMessageBeforeTheNextArrives) {
  const Read read = ReadAll(Answer({Envelope("one") + "half"}));
  EXPECT_EQ(read.messages, std::vector<std::string>{"one"});
  EXPECT_FALSE(read.end.has_value());
}

TEST(StreamReader, AStreamMayBeOfAnyLength) {
  std::vector<std::string> chunks(500, Envelope(std::string(kMessageBytesMax, 'm')));
  chunks.push_back(GoodEnd());
  const Read read = ReadAll(WholeAnswer(chunks), 5000);
  EXPECT_EQ(read.messages.size(), 500U);
  EXPECT_EQ(WhyBroken(read), "it ended well");
}

TEST(StreamReader, AnErrorAtTheEndComesAfterTheMessages) {
  const Read read =
      ReadAll(Answer({Envelope("one") +
                      Envelope(R"({"error":{"code":"unavailable"}})", connect::kConnectEndFlag)}));
  EXPECT_EQ(read.messages, std::vector<std::string>{"one"});
  ASSERT_TRUE(read.end && !read.end->has_value());
  EXPECT_EQ(read.end->error().code, connect::Code::kUnavailable);
}

TEST(StreamReader, AnErrorInsteadOfAStreamIsReturned) {
  const std::string body = R"({"code":"not_found","message":"no such campaign"})";
  const std::string answer = fmt::format(
      "HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\n"
      "Content-Length: {}\r\n\r\n{}",
      body.size(), body);
  const Read read = ReadAll(answer, 7);
  ASSERT_TRUE(read.end && !read.end->has_value());
  EXPECT_EQ(read.end->error().code, connect::Code::kNotFound);
  EXPECT_EQ(WhyBroken(read), "no such campaign");
}

TEST(StreamReader, AStreamWithoutItsEndIsCutOff) {
  const std::string whole = Answer({Envelope("one"), GoodEnd()});
  const std::size_t end_complete = whole.size() - std::string_view("\r\n").size();
  for (std::size_t length = 0; length < end_complete; ++length) {
    const Read read = ReadAll(std::string_view(whole).substr(0, length), 1 << 20, true);
    ASSERT_EQ(WhyBroken(read), "the stream was cut off") << length;
  }
  // An answer may be complete as HTTP and still lack the end of its stream.
  EXPECT_EQ(WhyBroken(ReadAll(WholeAnswer({Envelope("one")}))), "the stream was cut off");
}

TEST(StreamReader, DoesNotWaitForATooLargeMessage) {
  const std::string large = Envelope(std::string(kMessageBytesMax + 1, 'x'));
  const Read read = ReadAll(Answer({Envelope("one") + large.substr(0, 5)}));
  EXPECT_EQ(read.messages, std::vector<std::string>{"one"});
  EXPECT_EQ(WhyBroken(read), "a message is too large");
}

TEST(StreamReader, OtherBytesAreBroken) {
  EXPECT_EQ(WhyBroken(ReadAll("SSH-2.0-OpenSSH\r\n\r\n")),
            "the answer cannot be read: it is not HTTP/1.1");
  EXPECT_EQ(WhyBroken(ReadAll(Answer({}) + "zzz\r\n")),
            "the answer cannot be read: its chunks are malformed");
  EXPECT_EQ(WhyBroken(ReadAll(Answer({Envelope("one", 0x40)}))), "unknown envelope flags 64");
  EXPECT_EQ(WhyBroken(ReadAll(Answer({Envelope("one", connect::kCompressedFlag)}))),
            "a message is compressed although that was not requested");
  EXPECT_EQ(WhyBroken(ReadAll(Answer({Envelope("no JSON", connect::kConnectEndFlag)}))),
            "the end of the stream cannot be read");
}

}  // namespace
}  // namespace coupond::rpc_client
