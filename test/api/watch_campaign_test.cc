// WatchCampaign as the service has it, from the request on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "api/service_fixture.h"
#include "coupon/v1/coupon_service.pb.h"
#include "rpc/connect/envelope.h"
#include "support/builders.h"

namespace coupond::service {
namespace {

using testing::HasSubstr;

class WatchCampaignTest : public ServiceFixture {
 protected:
  Exchange Watch(std::uint8_t campaign) {
    coupon::v1::WatchCampaignRequest request;
    request.set_campaign_id(FormatUuid(test::Id(campaign).bytes));
    std::string body;
    connect::AppendEnvelope(0, request.SerializeAsString(), body);
    const http::HeaderField type{"Content-Type", "application/connect+proto"};
    Exchange exchange = Post("WatchCampaign", body, {&type, 1});
    EXPECT_TRUE(executor_.RunUntil([&] { return exchange->answered(); }));
    return exchange;
  }
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
