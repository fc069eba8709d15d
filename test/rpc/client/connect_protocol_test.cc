#include "rpc/client/connect_protocol.h"

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
            "Coupond-Strict: 1\r\n"
            "Content-Length: 4\r\n\r\nbody");
}

TEST(ConnectProtocol, ACallForAStreamIsOneEnvelope) {
  const std::string message(258, 'm');
  EXPECT_EQ(EncodeStreamCall({.host = "::1", .port = "80"}, "WatchCampaign", message),
            "POST /coupon.v1.CouponService/WatchCampaign HTTP/1.1\r\n"
            "Host: [::1]:80\r\n"
            "Content-Type: application/connect+proto\r\n"
            "Connect-Protocol-Version: 1\r\n"
            "Coupond-Strict: 1\r\n"
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
  EXPECT_TRUE(IsRefusal(gone.error()));
  for (const char* json :
       {R"({"error":{}})", R"({"error":7})", R"({"error":null})", "[]", "", "{"}) {
    const auto end = DecodeStreamEnd(json);
    ASSERT_FALSE(end.has_value()) << json;
    EXPECT_FALSE(IsRefusal(end.error())) << json;
  }
}

TEST(ConnectProtocol, ErrorsKeepCodeAndMessage) {
  const CallError error = DecodeError(
      Answer(404, "application/json", R"({"code":"not_found","message":"no such campaign"})"));
  EXPECT_EQ(error.code, "not_found");
  EXPECT_EQ(error.message, "no such campaign");
  EXPECT_FALSE(error.may_be_done);
  EXPECT_TRUE(IsRefusal(error));
}

TEST(ConnectProtocol, UnavailableLeavesTheOutcomeOpen) {
  const CallError error = DecodeError(Answer(503, "application/json", R"({"code":"unavailable"})"));
  EXPECT_TRUE(error.may_be_done);
  EXPECT_FALSE(IsRefusal(error));
}

TEST(ConnectProtocol, AnErrorIsConnectsOnlyAsTheProtocolWritesIt) {
  const std::string json = R"({"code":"not_found","message":"no such campaign","more":{"a":[]}})";
  EXPECT_FALSE(DecodeError(Answer(404, "Application/JSON; charset=utf-8", json)).foreign);
  for (const HttpAnswer& answer :
       {Answer(200, "application/json", json), Answer(404, "application/json", R"({"code":7})"),
        Answer(404, "application/json", R"({"code":"E404","message":"no route"})"),
        Answer(404, "application/json", R"({"code":"not_found","message":"\xff"})"),
        Answer(404, "application/json", json + "x"), Answer(404, "text/html", "<html>")}) {
    const CallError error = DecodeError(answer);
    EXPECT_TRUE(error.foreign) << answer.body;
    EXPECT_FALSE(IsRefusal(error)) << answer.body;
  }
}

TEST(ConnectProtocol, OnlyAProtobufBodyWithStatus200IsAMessage) {
  EXPECT_TRUE(IsMessage(Answer(200, "application/proto", "")));
  EXPECT_TRUE(IsMessage(Answer(200, "Application/Proto ; charset=utf-8", "")));
  EXPECT_TRUE(IsStream(Answer(200, "application/CONNECT+proto;x=y", "")));
  EXPECT_FALSE(IsMessage(Answer(200, "application/protobuf", "")));
  HttpAnswer compressed = Answer(200, "application/proto", "");
  compressed.content_encoding = "gzip";
  EXPECT_FALSE(IsMessage(compressed));
  EXPECT_FALSE(IsMessage(Answer(200, "application/json", "{}")));
  EXPECT_FALSE(IsMessage(Answer(500, "application/proto", "")));
}

}  // namespace
}  // namespace coupond::ctl
