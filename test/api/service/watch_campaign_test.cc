// WatchCampaign as the service has it, from the request on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "api/connect/envelope.h"
#include "api/connect/fake_exchange.h"
#include "api/service/coupon_service.h"
#include "api/service/engine_fixture.h"
#include "coupon/v1/coupon_service.pb.h"
#include "support/builders.h"

namespace coupond::service {
namespace {

using testing::HasSubstr;

class WatchCampaignTest : public EngineFixture {
 protected:
  using Exchange = std::shared_ptr<connect::FakeExchange>;

  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(EngineFixture::SetUp());
    service_ = std::make_unique<CouponService>(*engine_, entropy_, CodeKey{}, nullptr,
                                               /*watchers_max=*/1);
    handler_ = service_->MakeHandler(executor_);
    Dispatcher creating(*engine_, executor_);
    bool created = false;
    creating.Submit(test::Create(1, "watched", 10, test::At(0)),
                    [&created](const Result<Reply>&) { created = true; });
    ASSERT_TRUE(executor_.RunUntil([&] { return created; }));
  }

  Exchange Watch(std::uint8_t campaign) {
    coupon::v1::WatchCampaignRequest request;
    request.set_campaign_id(FormatUuid(test::Id(campaign).bytes));
    std::string body;
    connect::AppendEnvelope(0, request.SerializeAsString(), body);
    auto exchange = std::make_shared<connect::FakeExchange>();
    const http::HeaderField type{"Content-Type", "application/connect+proto"};
    handler_->Handle({.method = "POST",
                      .path = "/coupon.v1.CouponService/WatchCampaign",
                      .query = {},
                      .body = body,
                      .headers = {&type, 1}},
                     exchange);
    EXPECT_TRUE(executor_.RunUntil([&] { return exchange->answered(); }));
    return exchange;
  }

  std::unique_ptr<CouponService> service_;
  std::unique_ptr<http::Handler> handler_;
};

TEST_F(WatchCampaignTest, MoreThanMayWatchAreToldToComeBackLater) {
  Exchange first = Watch(1);
  ASSERT_NE(first->pieces(), nullptr);
  const Exchange second = Watch(1);
  EXPECT_EQ(second->pieces(), nullptr);
  EXPECT_THAT(second->response().body, HasSubstr(R"("code":"unavailable")"));
  EXPECT_THAT(second->response().body, HasSubstr(R"("Retry-After":["1"])"));
  first.reset();  // it leaves
  EXPECT_NE(Watch(1)->pieces(), nullptr);
}

TEST_F(WatchCampaignTest, AnUnknownCampaignIsNotFoundAndTakesNoPlace) {
  EXPECT_THAT(Watch(2)->response().body, HasSubstr(R"("code":"not_found")"));
  EXPECT_NE(Watch(1)->pieces(), nullptr);
}

}  // namespace
}  // namespace coupond::service
