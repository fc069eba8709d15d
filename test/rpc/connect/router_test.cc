#include "rpc/connect/router.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "every_kind.pb.h"
#include "fake_exchange.h"
#include "rpc/connect/cors.h"
#include "support/manual_executor.h"

namespace coupond::connect {
namespace {

using connecttest::Item;

constexpr std::string_view kMethod = "/test.Service/Echo";
constexpr std::string_view kPlain = "/Echo";

/// A router with a page, and with one method under both kinds of path, which echoes its request.
class RouterTest : public testing::Test {
 protected:
  RouterTest() {
    const auto echo = [this](const Item& item, std::unique_ptr<UnaryCall> call) {
      timeout_ = call->timeout();
      if (item.code() == "hold") {
        held_ = std::move(call);
      } else if (item.code() == "drop") {
        call.reset();
      } else if (item.code() == "fail") {
        call->Fail({.code = Code::kNotFound, .message = "no such item"});
      } else {
        call->Finish(item);
      }
    };
    router_.AddUnary<Item, Item>(std::string(kMethod), echo);
    router_.AddPlainJson<Item, Item>(std::string(kPlain), echo);
    // According to the .proto file, this one has no side effects.
    router_.AddPlainJson<Item, Item>("/Read", echo, "/connecttest.Probe/Look");
    router_.AddGet("/healthz", [](const http::Request&, std::shared_ptr<http::Exchange> exchange) {
      exchange->Respond({.status = 200, .content_type = "text/plain", .headers = {}, .body = "ok"});
    });
  }

  std::shared_ptr<FakeExchange> Send(std::string_view method, std::string_view path,
                                     std::string_view body, std::vector<http::HeaderField> headers,
                                     std::string_view query = {}) {
    auto exchange = std::make_shared<FakeExchange>();
    http::Request request;
    request.method = method;
    request.path = path;
    request.query = query;
    request.body = body;
    request.headers = headers;
    request.authority = "localhost:8080";
    router_.Handle(request, exchange);
    return exchange;
  }

  /// Makes a JSON call with further headers. Returns "200 body".
  std::string PostJson(std::string_view body, std::vector<http::HeaderField> headers = {},
                       std::string_view path = kMethod) {
    headers.push_back({"Content-Type", "application/json"});
    const auto exchange = Send("POST", path, body, headers);
    return std::to_string(exchange->response().status) + " " + exchange->response().body;
  }

  test::ManualExecutor executor_;
  Router router_{executor_,
                 {},
                 std::make_shared<const CorsPolicy>(
                     CorsOptions{.origins = {}, .advice = "; ask the operator"})};
  std::unique_ptr<UnaryCall> held_;
  std::optional<std::chrono::milliseconds> timeout_;
};

TEST_F(RouterTest, AnswersInTheCodecOfTheRequest) {
  EXPECT_EQ(PostJson(R"({"code":"x"})"), R"(200 {"code":"x"})");
  const auto exchange = Send("POST", kMethod, "\x0a\x01x", {{"content-type", "application/proto"}});
  EXPECT_EQ(exchange->response().status, 200);
  EXPECT_EQ(exchange->response().content_type, "application/proto");
  EXPECT_EQ(exchange->response().body, "\x0a\x01x");
}

TEST_F(RouterTest, ARequestLeavesNothingForTheNext) {
  EXPECT_EQ(PostJson(R"({"code":"x","issuedAt":"1970-01-01T00:00:00Z"})"),
            R"(200 {"code":"x","issuedAt":"1970-01-01T00:00:00Z"})");
  EXPECT_EQ(PostJson("{}"), R"(200 {"code":""})");
  EXPECT_EQ(PostJson(R"({"code":"x","issuedAt":1})").substr(0, 4), "400 ");
  EXPECT_EQ(PostJson("{}"), R"(200 {"code":""})");
}

TEST_F(RouterTest, PlainPathsRefuseWhatWouldBeIgnored) {
  EXPECT_EQ(
      PostJson(R"({"cod":"x"})", {}, kPlain),
      R"(400 {"code":"invalid_argument","message":"cod: unknown field; did you mean code?"})");
  EXPECT_EQ(
      PostJson(R"({"code":""})", {}, kPlain),
      R"(400 {"code":"invalid_argument","message":"code: is empty; give a value, or leave the )"
      R"(field out"})");
  EXPECT_EQ(PostJson(R"({"code":null})", {}, kPlain), R"(200 {"code":""})");
  EXPECT_EQ(PostJson(R"({"cod":"x"})"), R"(200 {"code":""})");
  EXPECT_EQ(PostJson(R"({"code":""})"), R"(200 {"code":""})");
  const auto exchange =
      Send("POST", kPlain, "{}", {{"Content-Type", "application/json"}}, "code=x");
  EXPECT_EQ(
      exchange->response().body,
      R"({"code":"invalid_argument","message":"code: unknown parameter; the fields of a POST )"
      R"(go into its body"})");
}

TEST_F(RouterTest, UnknownPathsAre404) {
  for (const char* path :
       {"/", "/Echo/", "/test.Service", "/test.service/echo", "", "/healthz/x"}) {
    const auto exchange = Send("POST", path, "{}", {{"Content-Type", "application/json"}});
    EXPECT_EQ(exchange->response().status, 404) << path;
    EXPECT_EQ(exchange->response().content_type, "application/json");
    EXPECT_TRUE(exchange->response().body.starts_with(R"({"code":"unimplemented","message":")"));
  }
}

TEST_F(RouterTest, WrongVerbsAre405WithTheAllowedOnes) {
  for (const char* verb : {"GET", "PUT", "DELETE", "OPTIONS", "HEAD", "post"}) {
    const auto exchange = Send(verb, kMethod, "", {});
    EXPECT_EQ(exchange->response().status, 405) << verb;
    EXPECT_EQ(exchange->Header("Allow"), "POST");
    EXPECT_TRUE(exchange->response().body.starts_with(R"({"code":"unknown","message":")"));
  }
  const auto exchange = Send("POST", "/healthz", "", {});
  EXPECT_EQ(exchange->response().status, 405);
  EXPECT_EQ(exchange->Header("Allow"), "GET, HEAD");
}

TEST_F(RouterTest, OptionsOfTheServerAre204) {
  const auto exchange = Send("OPTIONS", "*", "", {});
  EXPECT_EQ(exchange->response().status, 204);
  EXPECT_EQ(exchange->Header("Allow"), "GET, HEAD, POST, OPTIONS");
  EXPECT_EQ(Send("GET", "*", "", {})->response().status, 404);
}

TEST_F(RouterTest, APageOfAnotherOriginMayNotWrite) {
  for (const char* origin : {"http://evil.example", "null", "", "http://localhost:3000"}) {
    for (const std::string_view path : {kMethod, kPlain}) {
      const std::string answer = PostJson("{}", {{"origin", origin}}, path);
      EXPECT_TRUE(answer.starts_with(R"(403 {"code":"permission_denied","message":")")) << answer;
      EXPECT_NE(answer.find("; ask the operator"), std::string::npos) << answer;
    }
    const auto web = Send("POST", kMethod, std::string(5, '\0'),
                          {{"Content-Type", "application/grpc-web+proto"}, {"Origin", origin}});
    EXPECT_EQ(web->response().status, 200);
    EXPECT_NE(web->response().body.find("grpc-status: 7\r\n"), std::string::npos);
    // In plain text for clients that do not speak Connect.
    const auto text =
        Send("POST", kMethod, "a=b", {{"Content-Type", "text/plain"}, {"Origin", origin}});
    EXPECT_EQ(text->response().status, 403);
    EXPECT_EQ(text->response().content_type, "text/plain");
  }
  // The second of two Origins counts as well.
  EXPECT_EQ(PostJson("{}", {{"Origin", "http://localhost:8080"}, {"Origin", "http://evil.example"}})
                .substr(0, 4),
            "403 ");
}

TEST_F(RouterTest, OwnPagesMayWriteAndAnyPageMayRead) {
  EXPECT_EQ(PostJson("{}", {{"Origin", "http://localhost:8080"}}), R"(200 {"code":""})");
  EXPECT_EQ(PostJson("{}", {{"Origin", "http://evil.example"}}, "/Read"), R"(200 {"code":""})");
  EXPECT_EQ(Send("GET", "/healthz", "", {{"Origin", "null"}})->response().status, 200);
}

TEST_F(RouterTest, ErrorsOfAGetAreNotCached) {
  for (const std::string_view path : {kMethod, kPlain, std::string_view("/nowhere")}) {
    for (const char* verb : {"GET", "HEAD"}) {
      const auto exchange = Send(verb, path, "", {});
      EXPECT_GE(exchange->response().status, 404) << path;
      EXPECT_EQ(exchange->Header("Cache-Control"), "no-store") << path;
    }
  }
  EXPECT_EQ(Send("GET", "/healthz", "", {})->Header("Cache-Control"), "");
}

TEST_F(RouterTest, PagesAnswerGetAndHead) {
  EXPECT_EQ(Send("GET", "/healthz", "", {})->response().body, "ok");
  EXPECT_EQ(Send("HEAD", "/healthz", "", {})->response().status, 200);
}

TEST_F(RouterTest, APageMayDifferInOneSegment) {
  std::string segments;
  const auto note = [&segments](const http::Request&, std::string_view segment,
                                const std::shared_ptr<http::Exchange>& exchange) {
    segments.append(segment).append(" ");
    exchange->Respond({});
  };
  router_.AddGetWithSegment("/items/", "/list.csv", note);
  router_.AddGetWithSegment("/items/", "", note);
  router_.AddGet(
      "/items/whole", [](const http::Request&, std::shared_ptr<http::Exchange> exchange) {
        exchange->Respond({.status = 204, .content_type = {}, .headers = {}, .body = {}});
      });
  for (const char* path : {"/items/7/list.csv", "/items/%2F%20/list.csv", "/items/list.csv",
                           "/items//list.csv/list.csv"}) {
    static_cast<void>(Send("GET", path, "", {}, "x=/list.csv"));
  }
  EXPECT_EQ(Send("HEAD", "/items/8/list.csv", "", {})->response().status, 200);
  EXPECT_EQ(segments, "7 %2F%20 list.csv 8 ");
  EXPECT_EQ(Send("GET", "/items/whole", "", {})->response().status, 204) << "goes first";
  for (const char* path : {"/items//list.csv", "/items/", "/items", "/items/7/8/list.csv",
                           "/items/7/list.csv/", "/items/7/list", "/x/items/7/list.csv"}) {
    EXPECT_EQ(Send("GET", path, "", {})->response().status, 404) << path;
    EXPECT_EQ(Send("POST", path, "", {})->response().status, 404) << path;
  }
  for (const char* verb : {"POST", "PUT", "OPTIONS"}) {
    const auto exchange = Send(verb, "/items/7/list.csv", "", {});
    EXPECT_EQ(exchange->response().status, 405) << verb;
    EXPECT_EQ(exchange->Header("Allow"), "GET, HEAD");
  }
}

TEST_F(RouterTest, APathMayHaveBothAPageAndAMethod) {
  router_.AddGet(std::string(kPlain),
                 [](const http::Request&, std::shared_ptr<http::Exchange> exchange) {
                   exchange->Respond({});
                 });
  EXPECT_EQ(Send("GET", kPlain, "", {})->response().status, 200);
  EXPECT_EQ(PostJson("{}", {}, kPlain), R"(200 {"code":""})");
  EXPECT_EQ(Send("PUT", kPlain, "", {})->Header("Allow"), "GET, HEAD, POST");
}

TEST_F(RouterTest, UnknownContentTypesAre415) {
  for (const std::vector<http::HeaderField>& headers : std::vector<std::vector<http::HeaderField>>{
           {}, {{"Content-Type", "text/plain"}}, {{"Content-Type", "application/connect+json"}}}) {
    const auto exchange = Send("POST", kMethod, "{}", headers);
    EXPECT_EQ(exchange->response().status, 415);
    EXPECT_EQ(exchange->Header("Accept-Post"),
              "application/proto, application/json, application/grpc-web+proto, "
              "application/grpc-web+json");
    EXPECT_NE(exchange->response().body.find("Content-Type is "), std::string::npos);
  }
}

TEST_F(RouterTest, PlainPathsAcceptJsonOnly) {
  EXPECT_EQ(Send("POST", kPlain, R"({"code":"x"})", {})->response().body, R"({"code":"x"})");
  EXPECT_EQ(Send("POST", kPlain, "{}", {{"Content-Type", "application/json; charset=utf-8"}})
                ->response()
                .status,
            200);
  const auto exchange = Send("POST", kPlain, "", {{"Content-Type", "application/proto"}});
  EXPECT_EQ(exchange->response().status, 415);
  EXPECT_EQ(exchange->Header("Accept-Post"), "application/json");
}

TEST_F(RouterTest, ProtocolVersionIsOneOrAbsent) {
  EXPECT_EQ(PostJson("{}", {{"connect-protocol-version", "1"}}).substr(0, 3), "200");
  EXPECT_EQ(PostJson("{}", {{"Connect-Protocol-Version", "2"}}),
            R"(400 {"code":"invalid_argument","message":"Connect-Protocol-Version must be \"1\", )"
            R"(not \"2\""})");
  EXPECT_EQ(PostJson("{}", {{"Connect-Protocol-Version", ""}}).substr(0, 3), "400");
}

TEST_F(RouterTest, TimeoutIsAPositiveNumberOfAtMostTenDigits) {
  EXPECT_EQ(PostJson("{}").substr(0, 3), "200");
  EXPECT_EQ(timeout_, std::nullopt);
  EXPECT_EQ(PostJson("{}", {{"Connect-Timeout-Ms", "9999999999"}}).substr(0, 3), "200");
  EXPECT_EQ(timeout_, std::chrono::milliseconds(9'999'999'999));
  for (const char* wrong : {"", "0", "-1", "+1", "1.5", "10000000000", " 1", "1s", "x"}) {
    EXPECT_TRUE(PostJson("{}", {{"Connect-Timeout-Ms", wrong}})
                    .starts_with(R"(400 {"code":"invalid_argument","message":"Connect-Timeout-Ms)"))
        << wrong;
  }
}

TEST_F(RouterTest, AnUnknownCompressionIsUnimplemented) {
  EXPECT_EQ(PostJson("{}", {{"Content-Encoding", "identity"}}).substr(0, 3), "200");
  EXPECT_EQ(PostJson("{}", {{"Content-Encoding", "br"}}),
            R"(501 {"code":"unimplemented","message":"Content-Encoding \"br\" is not supported; )"
            R"(supported are: gzip, identity"})");
  EXPECT_EQ(PostJson("{}", {{"Content-Encoding", "br"}}, kPlain).substr(0, 3), "501");
}

TEST_F(RouterTest, ABadPayloadIsInvalidWithAReason) {
  EXPECT_EQ(PostJson(R"({"code":7})"),
            R"(400 {"code":"invalid_argument","message":"code: expected a string, not a number"})");
  EXPECT_EQ(PostJson("").substr(0, 3), "400");
  const std::vector<http::HeaderField> proto = {{"Content-Type", "application/proto"}};
  EXPECT_EQ(Send("POST", kMethod, "", proto)->response().status, 200);
  EXPECT_EQ(Send("POST", kMethod, "\xff", proto)->response().status, 400);
  EXPECT_EQ(Send("POST", kMethod, "\x0a\x01\xff", proto)->response().status, 400);
  EXPECT_EQ(Send("POST", kMethod, "\xff", proto)->response().content_type, "application/json");
}

TEST_F(RouterTest, HandlersErrorsHaveTheStatusOfTheirCode) {
  EXPECT_EQ(PostJson(R"({"code":"fail"})"), R"(404 {"code":"not_found","message":"no such item"})");
}

TEST_F(RouterTest, ACallMayOutliveTheRouter) {
  const auto exchange = [&] {
    Router router(executor_);
    router.AddUnary<Item, Item>(
        "/x", [this](const Item&, std::unique_ptr<UnaryCall> call) { held_ = std::move(call); });
    auto held_exchange = std::make_shared<FakeExchange>();
    const std::vector<http::HeaderField> headers = {{"Content-Type", "application/json"}};
    http::Request request;
    request.method = "POST";
    request.path = "/x";
    request.body = "{}";
    request.headers = headers;
    router.Handle(request, held_exchange);
    return held_exchange;
  }();
  EXPECT_FALSE(exchange->answered());
  held_->Finish(Item());
  EXPECT_EQ(exchange->response().body, R"({"code":""})");
}

TEST_F(RouterTest, ADroppedCallIsInternal) {
  EXPECT_EQ(PostJson(R"({"code":"drop"})"),
            R"(500 {"code":"internal","message":"the call was dropped without an answer"})");
}

/// Answers by sending the next request at once, as a connection with pipelined requests may.
class PipeliningExchange final : public http::Exchange {
 public:
  explicit PipeliningExchange(std::move_only_function<void()> next) : next_(std::move(next)) {}
  void Respond(http::Response) override { next_(); }
  void RespondInPieces(http::Response, std::unique_ptr<http::BodySource>) override { next_(); }

 private:
  std::move_only_function<void()> next_;
};

TEST_F(RouterTest, ARequestIsIntactWhileTheNextIsHandled) {
  std::string code_after_answer;
  router_.AddPlainJson<Item, Item>("/watch",
                                   [&](const Item& item, std::unique_ptr<UnaryCall> call) {
                                     if (item.code() == "second") return;
                                     call->Finish(item);
                                     code_after_answer = item.code();
                                   });
  http::Request request;
  request.method = "POST";
  request.path = "/watch";
  request.body = R"({"code":"first"})";
  router_.Handle(request, std::make_shared<PipeliningExchange>(
                              [&] { Send("POST", "/watch", R"({"code":"second"})", {}); }));
  EXPECT_EQ(code_after_answer, "first");
}

TEST_F(RouterTest, LongPathsAreClippedInErrors) {
  const std::string path = "/" + std::string(8'000, 'x');
  EXPECT_LT(Send("POST", path, "", {})->response().body.size(), 300U);
}

TEST_F(RouterTest, AWebPageMustSendAContentType) {
  EXPECT_EQ(Send("POST", kPlain, "{}", {})->response().status, 200);
  EXPECT_EQ(Send("POST", kPlain, "{}", {{"Origin", "http://localhost:8080"}})->response().status,
            415);
  EXPECT_EQ(Send("POST", kPlain, "{}",
                 {{"Origin", "http://localhost:8080"}, {"Content-Type", "application/json"}})
                ->response()
                .status,
            200);
}

using RouterDeathTest = RouterTest;

TEST_F(RouterDeathTest, AddingAMethodTwiceIsABug) {
  EXPECT_DEATH((router_.AddUnary<Item, Item>(std::string(kPlain), nullptr)), "check failed");
}

}  // namespace
}  // namespace coupond::connect
