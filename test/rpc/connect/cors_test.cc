#include "rpc/connect/cors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fake_exchange.h"

namespace coupond::connect {
namespace {

using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

constexpr std::string_view kApp = "https://app.example.com";
constexpr std::string_view kLocal = "http://localhost:3000";
constexpr std::string_view kStranger = "https://stranger.example";
constexpr const char* kExposed = "Grpc-Status, Grpc-Message, Grpc-Status-Details-Bin, Retry-After";

/// Keeps the requests that reach it, and answers when the test says so.
class HeldHandler final : public http::Handler {
 public:
  void Handle(const http::Request& request, std::shared_ptr<http::Exchange> exchange) override {
    methods.emplace_back(request.method);
    held = std::move(exchange);
  }
  http::Response BodyTooLarge(const http::Request&, http::Response plain,
                              std::string_view) override {
    plain.body = "inside";
    return plain;
  }
  std::size_t BodyBytesMax(const http::Request& /*head*/, std::size_t usual_bytes_max) override {
    return usual_bytes_max + 1;
  }

  std::vector<std::string> methods;
  std::shared_ptr<http::Exchange> held;
};

class OnePiece final : public http::BodySource {
 public:
  void Next(Deliver deliver) override { deliver(Progress::kEnd, "piece"); }
};

class CorsTest : public testing::Test {
 protected:
  using Headers = std::vector<std::pair<std::string, std::string>>;

  CorsTest() { Allow({kApp, kLocal}); }

  void Allow(const std::vector<std::string_view>& origins) {
    CorsOptions options;
    for (const std::string_view origin : origins) {
      options.origins.push_back(*AllowedOrigin::Parse(origin));
    }
    options.allowed_headers = {"X-Tenant"};
    options.exposed_headers = {"Retry-After"};
    auto inside = std::make_unique<HeldHandler>();
    inside_ = inside.get();
    cors_ = std::make_unique<CorsHandler>(std::make_shared<const CorsPolicy>(std::move(options)),
                                          std::move(inside));
  }

  std::shared_ptr<FakeExchange> Send(std::string_view method,
                                     const std::vector<http::HeaderField>& headers) {
    auto exchange = std::make_shared<FakeExchange>();
    http::Request request;
    request.method = method;
    request.path = "/coupon.v1.CouponService/IssueCoupon";
    request.headers = headers;
    cors_->Handle(request, exchange);
    return exchange;
  }
  std::shared_ptr<FakeExchange> Preflight(std::string_view origin) {
    return Send("OPTIONS", {{"origin", origin},
                            {"access-control-request-method", "POST"},
                            {"access-control-request-headers", "connect-protocol-version"}});
  }
  /// Returns the fields of a response to a page of that origin, including the handler's own.
  Headers AnswerTo(std::string_view origin, Headers own = {}) {
    const auto exchange = Send("POST", {{"Origin", origin}});
    inside_->held->Respond(
        {.status = 200, .content_type = "", .headers = std::move(own), .body = ""});
    return exchange->response().headers;
  }
  [[nodiscard]] const std::vector<std::string>& methods_inside() const { return inside_->methods; }

  HeldHandler* inside_ = nullptr;
  std::unique_ptr<CorsHandler> cors_;
};

TEST_F(CorsTest, APreflightIsAnsweredWithConnectsHeaders) {
  for (const std::string_view origin : {kApp, kLocal}) {
    const auto exchange = Preflight(origin);
    ASSERT_TRUE(exchange->answered());
    EXPECT_EQ(exchange->response().status, 204);
    EXPECT_EQ(exchange->response().content_type, "");
    EXPECT_EQ(exchange->response().body, "");
    EXPECT_THAT(
        exchange->response().headers,
        UnorderedElementsAre(
            Pair("Access-Control-Allow-Origin", origin),
            Pair("Access-Control-Allow-Methods", "GET, POST"),
            Pair("Access-Control-Allow-Headers",
                 "Content-Type, Connect-Protocol-Version, Connect-Timeout-Ms, "
                 "Connect-Content-Encoding, Connect-Accept-Encoding, Content-Encoding, "
                 "Grpc-Timeout, Grpc-Encoding, Grpc-Accept-Encoding, X-Grpc-Web, X-User-Agent, "
                 "If-None-Match, Cache-Control, Traceparent, Tracestate, Baggage, X-Request-Id, "
                 "Idempotency-Key, Coupond-Strict, X-Tenant"),
            Pair("Access-Control-Max-Age", "7200"),
            Pair("Vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers")));
  }
  EXPECT_THAT(methods_inside(), IsEmpty());
}

TEST_F(CorsTest, APageMayReadTheBodyTooLargeError) {
  const auto told_to = [&](std::vector<http::HeaderField> headers) {
    http::Request request;
    request.method = "POST";
    request.headers = headers;
    http::Response response = cors_->BodyTooLarge(
        request, {.status = 413, .content_type = "", .headers = {}, .body = "plain"}, "too much");
    EXPECT_EQ(response.body, "inside");
    return response.headers;
  };
  EXPECT_THAT(told_to({{"Origin", kApp}}),
              UnorderedElementsAre(Pair("Access-Control-Allow-Origin", kApp),
                                   Pair("Access-Control-Expose-Headers", kExposed),
                                   Pair("Vary", "Origin")));
  EXPECT_THAT(told_to({{"Origin", kStranger}}), UnorderedElementsAre(Pair("Vary", "Origin")));
  EXPECT_THAT(told_to({}), IsEmpty());
}

TEST_F(CorsTest, TheLimitOfABodyIsThatOfTheInnerHandler) {
  EXPECT_EQ(cors_->BodyBytesMax({}, 100), 101U);
}

TEST_F(CorsTest, APreflightOfAnotherOriginAllowsNothing) {
  for (const std::string_view origin :
       {kStranger, std::string_view("null"), std::string_view(""),
        std::string_view("https://app.example.com.stranger.example"),
        std::string_view("https://app.example.com:8443"),
        std::string_view("http://app.example.com")}) {
    const auto exchange = Preflight(origin);
    ASSERT_TRUE(exchange->answered());
    EXPECT_EQ(exchange->response().status, 204);
    EXPECT_THAT(
        exchange->response().headers,
        UnorderedElementsAre(
            Pair("Vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers")))
        << origin;
  }
  EXPECT_THAT(methods_inside(), IsEmpty());
}

TEST_F(CorsTest, OtherOptionsRequestsAreForwarded) {
  Send("OPTIONS", {});
  Send("OPTIONS", {{"Origin", kApp}});
  Send("OPTIONS", {{"Access-Control-Request-Method", "POST"}});
  Send("POST", {{"Origin", kApp}, {"Access-Control-Request-Method", "POST"}});
  EXPECT_EQ(methods_inside(), (std::vector<std::string>{"OPTIONS", "OPTIONS", "OPTIONS", "POST"}));
}

TEST_F(CorsTest, AResponseToAnAllowedPageHasTheHeaders) {
  EXPECT_THAT(AnswerTo(kApp, {{"Retry-After", "1"}}),
              UnorderedElementsAre(
                  Pair("Retry-After", "1"), Pair("Access-Control-Allow-Origin", kApp),
                  Pair("Access-Control-Expose-Headers", kExposed), Pair("Vary", "Origin")));
}

TEST_F(CorsTest, AResponseInPiecesHasTheSameHeaders) {
  const auto exchange = Send("POST", {{"Origin", kLocal}});
  inside_->held->RespondInPieces({.status = 200, .content_type = "", .headers = {}, .body = "one "},
                                 std::make_unique<OnePiece>());
  EXPECT_EQ(exchange->Header("Access-Control-Allow-Origin"), kLocal);
  EXPECT_EQ(exchange->Header("Access-Control-Expose-Headers"), kExposed);
  EXPECT_EQ(exchange->Header("Vary"), "Origin");
  EXPECT_EQ(exchange->WholeBody(), "one piece");
}

TEST_F(CorsTest, AResponseToAnotherPageHasOnlyVary) {
  EXPECT_THAT(AnswerTo(kStranger), UnorderedElementsAre(Pair("Vary", "Origin")));
  EXPECT_EQ(methods_inside().size(), 1U) << "CORS is no access control";
}

TEST_F(CorsTest, OriginJoinsAnExistingVary) {
  const struct {
    const char* own;
    const char* joined;
  } rows[] = {{"Accept-Encoding", "Accept-Encoding, Origin"},
              {"Accept, origin", "Accept, origin"},
              {" Origin ,Accept", " Origin ,Accept"},
              {"X-Origin", "X-Origin, Origin"},
              {"*", "*"},
              {"", "Origin"}};
  for (const auto& row : rows) {
    EXPECT_THAT(AnswerTo(kStranger, {{"vary", row.own}}),
                UnorderedElementsAre(Pair("vary", row.joined)));
  }
  EXPECT_THAT(AnswerTo(kStranger, {{"Vary", "Origin"}, {"Vary", "Accept"}}),
              UnorderedElementsAre(Pair("Vary", "Origin"), Pair("Vary", "Accept")));
}

TEST_F(CorsTest, AStarAllowsEveryPageWithoutVary) {
  Allow({kApp, "*"});
  for (const std::string_view origin : {kApp, kStranger, std::string_view("null")}) {
    EXPECT_EQ(Preflight(origin)->Header("Access-Control-Allow-Origin"), "*");
    EXPECT_THAT(AnswerTo(origin),
                UnorderedElementsAre(Pair("Access-Control-Allow-Origin", "*"),
                                     Pair("Access-Control-Expose-Headers", kExposed)));
  }
}

TEST_F(CorsTest, WithoutAnOriginTheExchangeIsPassedThrough) {
  const auto exchange = Send("POST", {{"Content-Type", "application/json"}});
  EXPECT_EQ(inside_->held, exchange);
}

TEST_F(CorsTest, CacheableResponsesAlwaysVaryByOrigin) {
  for (const char* method : {"GET", "HEAD"}) {
    Allow({kApp});
    const auto exchange = Send(method, {});
    inside_->held->Respond({});
    EXPECT_THAT(exchange->response().headers, UnorderedElementsAre(Pair("Vary", "Origin")));
  }
  Allow({"*"});
  const auto exchange = Send("GET", {});
  inside_->held->Respond({});
  EXPECT_EQ(exchange->Header("Access-Control-Allow-Origin"), "*");
}

TEST(CorsPolicy, APageOfTheServersOwnOriginMayWrite) {
  const CorsPolicy policy{CorsOptions{}};
  const struct {
    const char* origin;
    const char* authority;
  } rows[] = {{"http://localhost:8080", "localhost:8080"},
              {"http://localhost", "localhost"},
              {"http://localhost", "localhost:80"},
              {"http://localhost", "localhost:"},
              {"https://app.example.com", "app.example.com"},
              {"https://app.example.com", "App.Example.com:443"},
              {"https://app.example.com:8443", "app.example.com:8443"},
              {"http://[::1]:8080", "[::1]:8080"},
              {"http://[::1]", "[::1]"}};
  for (const auto& row : rows) {
    EXPECT_TRUE(policy.MayChange(row.origin, row.authority)) << row.origin << " " << row.authority;
  }
}

TEST(CorsPolicy, AnotherPageMayWriteOnlyIfAllowed) {
  const struct {
    const char* origin;
    const char* authority;
  } rows[] = {{"http://evil.example", "localhost"},
              {"http://localhost:3000", "localhost:8080"},
              {"http://localhost:8080", "localhost"},
              {"https://app.example.com", "app.example.com:80"},
              {"http://app.example.com", "app.example.com:443"},
              {"http://app.example.com.evil.example", "app.example.com"},
              {"http://u@localhost", "localhost"},
              {"http://localhost/", "localhost"},
              {"http://[::2]", "[::1]"},
              {"ftp://localhost", "localhost"},
              {"null", "localhost"},
              {"null", "null"},
              {"", ""},
              {"http://", ""},
              {"localhost", "localhost"}};
  CorsOptions options;
  options.origins.push_back(*AllowedOrigin::Parse(kApp));
  const CorsPolicy closed{CorsOptions{}};
  const CorsPolicy open(std::move(options));
  for (const auto& row : rows) {
    EXPECT_FALSE(closed.MayChange(row.origin, row.authority)) << row.origin << row.authority;
  }
  EXPECT_FALSE(closed.MayChange(kApp, "localhost"));
  EXPECT_TRUE(open.MayChange(kApp, "localhost"));
  EXPECT_FALSE(open.MayChange(kStranger, "localhost"));
  EXPECT_FALSE(open.MayChange("null", "localhost"));
}

TEST(CorsPolicy, AcceptsHeaderNamesOnly) {
  for (const char* name : {"X-Tenant", "x", "a1!#$%&'*+-.^_`|~"}) EXPECT_TRUE(IsHeaderName(name));
  for (const char* name : {"", "a b", "a:", "a,b", "a\r\nb", "\xea\xb9\x80", "a\"b", "(a)"}) {
    EXPECT_FALSE(IsHeaderName(name)) << name;
  }
}

TEST_F(CorsTest, AnExchangeMayOutliveItsHandler) {
  const auto exchange = Send("POST", {{"Origin", kApp}});
  const auto held = std::move(inside_->held);
  cors_.reset();
  held->Respond({});
  EXPECT_EQ(exchange->Header("Access-Control-Allow-Origin"), kApp);
  EXPECT_EQ(exchange->Header("Access-Control-Expose-Headers"), kExposed);
}

TEST_F(CorsTest, DroppingTheExchangeDropsTheInnerOne) {
  const std::weak_ptr<FakeExchange> exchange = Send("POST", {{"Origin", kApp}});
  EXPECT_FALSE(exchange.expired());
  inside_->held.reset();
  EXPECT_TRUE(exchange.expired()) << "the exchange is kept although no answer can come";
}

using testing::HasSubstr;

TEST(AllowedOrigin, IsNormalizedAsBrowsersSendIt) {
  const struct {
    const char* text;
    const char* origin;
  } rows[] = {
      {"https://app.example.com", "https://app.example.com"},
      {"HTTPS://App.Example.COM", "https://app.example.com"},
      {"http://localhost:3000", "http://localhost:3000"},
      {"https://a.example:443", "https://a.example"},
      {"http://a.example:80", "http://a.example"},
      {"http://a.example:443", "http://a.example:443"},
      {"http://127.0.0.1:1", "http://127.0.0.1:1"},
      {"http://[::1]", "http://[::1]"},
      {"http://[FE80::1]:65535", "http://[fe80::1]:65535"},
      {"https://xn--2e0b27l.example", "https://xn--2e0b27l.example"},
      {"chrome-extension://abcdefgh", "chrome-extension://abcdefgh"},
      {"*", "*"},
  };
  for (const auto& row : rows) {
    const auto origin = AllowedOrigin::Parse(row.text);
    ASSERT_TRUE(origin) << origin.error();
    EXPECT_EQ(origin->text(), row.origin);
    EXPECT_EQ(origin->any(), origin->text() == "*");
  }
}

TEST(AllowedOrigin, InvalidTextIsRefusedWithTheReason) {
  const struct {
    const char* text;
    const char* why;
  } rows[] = {
      {"", "scheme"},
      {"app.example.com", "scheme"},
      {"localhost:3000", "scheme"},
      {"://a", "scheme"},
      {"1http://a", "scheme"},
      {" https://a", "scheme"},
      {"https://a.example/", "slash"},
      {"https://a.example/app", "slash"},
      {"https://a.example?x", "slash"},
      {"https://a.example#x", "slash"},
      {"https://*.example.com", "patterns"},
      {"https://", "host"},
      {"https://:443", "host"},
      {"https://user@a.example", "host"},
      {"https://a b", "host"},
      {"https://쿠폰.example", "host"},
      {"https://a,https", "host"},
      {"http://::1", "host"},
      {"http://[]", "host"},
      {"http://[::1", "host"},
      {"http://[::1]x", "host"},
      {"http://a.example:", "port"},
      {"http://a.example:0", "port"},
      {"http://a.example:080", "port"},
      {"http://a.example:65536", "port"},
      {"http://a.example:x", "port"},
      {"http://a.example:-1", "port"},
      {"null", "any source"},
      {"**", "scheme"},
  };
  for (const auto& row : rows) {
    const auto origin = AllowedOrigin::Parse(row.text);
    ASSERT_FALSE(origin) << row.text;
    EXPECT_THAT(origin.error(), HasSubstr(std::string("\"") + row.text + "\" is not an origin"));
    EXPECT_THAT(origin.error(), HasSubstr(row.why));
    EXPECT_THAT(origin.error(), HasSubstr("https://app.example.com"));
  }
}

}  // namespace
}  // namespace coupond::connect
