#include "rpc/connect/envelope.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace coupond::connect {
namespace {

using testing::HasSubstr;

constexpr std::size_t kBytesMax = 1'000;

std::string Head(std::uint8_t flags, std::string_view length) {
  return std::string(1, static_cast<char>(flags)).append(length);
}

std::string Wrapped(std::uint8_t flags, std::string_view message) {
  std::string bytes;
  AppendEnvelope(flags, message, bytes);
  return bytes;
}

void ExpectError(std::string_view body, Code code, std::string_view words) {
  const auto read = ReadOnlyEnvelope(body, kBytesMax);
  ASSERT_FALSE(read.has_value()) << body;
  EXPECT_EQ(read.error().code, code) << CodeName(read.error().code);
  EXPECT_THAT(read.error().message, HasSubstr(words));
}

TEST(Envelope, IsFlagsABigEndianLengthAndTheMessage) {
  EXPECT_EQ(Wrapped(0, ""), std::string(5, '\0'));
  EXPECT_EQ(Wrapped(kCompressedFlag, "abc"), std::string("\x01\0\0\0\x03", 5) + "abc");
  EXPECT_EQ(Wrapped(kConnectEndFlag, "{}"), std::string("\x02\0\0\0\x02", 5) + "{}");
  EXPECT_EQ(Wrapped(kGrpcWebTrailersFlag, ""), std::string("\x80\0\0\0\0", 5));
  EXPECT_EQ(Wrapped(0, std::string(0x012345, 'x')).substr(0, 5),
            std::string("\0\x00\x01\x23\x45", 5));
  EXPECT_EQ(Wrapped(0, std::string(200, 'x')).substr(0, 5), std::string("\0\0\0\0\xc8", 5));
}

TEST(Envelope, IsAppended) {
  std::string bytes = Wrapped(0, "one");
  AppendEnvelope(0, "two", bytes);
  EXPECT_EQ(bytes, Wrapped(0, "one") + Wrapped(0, "two"));
}

TEST(Envelope, ASingleOneIsReadWithItsFlag) {
  for (const std::string& message : {std::string(), std::string("x"), std::string(300, '\0')}) {
    for (const std::uint8_t flags : {std::uint8_t{0}, kCompressedFlag}) {
      const std::string body = Wrapped(flags, message);
      const auto read = ReadOnlyEnvelope(body, kBytesMax);
      ASSERT_TRUE(read.has_value()) << read.error().message;
      EXPECT_EQ(read->message, message);
      EXPECT_EQ(read->compressed, flags == kCompressedFlag);
    }
  }
}

TEST(Envelope, NoneAndSeveralAreUnimplemented) {
  ExpectError("", Code::kUnimplemented, "no message");
  ExpectError(Wrapped(0, "a") + Wrapped(0, "b"), Code::kUnimplemented, "more than one");
  ExpectError(Wrapped(0, "a") + "x", Code::kUnimplemented, "more than one");
  ExpectError(Wrapped(0, "") + Wrapped(0, ""), Code::kUnimplemented, "more than one");
}

TEST(Envelope, EveryTruncationIsInvalid) {
  const std::string whole = Wrapped(0, "abcdef");
  for (std::size_t length = 1; length < kEnvelopeHeadBytes; ++length) {
    ExpectError(whole.substr(0, length), Code::kInvalidArgument, "ends within an envelope's head");
  }
  for (std::size_t length = kEnvelopeHeadBytes; length < whole.size(); ++length) {
    ExpectError(whole.substr(0, length), Code::kInvalidArgument,
                "has 6 bytes, but only " + std::to_string(length - kEnvelopeHeadBytes) + " came");
  }
}

TEST(Envelope, EveryUnknownFlagIsInvalid) {
  for (int flags = 2; flags < 256; ++flags) {
    ExpectError(Wrapped(static_cast<std::uint8_t>(flags), "x"), Code::kInvalidArgument,
                "flags are " + std::to_string(flags) + ";");
  }
}

TEST(Envelope, LengthsEndAtTheLimit) {
  const std::string fits = Wrapped(0, std::string(kBytesMax, 'x'));
  EXPECT_TRUE(ReadOnlyEnvelope(fits, kBytesMax).has_value());
  ExpectError(Wrapped(0, std::string(kBytesMax + 1, 'x')), Code::kResourceExhausted,
              "more than 1000 bytes");
  // The announcement is enough: nobody waits for what it announces.
  ExpectError(Head(0, std::string_view("\0\0\x03\xe9", 4)), Code::kResourceExhausted, "1000");
  ExpectError(Head(1, "\xff\xff\xff\xff"), Code::kResourceExhausted, "1000");
  ExpectError(Head(0, std::string_view("\x80\0\0\0", 4)) + "x", Code::kResourceExhausted, "1000");
  ExpectError(Head(0, std::string_view("\0\0\x03\xe8", 4)), Code::kInvalidArgument, "only 0 came");
  EXPECT_TRUE(ReadOnlyEnvelope(Wrapped(0, ""), 0).has_value());
}

}  // namespace
}  // namespace coupond::connect
