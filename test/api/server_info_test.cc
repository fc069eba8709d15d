#include "api/server_info.h"

#include <gtest/gtest.h>

#include <string>

#include "api/json_service_fixture.h"
#include "base/hex.h"
#include "coupon/v1/admin_service.pb.h"
#include "engine/rules/limits.h"
#include "rpc/connect/fake_exchange.h"
#include "rpc/http/limits.h"

namespace coupond::api {
namespace {

class ServerInfoTest : public JsonServiceFixture {
 protected:
  coupon::v1::GetServerInfoResponse GetServerInfo() {
    return Read<coupon::v1::GetServerInfoResponse>(
        Ask("POST", "/coupon.v1.AdminService/GetServerInfo", "", "{}"));
  }
  Exchange Ask(std::string_view method, std::string_view path, std::string_view query,
               std::string_view body) {
    auto exchange = std::make_shared<connect::FakeExchange>();
    const http::HeaderField json{"Content-Type", "application/json"};
    handler_->Handle(
        {.method = method, .path = path, .query = query, .body = body, .headers = {&json, 1}},
        exchange);
    return exchange;
  }
};

TEST_F(ServerInfoTest, TheHeadIsThatOfTheLog) {
  for (int i = 0; i < 3; ++i) {
    const LogTip tip = log_.Tip();
    const auto info = GetServerInfo();
    EXPECT_EQ(info.head_sequence(), tip.sequence.value());
    EXPECT_EQ(info.head_hash(), Hex(tip.hash));
    Issue();
  }
}

TEST_F(ServerInfoTest, TheTimesAreThoseByWhichCommandsAreDecided) {
  clock_.Set(test::At(60));
  const auto info = GetServerInfo();
  EXPECT_EQ(info.started_at().seconds(), test::At(0).unix_nanoseconds() / 1'000'000'000);
  EXPECT_EQ(info.server_time().seconds(), test::At(60).unix_nanoseconds() / 1'000'000'000);
  Issue();
  clock_.Set(test::At(30));
  EXPECT_EQ(GetServerInfo().server_time().seconds(), info.server_time().seconds())
      << "a clock that was set back does not turn time back";
}

TEST_F(ServerInfoTest, TheLimitsAreThoseThatHold) {
  const coupon::v1::ServerLimits limits = GetServerInfo().limits();
  EXPECT_EQ(limits.coupons_per_campaign_max(), limits::kCouponsPerCampaignMax);
  EXPECT_EQ(limits.live_campaigns_max(), static_cast<std::int64_t>(limits::kLiveCampaignsMax));
  EXPECT_EQ(limits.coupons_per_user_max(), 1'000);
  EXPECT_EQ(limits.page_size_max(), 1'000);
  EXPECT_EQ(limits.request_bytes_max(), static_cast<std::int64_t>(http::kRequestBodyBytesMax));
  EXPECT_EQ(limits.waiting_commands_max(), 65'536);
  EXPECT_EQ(limits.watchers_max(), 1) << "as the service was configured";
  EXPECT_EQ(limits.exports_max(), 16);
  EXPECT_EQ(limits.event_readers_max(), 2'000);
  EXPECT_EQ(limits.coupons_per_batch_max(), 10'000);
}

TEST_F(ServerInfoTest, VersionAndStoreAreThoseOfTheOptions) {
  CouponService service(*engine_, entropy_, CodeKey{},
                        {.watchers_max = 7,
                         .exports_max = 3,
                         .event_readers_max = 5,
                         .version = "1.2.3",
                         .store_id = test::MakeId<StoreId>(0xab)});
  handler_ = service.MakeHandler(executor_);
  const auto info = GetServerInfo();
  handler_.reset();
  EXPECT_EQ(info.version(), "1.2.3");
  EXPECT_EQ(info.store_id(), "ab000000-0000-0000-0000-000000000054");
  EXPECT_EQ(info.limits().watchers_max(), 7);
  EXPECT_EQ(info.limits().exports_max(), 3);
  EXPECT_EQ(info.limits().event_readers_max(), 5);
}

TEST_F(ServerInfoTest, MayBeCalledWithGet) {
  const auto exchange =
      Ask("GET", "/coupon.v1.AdminService/GetServerInfo", "encoding=json&message=%7B%7D", "");
  EXPECT_EQ(exchange->response().status, 200);
  EXPECT_EQ(exchange->Header("Cache-Control"), "no-cache");
}

}  // namespace
}  // namespace coupond::api
