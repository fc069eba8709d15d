#include <gtest/gtest.h>

#include <string>

#include "system/program/coupon_client.h"
#include "system/program/server_process.h"

// The real server as a browser sees it.
namespace coupond::test {
namespace {

constexpr const char* kOrigin = "https://app.example.com";
constexpr const char* kIssuePath = "/coupon.v1.CouponService/IssueCoupon";
constexpr const char* kExposed =
    "Grpc-Status, Grpc-Message, Grpc-Status-Details-Bin, Retry-After, RateLimit, "
    "RateLimit-Policy, X-Request-Id, WWW-Authenticate, Content-Disposition, Coupond-Sequence";

HttpReply Ask(HttpClient& http, const std::string& request) {
  auto reply = http.Ask(request);
  EXPECT_TRUE(reply) << request;
  return reply ? *std::move(reply) : HttpReply{};
}

HttpReply Preflight(HttpClient& http, const std::string& origin) {
  return Ask(http, "OPTIONS " + std::string(kIssuePath) +
                       " HTTP/1.1\r\nHost: localhost\r\nOrigin: " + origin +
                       "\r\nAccess-Control-Request-Method: POST\r\n"
                       "Access-Control-Request-Headers: connect-protocol-version,content-type\r\n"
                       "\r\n");
}

/// Sends a request as a page does after the preflight.
HttpReply Post(HttpClient& http, const std::string& path, const std::string& origin,
               const std::string& body) {
  std::string request = PostRequest(path, "application/json", body);
  request.insert(request.find("\r\n") + 2, "Origin: " + origin + "\r\n");
  return Ask(http, request);
}

TEST(Cors, APageOfAnAllowedOriginMayCall) {
  ServerProcess server({"--cors-origin", "http://localhost:3000", "--cors-origin", kOrigin});
  CouponClient client(server.port());
  const std::string campaign = client.CreateStarted("cors", 10);
  const std::string body = R"({"campaignId":")" + campaign + R"("})";

  HttpClient http(server.port());
  const HttpReply preflight = Preflight(http, kOrigin);
  EXPECT_EQ(preflight.status, 204);
  EXPECT_EQ(preflight.Header("access-control-allow-origin"), kOrigin);
  EXPECT_EQ(preflight.Header("access-control-allow-methods"), "GET, POST");
  EXPECT_EQ(preflight.Header("access-control-max-age"), "7200");

  // One answer of each kind: whole, in pieces, an error, an unknown path.
  const struct {
    std::string path;
    int status;
  } rows[] = {{kIssuePath, 200},
              {"/coupon.v1.CouponService/GetCampaign", 200},
              {"/coupon.v1.CouponService/ListCampaigns", 200},
              {"/coupon.v1.AdminService/CreateBackup", 400},
              {"/nothing", 404}};
  for (const auto& [path, status] : rows) {
    const HttpReply reply = Post(http, path, kOrigin, body);
    EXPECT_EQ(reply.status, status) << path << reply.body;
    EXPECT_EQ(reply.Header("access-control-allow-origin"), kOrigin) << path;
    EXPECT_EQ(reply.Header("access-control-expose-headers"), kExposed) << path;
    EXPECT_EQ(reply.Header("vary"), "Origin") << path;
  }
  EXPECT_EQ(client.Codes(campaign).size(), 1U);
  const HttpReply file =
      Ask(http, "GET /campaigns/" + campaign +
                    "/coupons.csv HTTP/1.1\r\nHost: localhost\r\nOrigin: " + kOrigin + "\r\n\r\n");
  EXPECT_EQ(file.status, 200);
  EXPECT_EQ(file.Header("access-control-allow-origin"), kOrigin);
  EXPECT_EQ(file.Header("access-control-expose-headers"), kExposed);
  EXPECT_EQ(server.Stop(), 0) << server.output();
}

TEST(Cors, APageOfAnotherOriginIsNotShownTheAnswer) {
  const ServerProcess server({"--cors-origin", kOrigin});
  HttpClient http(server.port());
  const HttpReply preflight = Preflight(http, "https://stranger.example");
  EXPECT_EQ(preflight.status, 204);
  EXPECT_EQ(preflight.Header("access-control-allow-origin"), "");
  EXPECT_EQ(preflight.Header("access-control-allow-methods"), "");
  const HttpReply reply =
      Post(http, "/coupon.v1.CouponService/ListCampaigns", "https://stranger.example", "{}");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.Header("access-control-allow-origin"), "");
  EXPECT_EQ(reply.Header("vary"), "Origin");
}

TEST(Cors, IsOffUnlessAskedFor) {
  const ServerProcess server;
  HttpClient http(server.port());
  const HttpReply preflight = Preflight(http, kOrigin);
  EXPECT_EQ(preflight.status, 405);
  EXPECT_EQ(preflight.Header("access-control-allow-origin"), "");
  const HttpReply reply = Post(http, "/coupon.v1.CouponService/ListCampaigns", kOrigin, "{}");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.Header("access-control-allow-origin"), "");
  EXPECT_EQ(reply.Header("vary"), "");
}

}  // namespace
}  // namespace coupond::test
