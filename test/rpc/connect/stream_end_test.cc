#include "rpc/connect/envelope.h"

#include <google/protobuf/any.pb.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>
#include <string_view>

#include "every_kind.pb.h"
#include "rpc/json/base64.h"

namespace coupond::connect {
namespace {

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

/// The value of grpc-status-details-bin.
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
