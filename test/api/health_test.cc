#include "api/health.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "api/coupon_service.h"
#include "api/engine_fixture.h"
#include "rpc/connect/fake_exchange.h"
#include "support/builders.h"

namespace coupond::api {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::SizeIs;

constexpr int kOk = 200;
constexpr int kNotFound = 404;
constexpr int kServiceUnavailable = 503;

class HealthTest : public EngineFixture {
 protected:
  using Exchange = std::shared_ptr<connect::FakeExchange>;

  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(EngineFixture::SetUp());
    service_ = std::make_unique<CouponService>(*engine_, entropy_, CodeKey{});
    handler_ = service_->MakeHandler(executor_);
  }

  Exchange Send(std::string_view method, std::string_view path, std::string_view body) {
    auto exchange = std::make_shared<connect::FakeExchange>();
    const http::HeaderField json{"Content-Type", "application/json"};
    handler_->Handle(
        {.method = method, .path = path, .query = {}, .body = body, .headers = {&json, 1}},
        exchange);
    EXPECT_TRUE(exchange->answered());
    return exchange;
  }
  Exchange Check(const std::string& service) {
    return Send("POST", "/grpc.health.v1.Health/Check", R"({"service":")" + service + R"("})");
  }
  /// Returns the status of the server, after checking that /readyz says the same.
  std::string Status() {
    const std::string body = Check("")->response().body;
    const bool serving = body == R"({"status":"SERVING"})";
    EXPECT_EQ(Send("GET", "/readyz", "")->response().status, serving ? kOk : kServiceUnavailable);
    return body;
  }

  std::unique_ptr<CouponService> service_;
  std::unique_ptr<http::Handler> handler_;
};

TEST_F(HealthTest, EveryServiceIsServing) {
  for (const char* name :
       {"", "coupon.v1.CouponService", "coupon.v1.AdminService", "grpc.health.v1.Health"}) {
    const Exchange exchange = Check(name);
    EXPECT_EQ(exchange->response().status, kOk) << name;
    EXPECT_EQ(exchange->response().body, R"({"status":"SERVING"})") << name;
  }
  EXPECT_EQ(Send("POST", "/grpc.health.v1.Health/Check", "{}")->response().body,
            R"({"status":"SERVING"})");
}

TEST_F(HealthTest, NothingServesAfterAFailedWrite) {
  EXPECT_EQ(Status(), R"({"status":"SERVING"})");
  fence_.Raise({ErrorCode::kIo, "the disk is gone"});
  EXPECT_EQ(Status(), R"({"status":"NOT_SERVING"})");
  EXPECT_EQ(Check("coupon.v1.CouponService")->response().body, R"({"status":"NOT_SERVING"})");
}

TEST_F(HealthTest, AFailedWriteIsNotAlive) {
  EXPECT_EQ(Send("GET", "/livez", "")->response().status, kOk);
  service_->BeginStop();
  EXPECT_EQ(Send("GET", "/livez", "")->response().status, kOk)
      << "stopping is no reason to kill it";
  fence_.Raise({ErrorCode::kIo, "the disk is gone"});
  EXPECT_EQ(Send("GET", "/livez", "")->response().status, kServiceUnavailable);
}

TEST_F(HealthTest, VerboseShowsEachCondition) {
  const auto verbose = [this] {
    auto exchange = std::make_shared<connect::FakeExchange>();
    handler_->Handle(
        {.method = "GET", .path = "/readyz", .query = "a=b&verbose", .body = {}, .headers = {}},
        exchange);
    return exchange->response().body;
  };
  EXPECT_EQ(verbose(), "[+]recovery ok\n[+]writes ok\n[+]clock ok\n[+]serving ok\nready\n");
  service_->BeginStop();
  EXPECT_EQ(verbose(),
            "[+]recovery ok\n[+]writes ok\n[+]clock ok\n[-]serving failed\nnot ready: stopping\n");
}

TEST_F(HealthTest, AStoppingServerDoesNotServe) {
  EXPECT_EQ(Status(), R"({"status":"SERVING"})");
  service_->BeginStop();
  EXPECT_EQ(Status(), R"({"status":"NOT_SERVING"})");
  EXPECT_EQ(Check("grpc.health.v1.Health")->response().body, R"({"status":"NOT_SERVING"})");
}

TEST_F(HealthTest, AnUnknownServiceIsNotFoundAndTheKnownOnesAreNamed) {
  service_->BeginStop();  // which does not change which services exist
  for (const char* name : {"coupon.v1.couponservice", "CouponService", "coupon.v1", " "}) {
    const Exchange exchange = Check(name);
    EXPECT_EQ(exchange->response().status, kNotFound) << name;
    EXPECT_THAT(exchange->response().body,
                AllOf(HasSubstr(R"("code":"not_found")"), HasSubstr(name),
                      HasSubstr("coupon.v1.CouponService"), HasSubstr("coupon.v1.AdminService"),
                      HasSubstr("grpc.health.v1.Health")));
  }
  EXPECT_THAT(Check(std::string(10'000, 'x'))->response().body, SizeIs(testing::Lt(1'200U)));
}

}  // namespace
}  // namespace coupond::api
