#include "couponctl/connect_protocol.h"

#include <gtest/gtest.h>

namespace coupond::ctl {
namespace {

HttpAnswer Answer(int status, std::string content_type, std::string body) {
  return {.status = status,
          .keep_alive = true,
          .content_type = std::move(content_type),
          .body = std::move(body)};
}

TEST(ConnectProtocol, ACallIsOnePost) {
  EXPECT_EQ(EncodeCall({.host = "::1", .port = "80"}, "IssueCoupon", "body"),
            "POST /coupon.v1.CouponService/IssueCoupon HTTP/1.1\r\n"
            "Host: [::1]:80\r\n"
            "Content-Type: application/proto\r\n"
            "Connect-Protocol-Version: 1\r\n"
            "Content-Length: 4\r\n\r\nbody");
}

TEST(ConnectProtocol, ACallForAStreamIsOneEnvelope) {
  const std::string message(258, 'm');
  EXPECT_EQ(EncodeStreamCall({.host = "::1", .port = "80"}, "WatchCampaign", message),
            "POST /coupon.v1.CouponService/WatchCampaign HTTP/1.1\r\n"
            "Host: [::1]:80\r\n"
            "Content-Type: application/connect+proto\r\n"
            "Connect-Protocol-Version: 1\r\n"
            "Content-Length: 263\r\n\r\n" +
                std::string("\0\0\0\1\2", 5) + message);
}

TEST(ConnectProtocol, TheEndOfAStreamIsGoodOrSaysWhyNot) {
  EXPECT_TRUE(DecodeStreamEnd("{}").has_value());
  EXPECT_TRUE(DecodeStreamEnd(R"({"metadata":{"a":["b"]}})").has_value());
  const auto gone = DecodeStreamEnd(R"({"error":{"code":"not_found","message":"gone"}})");
  ASSERT_FALSE(gone.has_value());
  EXPECT_EQ(gone.error().code, "not_found");
  EXPECT_EQ(gone.error().message, "gone");
  EXPECT_EQ(ExitCodeOf(gone.error()), ExitCode::kRefused);
  for (const char* json :
       {R"({"error":{}})", R"({"error":7})", R"({"error":null})", "[]", "", "{"}) {
    const auto end = DecodeStreamEnd(json);
    ASSERT_FALSE(end.has_value()) << json;
    EXPECT_EQ(ExitCodeOf(end.error()), ExitCode::kFailed) << json;
  }
}

TEST(ConnectProtocol, ErrorsKeepCodeAndMessage) {
  const CallError error = DecodeError(
      Answer(404, "application/json", R"({"code":"not_found","message":"no such campaign"})"));
  EXPECT_EQ(error.code, "not_found");
  EXPECT_EQ(error.message, "no such campaign");
  EXPECT_FALSE(error.may_be_done);
  EXPECT_EQ(ExitCodeOf(error), ExitCode::kRefused);
}

TEST(ConnectProtocol, UnavailableLeavesTheOutcomeOpen) {
  const CallError error = DecodeError(Answer(503, "application/json", R"({"code":"unavailable"})"));
  EXPECT_TRUE(error.may_be_done);
  EXPECT_EQ(ExitCodeOf(error), ExitCode::kFailed);
}

TEST(ConnectProtocol, WithoutAConnectBodyTheStatusSpeaks) {
  EXPECT_EQ(DecodeError(Answer(502, "text/html", "<html>")).code, "unknown");
  EXPECT_EQ(DecodeError(Answer(503, "text/html", "<html>")).code, "unavailable");
  EXPECT_EQ(DecodeError(Answer(404, "application/json", R"({"code":7})")).code, "not_found");
  EXPECT_EQ(DecodeError(Answer(418, "", "")).code, "invalid_argument");
  EXPECT_EQ(ExitCodeOf(DecodeError(Answer(200, "text/html", "hello"))), ExitCode::kFailed);
  EXPECT_TRUE(DecodeError(Answer(200, "text/html", "hello")).may_be_done);
}

TEST(ConnectProtocol, OnlyAProtobufBodyWithStatus200IsAMessage) {
  EXPECT_TRUE(IsMessage(Answer(200, "application/proto", "")));
  EXPECT_FALSE(IsMessage(Answer(200, "application/json", "{}")));
  EXPECT_FALSE(IsMessage(Answer(500, "application/proto", "")));
}

}  // namespace
}  // namespace coupond::ctl
