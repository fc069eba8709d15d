#include "rpc/connect/envelope.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <google/protobuf/any.pb.h>

#include <boost/json.hpp>
#include <string>
#include <string_view>

#include "every_kind.pb.h"
#include "rpc/json/base64.h"

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
                "of 6 bytes, but only " + std::to_string(length - kEnvelopeHeadBytes) + " follow");
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
              "limit of 1000 bytes");
  // The announced length alone is refused, without waiting for the message.
  ExpectError(Head(0, std::string_view("\0\0\x03\xe9", 4)), Code::kResourceExhausted, "1000");
  ExpectError(Head(1, "\xff\xff\xff\xff"), Code::kResourceExhausted, "1000");
  ExpectError(Head(0, std::string_view("\x80\0\0\0", 4)) + "x", Code::kResourceExhausted, "1000");
  ExpectError(Head(0, std::string_view("\0\0\x03\xe8", 4)), Code::kInvalidArgument,
              "only 0 follow");
  EXPECT_TRUE(ReadOnlyEnvelope(Wrapped(0, ""), 0).has_value());
}

Error WithDetail() {
  Error error{.code = Code::kNotFound, .message = "no \"x\""};
  connecttest::Item item;
  item.set_code("a");
  error.AddDetail(item);
  return error;
}

TEST(ConnectStreamEnd, OmitsWhatIsEmpty) {
  EXPECT_EQ(ConnectStreamEnd(nullptr, {}), "{}");
  const Error error{.code = Code::kNotFound, .message = "no \"x\""};
  EXPECT_EQ(ConnectStreamEnd(&error, {}), R"({"error":{"code":"not_found","message":"no \"x\""}})");
  EXPECT_EQ(ConnectStreamEnd(nullptr, {{"a", "1"}}), R"({"metadata":{"a":["1"]}})");
  EXPECT_EQ(ConnectStreamEnd(&error, {{"a", "1"}}),
            R"({"error":{"code":"not_found","message":"no \"x\""},"metadata":{"a":["1"]}})");
}

TEST(ConnectStreamEnd, DetailsAreThoseOfAUnaryError) {
  const Error error = WithDetail();
  EXPECT_EQ(ConnectStreamEnd(&error, {}), "{\"error\":" + ErrorJson(error) + "}");
}

TEST(ConnectStreamEnd, GroupsValuesByNameInAnyCase) {
  EXPECT_EQ(ConnectStreamEnd(nullptr, {{"X-A", "1"}, {"x-b", "2"}, {"x-a", "3"}, {"X-a", ""}}),
            R"({"metadata":{"X-A":["1","3",""],"x-b":["2"]}})");
}

TEST(ConnectStreamEnd, AnErrorsHeadersFollowTheTrailers) {
  const Error error{.code = Code::kUnavailable, .headers = {{"Retry-After", "1"}, {"A", "2"}}};
  EXPECT_EQ(ConnectStreamEnd(&error, {{"a", "1"}}),
            R"({"error":{"code":"unavailable"},"metadata":{"a":["1","2"],"Retry-After":["1"]}})");
}

TEST(ConnectStreamEnd, IsJsonWhateverTheValues) {
  for (const std::string& value :
       {std::string("\"},\"error\":{"), std::string("a\r\nb"), std::string("\0\x1f\x7f", 3),
        std::string("\\"), std::string("\xff\xfe"), std::string("한")}) {
    const Error error{.code = Code::kUnknown, .message = value};
    boost::json::error_code failed;
    const auto json = boost::json::parse(ConnectStreamEnd(&error, {{value, value}}), failed);
    ASSERT_FALSE(failed) << value;
    EXPECT_EQ(json.as_object().size(), 2U);
    EXPECT_EQ(json.at("error").at("code").as_string(), "unknown");
    EXPECT_EQ(json.at("metadata").as_object().size(), 1U);
  }
}

TEST(GrpcWebTrailers, HaveTheCodeAndTheEncodedMessage) {
  EXPECT_EQ(GrpcWebTrailers(nullptr, {}), "grpc-status: 0\r\n");
  const Error bare{.code = Code::kUnauthenticated};
  EXPECT_EQ(GrpcWebTrailers(&bare, {}), "grpc-status: 16\r\n");
  const Error error{.code = Code::kNotFound, .message = "50% of\r\nx: y"};
  EXPECT_EQ(GrpcWebTrailers(&error, {}), "grpc-status: 5\r\ngrpc-message: 50%25 of%0D%0Ax: y\r\n");
}

TEST(GrpcWebTrailers, HaveLowerCaseNamesAndMayRepeat) {
  EXPECT_EQ(GrpcWebTrailers(nullptr, {{"X-A", "1"}, {"x-b", ""}, {"x-a", "3"}}),
            "grpc-status: 0\r\nx-a: 1\r\nx-b: \r\nx-a: 3\r\n");
  const Error error{.code = Code::kUnavailable, .headers = {{"Retry-After", "1"}}};
  EXPECT_EQ(GrpcWebTrailers(&error, {{"A", "1"}}), "grpc-status: 14\r\na: 1\r\nretry-after: 1\r\n");
}

TEST(GrpcWebTrailers, AValueWithALineBreakIsOmitted) {
  for (const std::string& value : {std::string("a\r\ngrpc-status: 0"), std::string("\n"),
                                   std::string("a\r"), std::string("a\0b", 3)}) {
    EXPECT_EQ(GrpcWebTrailers(nullptr, {{"bad", value}, {"good", "1"}}),
              "grpc-status: 0\r\ngood: 1\r\n");
  }
}

/// Returns the value of grpc-status-details-bin.
std::string Details(const Error& error) {
  constexpr std::string_view kName = "grpc-status-details-bin: ";
  const std::string trailers = GrpcWebTrailers(&error, {});
  const std::size_t start = trailers.find(kName);
  if (start == std::string::npos) return "none";
  const std::size_t end = trailers.find("\r\n", start);
  return trailers.substr(start + kName.size(), end - start - kName.size());
}

TEST(GrpcWebTrailers, DetailsHaveTheWireFormOfGoogleRpcStatus) {
  EXPECT_EQ(Details({.code = Code::kNotFound, .message = "x"}), "none");
  const std::string encoded = Details(WithDetail());
  EXPECT_EQ(encoded.find('='), std::string::npos) << "unpadded";
  const std::string type = "type.googleapis.com/connecttest.Item";
  // google.rpc.Status: code = 1, message = 2, details = 3; Any: type_url = 1, value = 2.
  std::string any = "\x0a" + std::string(1, static_cast<char>(type.size())) + type;
  any.append("\x12\x03\x0a\x01").append("a");
  std::string status = "\x08\x05\x12\x06no \"x\"\x1a";
  status.append(1, static_cast<char>(any.size())).append(any);
  EXPECT_EQ(DecodeBase64(encoded), status);
}

TEST(GrpcWebTrailers, DetailsSurviveAMessageThatIsNotUtf8) {
  Error error = WithDetail();
  error.message = "a\xff";
  const auto status = DecodeBase64(Details(error));
  ASSERT_TRUE(status.has_value());
  EXPECT_NE(status->find("connecttest.Item"), std::string::npos);
  EXPECT_EQ(status->find('\xff'), std::string::npos);
}

TEST(GrpcMessage, EncodesAllButPrintableAscii) {
  for (int i = 0; i < 256; ++i) {
    const std::string byte(1, static_cast<char>(i));
    const bool plain = i >= 0x20 && i <= 0x7e && i != '%';
    const std::string encoded = PercentEncodeGrpcMessage(byte);
    EXPECT_EQ(encoded.size(), plain ? 1U : 3U) << i;
    if (plain) {
      EXPECT_EQ(encoded, byte);
    }
  }
  EXPECT_EQ(PercentEncodeGrpcMessage("한 100%\t"), "%ED%95%9C 100%25%09");
  EXPECT_EQ(PercentEncodeGrpcMessage(""), "");
}

}  // namespace
}  // namespace coupond::connect
