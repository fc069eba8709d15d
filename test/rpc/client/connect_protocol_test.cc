#include "rpc/client/connect_protocol.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace coupond::rpc_client {
namespace {

using connect::Code;
using testing::HasSubstr;
using testing::Not;

HttpAnswer Answer(int status, std::string content_type, std::string body) {
  return {.status = status,
          .keep_alive = true,
          .content_type = std::move(content_type),
          .body = std::move(body)};
}

TEST(ConnectProtocol, ACallIsOnePost) {
  EXPECT_EQ(EncodeCall({.host = "::1", .port = "80"}, "/a.v1.Shop/Buy", "body",
                       {{"A-Header", "1"}, {"Another", "2"}}),
            "POST /a.v1.Shop/Buy HTTP/1.1\r\n"
            "Host: [::1]:80\r\n"
            "Content-Type: application/proto\r\n"
            "Connect-Protocol-Version: 1\r\n"
            "A-Header: 1\r\n"
            "Another: 2\r\n"
            "Content-Length: 4\r\n\r\nbody");
}

TEST(ConnectProtocol, ACallForAStreamIsOneEnvelope) {
  const std::string message(258, 'm');
  EXPECT_EQ(EncodeStreamCall({.host = "::1", .port = "80"}, "/a.v1.Shop/Watch", message),
            "POST /a.v1.Shop/Watch HTTP/1.1\r\n"
            "Host: [::1]:80\r\n"
            "Content-Type: application/connect+proto\r\n"
            "Connect-Protocol-Version: 1\r\n"
            "Content-Length: 263\r\n\r\n" +
                std::string("\0\0\0\1\2", 5) + message);
}

TEST(ConnectProtocol, TheEndOfAStreamMayCarryAnError) {
  EXPECT_TRUE(DecodeStreamEnd("{}").has_value());
  EXPECT_TRUE(DecodeStreamEnd(R"({"metadata":{"a":["b"]}})").has_value());
  const auto gone = DecodeStreamEnd(R"({"error":{"code":"not_found","message":"gone"}})");
  ASSERT_FALSE(gone.has_value());
  EXPECT_EQ(gone.error().code, Code::kNotFound);
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
  EXPECT_EQ(error.code, Code::kNotFound);
  EXPECT_EQ(error.message, "no such campaign");
  EXPECT_FALSE(error.may_be_done);
  EXPECT_TRUE(IsRefusal(error));
}

TEST(ConnectProtocol, UnavailableLeavesTheOutcomeOpen) {
  const CallError error = DecodeError(Answer(503, "application/json", R"({"code":"unavailable"})"));
  EXPECT_TRUE(error.may_be_done);
  EXPECT_FALSE(IsRefusal(error));
}

TEST(ConnectProtocol, OtherJsonIsNoConnectError) {
  const std::string json = R"({"code":"not_found","message":"no such campaign","more":{"a":[]}})";
  EXPECT_EQ(DecodeError(Answer(404, "Application/JSON; charset=utf-8", json)).failure,
            Failure::kAnswered);
  for (const HttpAnswer& answer :
       {Answer(200, "application/json", json), Answer(404, "application/json", R"({"code":7})"),
        Answer(404, "application/json", R"({"code":"E404","message":"no route"})"),
        Answer(404, "application/json", R"({"code":"not_found","message":"\xff"})"),
        Answer(404, "application/json", json + "x"), Answer(404, "text/html", "<html>")}) {
    const CallError error = DecodeError(answer);
    EXPECT_EQ(error.failure, Failure::kForeign) << answer.body;
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

HttpAnswer Html(int status, std::string body) {
  return {.status = status,
          .content_type = "text/html; charset=utf-8",
          .body = std::move(body),
          .server = "nginx/1.22.1"};
}

TEST(ForeignAnswer, TheCodeFollowsFromTheStatus) {
  const struct {
    int status;
    Code code;
    bool may_be_done;
  } cases[] = {
      {200, Code::kUnknown, true},          {204, Code::kUnknown, true},
      {301, Code::kUnknown, false},         {400, Code::kInternal, false},
      {401, Code::kUnauthenticated, false}, {403, Code::kPermissionDenied, false},
      {404, Code::kUnimplemented, false},   {405, Code::kUnknown, false},
      {408, Code::kUnknown, false},         {418, Code::kUnknown, false},
      {429, Code::kUnavailable, false},     {499, Code::kUnknown, true},
      {500, Code::kUnknown, true},          {502, Code::kUnavailable, true},
      {503, Code::kUnavailable, true},      {504, Code::kUnavailable, true},
      {599, Code::kUnknown, true},
  };
  for (const auto& test : cases) {
    const CallError error = DecodeError(Html(test.status, ""));
    EXPECT_EQ(error.code, test.code) << test.status;
    EXPECT_EQ(error.may_be_done, test.may_be_done) << test.status;
    EXPECT_EQ(error.failure, Failure::kForeign);
    EXPECT_EQ(error.http_status, test.status);
    EXPECT_FALSE(IsRefusal(error)) << test.status;
  }
}

TEST(ForeignAnswer, AProxysPageIsNamed) {
  const std::string page =
      "<html>\r\n<head><TITLE lang=en>502\r\n  Bad Gateway</TITLE></head>\r\n<body>x</body></html>";
  EXPECT_EQ(DecodeError(Html(502, page)).message,
            "the answer is not from a Connect server: HTTP status 502, text/html; charset=utf-8, "
            "from nginx/1.22.1, \"502 Bad Gateway\"");
  EXPECT_EQ(DecodeError({.status = 404, .content_type = "", .body = ""}).message,
            "the answer is not from a Connect server: HTTP status 404, no content type");
}

TEST(ForeignAnswer, WithoutATitleTheFirstWordsAreShown) {
  EXPECT_THAT(DecodeError(Html(503, "<h1>Back</h1><p>soon</p>")).message,
              HasSubstr("\"Back soon\""));
  EXPECT_THAT(DecodeError(Html(503, "<title></title>Soon")).message, HasSubstr("\"Soon\""));
  EXPECT_THAT(DecodeError({.status = 404,
                           .content_type = "application/json",
                           .body = R"({"message":"no Route matched"})"})
                  .message,
              HasSubstr(R"("{"message":"no Route matched"}")"));
  EXPECT_THAT(DecodeError({.status = 200, .content_type = "image/png", .body = "\x89PNG"}).message,
              Not(HasSubstr("PNG")));
}

TEST(ForeignAnswer, NothingControlsTheTerminalOrFloodsIt) {
  HttpAnswer answer;
  answer.status = 302;
  answer.content_type = "text/plain\x1b[31m";
  answer.body.assign(100'000, 'x').append("\x1b[2J\xff");
  answer.location = "http://\x1b]0;x\x07/\xff";
  answer.server.assign(5'000, 's');
  const std::string message = DecodeError(answer).message;
  EXPECT_THAT(message, Not(HasSubstr("\x1b")));
  EXPECT_THAT(message, Not(HasSubstr("\xff")));
  EXPECT_LT(message.size(), 600U);
}

TEST(ForeignAnswer, ARedirectIsNamedAndNotFollowed) {
  HttpAnswer answer = Html(308, "");
  answer.location = "https://coupons.example/";
  EXPECT_THAT(DecodeError(answer).message,
              HasSubstr("HTTP status 308 to https://coupons.example/, which is not followed"));
}

TEST(ForeignAnswer, UnrequestedCompressionIsReported) {
  HttpAnswer answer = Html(200, "\x1f\x8b");
  answer.content_encoding = "gzip";
  EXPECT_THAT(DecodeError(answer).message,
              HasSubstr("compressed with gzip although that was not requested"));
}

}  // namespace
}  // namespace coupond::rpc_client
