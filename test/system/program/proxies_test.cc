// The real server behind proxies and balancers, and called by browsers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "rpc/connect/envelope.h"
#include "system/program/coupon_client.h"
#include "system/program/event_stream.h"
#include "system/program/http_client.h"
#include "system/program/server_process.h"
#include "system/program/watch_stream.h"

namespace coupond::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kServicePath = "/coupon.v1.CouponService/";

HttpReply Ask(std::uint16_t port, const std::string& request) {
  HttpClient http(port);
  auto reply = http.Ask(request);
  EXPECT_TRUE(reply) << request;
  return reply ? *std::move(reply) : HttpReply{};
}

HttpReply Get(std::uint16_t port, const std::string& path, const std::string& headers = "") {
  return Ask(port, "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n");
}

/// Sends a request as a page does to a server that its browser knows as `host`.
HttpReply PostFromPage(std::uint16_t port, const std::string& path, const std::string& host,
                       const std::string& origin) {
  const std::string body = "{}";
  return Ask(port, "POST " + path + " HTTP/1.1\r\nHost: " + host + "\r\nOrigin: " + origin +
                       "\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n" + body);
}

TEST(Host, IsCheckedOnEveryPath) {
  const ServerProcess server({"--host", "coupons.example.com", "--host", "b.example:8443"});
  for (const std::string path : {"/", "/healthz", "/readyz", "/nothing", "/IssueCoupon"}) {
    const auto with_host = [&](const std::string& host) {
      return Ask(server.port(), "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n").status;
    };
    for (const char* host : {"a b", "u@x", "x:99999", "", "[::1", "x/y"}) {
      EXPECT_EQ(with_host(host), 400) << path << " " << host;
    }
    for (const char* host : {"evil.example", "10.1.2.3:8080", "b.example", "localhost.example"}) {
      EXPECT_EQ(with_host(host), 421) << path << " " << host;
    }
    for (const char* host : {"localhost", "127.0.0.1:1", "[::1]:8080", "COUPONS.example.com.:443",
                             "b.example:8443", "a.localhost"}) {
      EXPECT_THAT(with_host(host), testing::AnyOf(200, 404, 405)) << path << " " << host;
    }
  }
  const HttpReply reply =
      Ask(server.port(), "GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(reply.status, 421);
  EXPECT_THAT(reply.body, HasSubstr("--host"));
  EXPECT_EQ(Ask(server.port(), "GET /readyz HTTP/1.0\r\n\r\n").status, 200);
}

TEST(Origin, OfAnotherPageIsRefusedForMethodsThatChangeSomething) {
  const ServerProcess server({"--host", "coupons.example.com"});
  const std::string service = kServicePath;
  for (const std::string& path :
       {service + "CreateCampaign", service + "IssueCoupon", service + "DeleteCampaign",
        service + "UpdateCampaign", service + "PauseCampaign", service + "ResumeCampaign",
        service + "ArchiveCampaign", service + "UnarchiveCampaign",
        std::string("/coupon.v1.AdminService/CreateBackup"), std::string("/CreateCampaign"),
        std::string("/IssueCoupon"), std::string("/DeleteCampaign")}) {
    for (const char* origin : {"http://evil.example", "null", "http://localhost:3000"}) {
      const HttpReply reply = PostFromPage(server.port(), path, "localhost:8080", origin);
      EXPECT_EQ(reply.status, 403) << path << " " << origin;
      EXPECT_THAT(reply.body, StartsWith(R"({"code":"permission_denied")"));
      EXPECT_THAT(reply.body, HasSubstr("--cors-origin"));
    }
    for (const auto& [host, origin] :
         {std::pair("localhost:8080", "http://localhost:8080"),
          std::pair("coupons.example.com", "https://coupons.example.com")}) {
      EXPECT_EQ(PostFromPage(server.port(), path, host, origin).status, 400) << path << " " << host;
    }
  }
  for (const std::string& path :
       {service + "ListCampaigns", service + "GetCampaign", service + "GetCampaignStatus",
        std::string("/grpc.health.v1.Health/Check"), std::string("/GetCampaign"),
        std::string("/GetCampaignStatus")}) {
    const HttpReply reply = PostFromPage(server.port(), path, "localhost", "http://evil.example");
    EXPECT_NE(reply.status, 403) << path;
  }
}

TEST(Preflight, AllowsTracingAndNamedHeaders) {
  const ServerProcess server({"--cors-origin", "https://app.example.com", "--cors-header",
                              "X-Tenant", "--cors-header", "X-Shop"});
  const HttpReply reply = Ask(server.port(),
                              "OPTIONS /IssueCoupon HTTP/1.1\r\nHost: localhost\r\n"
                              "Origin: https://app.example.com\r\n"
                              "Access-Control-Request-Method: POST\r\n\r\n");
  EXPECT_EQ(reply.status, 204);
  const std::string allowed = ", " + reply.Header("access-control-allow-headers") + ",";
  for (const char* name : {"Content-Type", "Connect-Protocol-Version", "Connect-Timeout-Ms",
                           "X-User-Agent", "Traceparent", "Tracestate", "Baggage", "X-Request-Id",
                           "Coupond-Strict", "X-Tenant", "X-Shop"}) {
    EXPECT_THAT(allowed, HasSubstr(", " + std::string(name) + ","));
  }
}

class HeartbeatTest : public testing::Test {
 protected:
  ServerProcess server_{{"--heartbeat", "200ms"}};
  CouponClient client_{server_.port()};
};

TEST_F(HeartbeatTest, RepeatsTheNewestStateWhenNothingChanges) {
  const std::string campaign = client_.CreateStarted("quiet", 10);
  const auto begun = std::chrono::steady_clock::now();
  ChunkStream stream(server_.port(), WatchRequest(campaign));
  const auto first = stream.ReadChunk();
  ASSERT_TRUE(first);
  constexpr int kRepetitions = 4;
  for (int i = 0; i < kRepetitions; ++i) EXPECT_EQ(stream.ReadChunk(), first);
  const auto elapsed = std::chrono::steady_clock::now() - begun;
  // At 120 to 160 ms after the one before; without the flag at 12 to 16 s.
  EXPECT_GT(elapsed, std::chrono::milliseconds(400));
  EXPECT_LT(elapsed, std::chrono::seconds(40)) << "as rarely as without the flag";
  api::WatchCampaignResponse message;
  ASSERT_TRUE(message.ParseFromString(first->substr(connect::kEnvelopeHeadBytes)));
  EXPECT_EQ(message.state(), api::WATCH_STATE_LIVE);
}

TEST_F(HeartbeatTest, StreamsMustNotBeBufferedOrCached) {
  HttpClient http(server_.port());
  const std::string campaign = client_.CreateStarted("watched", 10);
  const auto reply = http.Ask(WatchRequest(campaign, "Connect-Timeout-Ms: 300\r\n"));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->Header("x-accel-buffering"), "no");
  EXPECT_EQ(reply->Header("cache-control"), "no-store, no-transform");
  EXPECT_EQ(Get(server_.port(), "/healthz").Header("x-accel-buffering"), "");
}

TEST_F(HeartbeatTest, AStreamOverHttp10EndsWithItsConnection) {
  const std::string campaign = client_.CreateStarted("old", 10);
  std::string request = WatchRequest(campaign, "Connect-Timeout-Ms: 300\r\n");
  request.replace(request.find("HTTP/1.1"), 8, "HTTP/1.0");
  HttpClient http(server_.port());
  const auto reply = http.Ask(request);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->Header("transfer-encoding"), "");
  EXPECT_EQ(reply->Header("connection"), "close");
  EXPECT_THAT(ReadWatched(*reply).end, HasSubstr("deadline_exceeded"));
}

TEST(Drain, EverythingIsServedWhileNotReady) {
  ServerProcess server({"--drain-delay", "1h"});
  CouponClient client(server.port());
  const std::string campaign = client.CreateStarted("drained", 10);
  HttpClient watcher(server.port());
  watcher.Send(WatchRequest(campaign));
  ASSERT_TRUE(watcher.WaitUntilReadable());
  server.BeginStop();
  ASSERT_TRUE(server.process().WaitForLine("no longer ready", std::chrono::minutes(1)));
  const HttpReply ready = Get(server.port(), "/readyz");  // over a new connection
  EXPECT_EQ(ready.status, 503);
  EXPECT_EQ(ready.body, "not ready: stopping\n");
  EXPECT_EQ(Get(server.port(), "/healthz").status, 200);
  EXPECT_TRUE(CouponClient(server.port()).Issue(campaign).response.success());
  EXPECT_EQ(server.Stop(), 0) << "a second signal ends the delay\n" << server.output();
  EXPECT_FALSE(HttpClient(server.port()).connected());
}

TEST(Drain, EndsByItself) {
  ServerProcess server({"--drain-delay", "150ms"});
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(server.Stop(), 0) << server.output();
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(150));
}

TEST(IdleTimeout, IsAnnouncedAndKept) {
  const ServerProcess server({"--idle-timeout", "1s"});
  std::optional<HttpClient> http;
  std::optional<HttpReply> reply;
  std::chrono::steady_clock::time_point begin;
  // One that asks late has been closed.
  for (int tries = 0; !reply && tries < 60; ++tries) {
    http.emplace(server.port());
    begin = std::chrono::steady_clock::now();
    reply = http->Ask("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->Header("keep-alive"), "timeout=1");
  EXPECT_EQ(reply->Header("connection"), "keep-alive");
  EXPECT_TRUE(http->WaitForClose());
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(900));
  EXPECT_EQ(Get(server.port(), "/healthz", "Connection: close\r\n").Header("keep-alive"), "");
}

TEST(FrontPage, DescribesTheServerInTextOrJson) {
  const ServerProcess server;
  const HttpReply text = Get(server.port(), "/");
  EXPECT_EQ(text.status, 200);
  EXPECT_EQ(text.Header("content-type"), "text/plain; charset=utf-8");
  EXPECT_EQ(text.Header("cache-control"), "no-store");
  EXPECT_THAT(text.body, StartsWith("coupond "));
  EXPECT_THAT(text.body, HasSubstr("docs/API.md"));
  const HttpReply json = Get(server.port(), "/", "Accept: text/html, application/json;q=0.9\r\n");
  EXPECT_EQ(json.Header("content-type"), "application/json");
  EXPECT_THAT(json.body, StartsWith(R"({"name":"coupond","version":")"));
  EXPECT_EQ(Get(server.port(), "/favicon.ico").status, 404);
}

TEST(Proxy, RequestsThatOnlyProxiesMakeAreAnswered) {
  const ServerProcess server;
  EXPECT_EQ(Ask(server.port(), "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 204);
  const HttpReply connect =
      Ask(server.port(), "CONNECT localhost:80 HTTP/1.1\r\nHost: localhost:80\r\n\r\n");
  EXPECT_EQ(connect.status, 501);
  const HttpReply trace =
      Ask(server.port(), "TRACE /healthz HTTP/1.1\r\nHost: localhost\r\nCookie: secret\r\n\r\n");
  EXPECT_EQ(trace.status, 405);
  EXPECT_EQ(trace.Header("allow"), "GET, HEAD");
  EXPECT_EQ(trace.body.find("secret"), std::string::npos);
  // An offer of HTTP/2 and a proxy's data about its client are ignored.
  const HttpReply reply =
      Get(server.port(), "/healthz",
          "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
          "HTTP2-Settings: AAMAAABkAAQAAP__\r\nX-Forwarded-Host: evil.example\r\n"
          "X-Forwarded-Proto: https\r\nForwarded: host=evil.example\r\n"
          "Via: 1.0 a\r\n");
  EXPECT_EQ(reply.status, 200);
}

}  // namespace
}  // namespace coupond::test
