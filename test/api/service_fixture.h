#ifndef COUPOND_TEST_API_SERVICE_FIXTURE_H_
#define COUPOND_TEST_API_SERVICE_FIXTURE_H_

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "api/coupon_service.h"
#include "api/dispatcher.h"
#include "api/engine_fixture.h"
#include "rpc/connect/fake_exchange.h"

namespace coupond::api {

/// The whole service on EngineFixture's engine, with room for one watcher, and campaign 1: ten
/// coupons, already open.
class ServiceFixture : public EngineFixture {
 protected:
  using Exchange = std::shared_ptr<connect::FakeExchange>;

  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(EngineFixture::SetUp());
    StartService();
    Dispatcher creating(*engine_, executor_);
    bool created = false;
    creating.Submit(test::Create(1, "open", 10, test::At(0)),
                    [&created](const Result<Reply>&) { created = true; });
    ASSERT_TRUE(executor_.RunUntil([&] { return created; }));
  }

  /// Ends the process, and starts another one with the same store.
  void Restart() {
    engine_->Stop();
    handler_.reset();
    service_.reset();
    StartEngine();
    StartService();
  }

  /// Sends a request, and ends the worker's turn without waiting for the answer.
  Exchange Post(std::string_view method, std::string_view body,
                std::span<const http::HeaderField> headers) {
    auto exchange = std::make_shared<connect::FakeExchange>();
    const std::string path = "/coupon.v1.CouponService/" + std::string(method);
    handler_->Handle(
        {.method = "POST", .path = path, .query = {}, .body = body, .headers = headers}, exchange);
    executor_.RunWaiting();  // the end of the worker's turn
    return exchange;
  }

  /// Replaces the service by one with these options.
  void StartServiceWith(CouponServiceOptions options) {
    handler_.reset();
    service_.reset();
    service_ = std::make_unique<CouponService>(*engine_, entropy_, CodeKey{}, std::move(options));
    handler_ = service_->MakeHandler(executor_);
  }

  std::unique_ptr<CouponService> service_;
  std::unique_ptr<http::Handler> handler_;

 private:
  void StartService() { StartServiceWith({.watchers_max = 1}); }
};

}  // namespace coupond::api

#endif  // COUPOND_TEST_API_SERVICE_FIXTURE_H_
