#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <thread>

#include "grpc/health/v1/health.pb.h"
#include "system/program/http_client.h"
#include "system/program/server_process.h"

// grpc.health.v1.Health of the real server.
namespace coupond::test {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using testing::HasSubstr;

constexpr const char* kPath = "/grpc.health.v1.Health/Check";

TEST(Health, AServingServerReportsItInJsonAndProtobuf) {
  const ServerProcess server;
  HttpClient http(server.port());
  HealthCheckRequest request;
  request.set_service("coupon.v1.CouponService");

  const auto json =
      http.Ask(PostRequest(kPath, "application/json", R"({"service":"coupon.v1.CouponService"})"));
  ASSERT_TRUE(json);
  EXPECT_EQ(json->status, 200);
  EXPECT_EQ(json->body, R"({"status":"SERVING"})");

  const auto proto = http.Ask(PostRequest(kPath, "application/proto", request.SerializeAsString()));
  ASSERT_TRUE(proto);
  EXPECT_EQ(proto->status, 200);
  HealthCheckResponse response;
  ASSERT_TRUE(response.ParseFromString(proto->body));
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVING);

  const auto unknown = http.Ask(PostRequest(kPath, "application/json", R"({"service":"x"})"));
  ASSERT_TRUE(unknown);
  EXPECT_EQ(unknown->status, 404);
  EXPECT_THAT(unknown->body, HasSubstr(R"("code":"not_found")"));
  EXPECT_THAT(unknown->body, HasSubstr("coupon.v1.CouponService"));
}

TEST(Health, AStoppingServerDoesNotServe) {
  ServerProcess server;
  const std::string request = PostRequest(kPath, "application/json", "{}");
  std::optional<HttpClient> http(server.port());
  // Answering this one shows that the connection was accepted and is being read.
  ASSERT_TRUE(http->Ask(request));
  http->Send(request.substr(0, request.size() / 2));
  ASSERT_TRUE(http->WaitUntilArrived());
  server.BeginStop();
  // The listener closes after the server has reported that it is not ready.
  ASSERT_TRUE(server.process().WaitForLine("stopping", std::chrono::minutes(1)));
  while (HttpClient(server.port()).connected()) std::this_thread::yield();
  http->Send(request.substr(request.size() / 2));
  const auto reply = http->Receive();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 200);
  EXPECT_EQ(reply->body, R"({"status":"NOT_SERVING"})");
  http.reset();
  EXPECT_EQ(server.process().WaitForExit(std::chrono::minutes(1)), 0) << server.output();
}

}  // namespace
}  // namespace coupond::test
