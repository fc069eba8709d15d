#include "rpc/client/foreign_answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace coupond::ctl {
namespace {

using testing::HasSubstr;
using testing::Not;

HttpAnswer Html(int status, std::string body) {
  return {.status = status,
          .content_type = "text/html; charset=utf-8",
          .body = std::move(body),
          .server = "nginx/1.22.1"};
}

TEST(ForeignAnswer, TheCodeIsThatOfConnectsTable) {
  const struct {
    int status;
    std::string_view code;
    bool may_be_done;
  } cases[] = {
      {200, "unknown", true},          {204, "unknown", true},
      {301, "unknown", false},         {400, "internal", false},
      {401, "unauthenticated", false}, {403, "permission_denied", false},
      {404, "unimplemented", false},   {405, "unknown", false},
      {408, "unknown", false},         {418, "unknown", false},
      {429, "unavailable", false},     {499, "unknown", true},
      {500, "unknown", true},          {502, "unavailable", true},
      {503, "unavailable", true},      {504, "unavailable", true},
      {599, "unknown", true},
  };
  for (const auto& test : cases) {
    const CallError error = ForeignAnswer(Html(test.status, ""));
    EXPECT_EQ(error.code, test.code) << test.status;
    EXPECT_EQ(error.may_be_done, test.may_be_done) << test.status;
    EXPECT_TRUE(error.foreign);
    EXPECT_FALSE(IsRefusal(error)) << test.status;
  }
}

TEST(ForeignAnswer, AProxysPageIsNamedWithWhatToCheck) {
  const std::string page =
      "<html>\r\n<head><TITLE lang=en>502\r\n  Bad Gateway</TITLE></head>\r\n<body>x</body></html>";
  EXPECT_EQ(ForeignAnswer(Html(502, page)).message,
            "something that is not coupond answered: HTTP status 502, text/html; charset=utf-8, "
            "from nginx/1.22.1, \"502 Bad Gateway\"; check --server, and whether what answered "
            "reaches coupond");
  EXPECT_EQ(ForeignAnswer({.status = 404, .content_type = "", .body = ""}).message,
            "something that is not coupond answered: HTTP status 404, no content type; check "
            "--server");
}

TEST(ForeignAnswer, WithoutATitleTheFirstWordsAreShown) {
  EXPECT_THAT(ForeignAnswer(Html(503, "<h1>Back</h1><p>soon</p>")).message,
              HasSubstr("\"Back soon\""));
  EXPECT_THAT(ForeignAnswer(Html(503, "<title></title>Soon")).message, HasSubstr("\"Soon\""));
  EXPECT_THAT(ForeignAnswer({.status = 404,
                             .content_type = "application/json",
                             .body = R"({"message":"no Route matched"})"})
                  .message,
              HasSubstr(R"("{"message":"no Route matched"}")"));
  EXPECT_THAT(
      ForeignAnswer({.status = 200, .content_type = "image/png", .body = "\x89PNG"}).message,
      Not(HasSubstr("PNG")));
}

TEST(ForeignAnswer, NothingSteersTheTerminalOrFillsIt) {
  HttpAnswer answer;
  answer.status = 302;
  answer.content_type = "text/plain\x1b[31m";
  answer.body.assign(100'000, 'x').append("\x1b[2J\xff");
  answer.location = "http://\x1b]0;x\x07/\xff";
  answer.server.assign(5'000, 's');
  const std::string message = ForeignAnswer(answer).message;
  EXPECT_THAT(message, Not(HasSubstr("\x1b")));
  EXPECT_THAT(message, Not(HasSubstr("\xff")));
  EXPECT_LT(message.size(), 600U);
}

TEST(ForeignAnswer, ARedirectSaysWhereToAndIsNotFollowed) {
  HttpAnswer answer = Html(308, "");
  answer.location = "https://coupons.example/";
  EXPECT_THAT(ForeignAnswer(answer).message,
              HasSubstr("HTTP status 308 to https://coupons.example/, which is not followed"));
}

TEST(ForeignAnswer, CompressionThatWasNotAskedForIsNamed) {
  HttpAnswer answer = Html(200, "\x1f\x8b");
  answer.content_encoding = "gzip";
  EXPECT_THAT(ForeignAnswer(answer).message, HasSubstr("compressed with gzip without being asked"));
}

}  // namespace
}  // namespace coupond::ctl
