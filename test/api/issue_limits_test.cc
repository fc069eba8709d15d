// How many coupons one person gets, through the service.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>

#include "api/json_service_fixture.h"
#include "coupon/v1/coupon_service.pb.h"
#include "support/builders.h"

namespace coupond::api {
namespace {

using testing::HasSubstr;

/// Issues coupons of campaign 1 to people.
class IssueLimitsTest : public JsonServiceFixture {
 protected:
  coupon::v1::IssueCouponResponse IssueTo(const std::string& user_id,
                                          const std::string& request_id) {
    return Issue(R"(,"userId":")" + user_id + R"(","requestId":")" + request_id + '"');
  }
  /// Asks for so many coupons, each by a request of its own, and returns the last answer.
  coupon::v1::IssueCouponResponse IssueSeveral(const std::string& user_id, int count) {
    coupon::v1::IssueCouponResponse last;
    for (int i = 1; i <= count; ++i) {
      last = IssueTo(user_id, "r" + std::to_string(i));
      EXPECT_TRUE(last.success());
      EXPECT_FALSE(last.already_issued());
    }
    return last;
  }
};

TEST_F(IssueLimitsTest, AUserGetsAsManyCouponsAsTheCampaignAllows) {
  EXPECT_EQ(Update(R"(,"couponsPerUser":3)").campaign().coupons_per_user(), 3);
  const auto last = IssueSeveral("kim", 3);
  const auto refused = IssueTo("kim", "r4");
  EXPECT_FALSE(refused.success());
  EXPECT_FALSE(refused.already_issued());
  EXPECT_EQ(refused.refusal(), coupon::v1::REFUSAL_USER_LIMIT_REACHED);
  EXPECT_EQ(refused.error(), "user has as many coupons as the campaign allows");
  EXPECT_EQ(refused.coupon().ShortDebugString(), last.coupon().ShortDebugString());
  EXPECT_EQ(refused.coupon().user_id(), "kim");
  EXPECT_EQ(refused.sequence(), last.sequence());
  EXPECT_TRUE(refused.has_server_time());

  for (const char* user_id : {"kim", " ｋｉｍ"}) {
    const auto again = IssueTo(user_id, "r3");
    EXPECT_TRUE(again.success()) << "a request that is repeated is answered as before";
    EXPECT_TRUE(again.already_issued());
    EXPECT_EQ(again.coupon().code(), last.coupon().code());
  }
  EXPECT_TRUE(IssueTo("lee", "r1").success()) << "each user has a limit of their own";
  EXPECT_TRUE(Issue().success()) << "and so has nobody in particular";
  EXPECT_EQ(GetCampaign().campaign().issued_coupons(), 5);
}

TEST_F(IssueLimitsTest, TheLimitCountsAcrossARestart) {
  Update(R"(,"couponsPerUser":3)");
  const auto last = IssueSeveral("kim", 3);
  Restart();
  const auto refused = IssueTo("kim", "r4");
  EXPECT_EQ(refused.refusal(), coupon::v1::REFUSAL_USER_LIMIT_REACHED);
  EXPECT_EQ(refused.coupon().code(), last.coupon().code());
  EXPECT_TRUE(IssueTo("kim", "r1").already_issued());
}

TEST_F(IssueLimitsTest, ARaisedLimitHolds) {
  Update(R"(,"couponsPerUser":2)");
  IssueSeveral("kim", 2);
  EXPECT_EQ(IssueTo("kim", "r3").refusal(), coupon::v1::REFUSAL_USER_LIMIT_REACHED);
  Update(R"(,"couponsPerUser":3)");
  EXPECT_TRUE(IssueTo("kim", "r3").success());
  const connect::ReadDetails fixed = DetailsOf(SendUpdate(R"(,"couponsPerUser":1)"), 400);
  EXPECT_EQ(fixed.reason, "COUPONS_PER_USER_FIXED");
  EXPECT_EQ(fixed.field, "campaign.coupons_per_user");
}

TEST_F(IssueLimitsTest, WithSeveralCouponsForEachARequestIdIsNeeded) {
  Update(R"(,"couponsPerUser":3)");
  const Exchange exchange = SendFor("IssueCoupon", R"(,"userId":"kim")");
  const connect::ReadDetails read = DetailsOf(exchange, 400);
  EXPECT_EQ(read.reason, "REQUEST_ID_REQUIRED");
  EXPECT_EQ(read.field, "request_id");
  EXPECT_THAT(exchange->response().body, HasSubstr(R"("code":"invalid_argument")"));
  EXPECT_EQ(GetCampaign().campaign().issued_coupons(), 0);

  const http::HeaderField headers[] = {{"Content-Type", "application/json"},
                                       {"Idempotency-Key", "r1"}};
  const auto by_header = Read<coupon::v1::IssueCouponResponse>(
      Post("IssueCoupon", R"({"userId":"kim","campaignId":")" + id_ + "\"}", headers));
  EXPECT_EQ(IssueTo("kim", "r1").coupon().code(), by_header.coupon().code());
}

TEST_F(IssueLimitsTest, WithOneCouponForEachTheUserIsTheKey) {
  const auto first = IssueTo("kim", "r1");
  const auto other = IssueTo("kim", "r2");
  EXPECT_TRUE(other.already_issued());
  EXPECT_EQ(other.coupon().code(), first.coupon().code());
  EXPECT_EQ(Issue(R"(,"userId":"kim")").coupon().code(), first.coupon().code());
}

TEST_F(IssueLimitsTest, ACampaignMayNeedAUser) {
  EXPECT_TRUE(Update(R"(,"userRequired":true)").campaign().user_required());
  for (const char* more : {"", R"(,"requestId":"r1")"}) {
    const auto refused = Issue(more);
    EXPECT_FALSE(refused.success());
    EXPECT_EQ(refused.refusal(), coupon::v1::REFUSAL_USER_REQUIRED);
    EXPECT_EQ(refused.error(), "user_id: missing; the campaign issues coupons to users only");
    EXPECT_FALSE(refused.has_coupon());
  }
  EXPECT_TRUE(Issue(R"(,"userId":"kim")").success());
}

TEST_F(IssueLimitsTest, AFreedClaimMakesRoomForAnother) {
  Update(R"(,"couponsPerUser":2)");
  const auto last = IssueSeveral("kim", 2);
  const std::string code = last.coupon().code();
  const auto kept = Read<coupon::v1::VoidCouponResponse>(SendCode("VoidCoupon", code));
  EXPECT_TRUE(kept.changed());
  EXPECT_EQ(IssueTo("kim", "r3").refusal(), coupon::v1::REFUSAL_USER_LIMIT_REACHED);
  EXPECT_EQ(IssueTo("kim", "r2").coupon().state(), coupon::v1::COUPON_STATE_VOIDED);

  const auto freed =
      Read<coupon::v1::VoidCouponResponse>(SendCode("VoidCoupon", code, R"(,"freeClaim":true)"));
  EXPECT_TRUE(freed.changed());
  EXPECT_FALSE(
      Read<coupon::v1::VoidCouponResponse>(SendCode("VoidCoupon", code, R"(,"freeClaim":true)"))
          .changed());
  const auto another = IssueTo("kim", "r2");
  EXPECT_TRUE(another.success());
  EXPECT_FALSE(another.already_issued()) << "the request that got the void one gets another";
  EXPECT_NE(another.coupon().code(), code);
  EXPECT_EQ(IssueTo("kim", "r3").refusal(), coupon::v1::REFUSAL_USER_LIMIT_REACHED);
}

}  // namespace
}  // namespace coupond::api
