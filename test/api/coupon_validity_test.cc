// When coupons expire and who may redeem them, through the service.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <future>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/json_service_fixture.h"
#include "coupon/v1/coupon_service.pb.h"
#include "support/builders.h"

namespace coupond::api {
namespace {

using test::At;

/// Issues and redeems coupons of campaign 1, under terms that the tests set.
class CouponValidityTest : public JsonServiceFixture {
 protected:
  std::string IssueCode(std::string_view more = "") { return Issue(more).coupon().code(); }
  coupon::v1::Coupon FirstListed() {
    return Read<coupon::v1::ListCouponsResponse>(SendFor("ListCoupons")).coupons(0);
  }
  coupon::v1::Coupon FirstFound() {
    return Read<coupon::v1::SearchCouponsResponse>(SendFor("SearchCoupons", R"(,"userId":"kim")"))
        .coupons(0);
  }
  /// Checks that the coupon, which was issued to kim, has this state wherever it is shown.
  void ExpectEverywhere(const std::string& code, coupon::v1::CouponState state,
                        std::int64_t expires_after) {
    const std::vector<std::pair<const char*, coupon::v1::Coupon>> shown = {
        {"IssueCoupon", Issue(R"(,"userId":"kim")").coupon()},
        {"GetCoupon", GetCoupon(code)},
        {"GetCampaign", GetCampaign().coupons(0)},
        {"ListCoupons", FirstListed()},
        {"SearchCoupons", FirstFound()}};
    for (const auto& [method, coupon] : shown) {
      EXPECT_EQ(coupon.code(), code) << method;
      EXPECT_EQ(coupon.state(), state) << method;
      EXPECT_EQ(coupon.expire_time().seconds(), 1'700'000'000 + expires_after) << method;
    }
  }
};

TEST_F(CouponValidityTest, ACouponIsExpiredFromItsExpiryOn) {
  Update(R"(,"validDuration":"60s")");
  const std::string code = IssueCode(R"(,"userId":"kim")");
  ExpectEverywhere(code, coupon::v1::COUPON_STATE_ISSUED, 60);
  clock_.Set(At(59));
  ExpectEverywhere(code, coupon::v1::COUPON_STATE_ISSUED, 60);
  clock_.Set(At(60));
  ExpectEverywhere(code, coupon::v1::COUPON_STATE_EXPIRED, 60);
  const auto refused = Redeem(code);
  EXPECT_FALSE(refused.success());
  EXPECT_EQ(refused.refusal(), coupon::v1::REFUSAL_COUPON_EXPIRED);
  EXPECT_EQ(refused.error(), "coupon expired at 2023-11-14T22:14:20Z");
  EXPECT_EQ(refused.coupon().state(), coupon::v1::COUPON_STATE_EXPIRED);

  // Longer terms bring it back.
  Update(R"(,"validDuration":"90s")");
  ExpectEverywhere(code, coupon::v1::COUPON_STATE_ISSUED, 90);
  EXPECT_TRUE(Redeem(code).success());
  clock_.Set(At(100));
  ExpectEverywhere(code, coupon::v1::COUPON_STATE_REDEEMED, 90);
}

TEST_F(CouponValidityTest, NoCouponIsIssuedThatHasExpired) {
  Update(R"(,"endTime":"2023-11-14T22:15:00Z","expireTime":"2023-11-14T22:14:20Z")");
  clock_.Set(At(59));
  EXPECT_TRUE(Issue().success());
  clock_.Set(At(60));
  const auto refused = Issue();
  EXPECT_FALSE(refused.success());
  EXPECT_EQ(refused.refusal(), coupon::v1::REFUSAL_ENDED);
  EXPECT_EQ(refused.end_time().seconds(), 1'700'000'060);
  EXPECT_EQ(GetCampaign().campaign().state(), coupon::v1::CAMPAIGN_STATE_ENDED);
  EXPECT_EQ(GetCampaign().campaign().end_time().seconds(), 1'700'000'100) << "as it was set";
}

TEST_F(CouponValidityTest, EachCouponHasItsTimeFromItsIssueOn) {
  Update(R"(,"validDuration":"60s","expireTime":"2023-11-14T22:14:50Z")");
  IssueCode();
  clock_.Set(At(50));
  IssueCode();
  const auto coupons = GetCampaign().coupons();
  EXPECT_EQ(coupons[0].expire_time().seconds(), 1'700'000'060);
  EXPECT_EQ(coupons[1].expire_time().seconds(), 1'700'000'090) << "the earlier of the two";
  clock_.Set(At(60));
  EXPECT_EQ(GetCampaign().coupons(0).state(), coupon::v1::COUPON_STATE_EXPIRED);
  EXPECT_EQ(GetCampaign().coupons(1).state(), coupon::v1::COUPON_STATE_ISSUED);
  clock_.Set(At(90));
  EXPECT_EQ(GetCampaign().coupons(1).state(), coupon::v1::COUPON_STATE_EXPIRED);
}

TEST_F(CouponValidityTest, NobodysTimeIsShortened) {
  Update(R"(,"validDuration":"60s")");
  IssueCode();
  for (const char* fields :
       {R"(,"validDuration":"59s")", R"(,"expireTime":"2023-11-15T00:00:00Z")"}) {
    const connect::ReadDetails read = DetailsOf(SendUpdate(fields), 400);
    EXPECT_EQ(read.reason, "EXPIRE_TIME_TOO_EARLY");
    EXPECT_EQ(read.field, "") << "either may be at fault";
  }
  EXPECT_FALSE(Update("", R"(,"updateMask":"validDuration")").campaign().has_valid_duration());
}

TEST_F(CouponValidityTest, ALateCancelLeavesAnExpiredCoupon) {
  Update(R"(,"validDuration":"60s")");
  const std::string code = IssueCode();
  const auto redeemed = Redeem(code);
  clock_.Set(At(60));
  EXPECT_EQ(GetCoupon(code).state(), coupon::v1::COUPON_STATE_REDEEMED);
  const auto canceled = Read<coupon::v1::CancelRedemptionResponse>(
      SendCode("CancelRedemption", code,
               R"(,"redemptionSequence":")" + std::to_string(redeemed.sequence()) + '"'));
  EXPECT_EQ(canceled.coupon().state(), coupon::v1::COUPON_STATE_EXPIRED);
}

TEST_F(CouponValidityTest, RedeemingStartsWhenTheCampaignSays) {
  Update(R"(,"redeemStartTime":"2023-11-14T22:15:00Z")");
  const std::string code = IssueCode();
  clock_.Set(At(99));
  const auto refused = Redeem(code);
  EXPECT_EQ(refused.refusal(), coupon::v1::REFUSAL_COUPON_NOT_YET_VALID);
  EXPECT_EQ(refused.error(), "coupon cannot be redeemed before 2023-11-14T22:15:00Z");
  EXPECT_EQ(refused.coupon().code(), code);
  EXPECT_EQ(refused.redeem_start_time().seconds(), 1'700'000'100);
  EXPECT_EQ(refused.retry_ms(), 1'000);
  clock_.Set(At(100));
  EXPECT_TRUE(Redeem(code).success());
}

TEST_F(CouponValidityTest, ANamedUserMustBeTheCoupons) {
  const std::string code = IssueCode(R"(,"userId":"kim")");
  const std::string in_campaign = R"(,"campaignId":")" + id_ + '"';
  for (const std::string& more : {std::string(), in_campaign}) {
    const auto refused = Redeem(code, R"(,"userId":"lee")" + more);
    EXPECT_FALSE(refused.success());
    EXPECT_EQ(refused.refusal(), coupon::v1::REFUSAL_WRONG_HOLDER);
    EXPECT_FALSE(refused.has_coupon()) << "somebody else's coupon is not shown";
  }
  EXPECT_TRUE(Redeem(code, R"(,"userId":" ｋim")").success());
  EXPECT_TRUE(
      Redeem(IssueCode(R"(,"userId":"lee")"), R"(,"userId":"lee")" + in_campaign).success());
  EXPECT_EQ(Redeem(IssueCode(), R"(,"userId":"kim")").refusal(), coupon::v1::REFUSAL_WRONG_HOLDER)
      << "an anonymous coupon is nobody's";
  EXPECT_TRUE(Redeem(IssueCode(R"(,"userId":"park")")).success()) << "nobody is named";
}

TEST_F(CouponValidityTest, OtherCampaignsUsersAreNotCompared) {
  const auto other = Read<coupon::v1::CreateCampaignResponse>(
      SendJson("CreateCampaign", R"({"name":"two","totalCoupons":5,"startIn":"0s"})"));
  const std::string of_other = R"(,"campaignId":")" + other.campaign().id() + '"';
  const std::string code = Read<coupon::v1::IssueCouponResponse>(
                               SendFor("IssueCoupon", R"(,"userId":"kim")", other.campaign().id()))
                               .coupon()
                               .code();
  for (const char* user_id : {"kim", "lee"}) {
    const auto refused =
        Redeem(code, R"(,"campaignId":")" + id_ + R"(","userId":")" + user_id + '"');
    EXPECT_EQ(refused.refusal(), coupon::v1::REFUSAL_NO_SUCH_COUPON);
    EXPECT_FALSE(refused.has_coupon());
  }
  EXPECT_TRUE(Redeem(code, of_other + R"(,"userId":"kim")").success());
}

TEST_F(CouponValidityTest, NamingTheCampaignRedeemsWithFullQueries) {
  const std::string kim = R"(,"userId":"kim")";
  const std::string code = IssueCode(kim);
  std::promise<void> end = FillQueries();
  EXPECT_EQ(DetailsOf(SendCode("RedeemCoupon", code, kim), 503).reason, "OVERLOADED");
  EXPECT_EQ(Issue(kim).coupon().state(), coupon::v1::COUPON_STATE_ISSUED) << "nothing is redeemed";
  EXPECT_TRUE(Redeem(code, R"(,"campaignId":")" + id_ + '"' + kim).success());
  EXPECT_EQ(Issue(kim).coupon().state(), coupon::v1::COUPON_STATE_REDEEMED);
  end.set_value();
}

TEST_F(CouponValidityTest, ACampaignDeletedMeanwhileHasNoCoupons) {
  const std::string code = IssueCode(R"(,"userId":"kim")");
  std::promise<void> look_up;
  ASSERT_TRUE(
      engine_->Query([begun = look_up.get_future().share()](const Status&) { begun.wait(); }));
  const Exchange redeemed = SendCode("RedeemCoupon", code, R"(,"userId":"kim")");
  std::promise<void> looked_up;
  ASSERT_TRUE(engine_->Query([&looked_up](const Status&) { looked_up.set_value(); }));
  look_up.set_value();
  looked_up.get_future().wait();
  // What was found now waits for the worker's next turn.
  test::ManualExecutor executor;
  Dispatcher deleting(*engine_, executor);
  bool deleted = false;
  deleting.Submit(test::Delete(1), [&deleted](const Result<Reply>&) { deleted = true; });
  ASSERT_TRUE(executor.RunUntil([&deleted] { return deleted; }));
  EXPECT_EQ(Read<coupon::v1::RedeemCouponResponse>(redeemed).refusal(),
            coupon::v1::REFUSAL_NO_SUCH_COUPON);
}

TEST_F(CouponValidityTest, ACampaignMayNeedTheHolderToBeNamed) {
  Update(R"(,"couponsPerUser":2,"redeemByHolderOnly":true)");
  const std::string code = IssueCode(R"(,"userId":"kim","requestId":"r1")");
  const auto refused = Redeem(code);
  EXPECT_EQ(refused.refusal(), coupon::v1::REFUSAL_WRONG_HOLDER);
  EXPECT_EQ(refused.error(), "user_id: missing, or not the user whom the coupon was issued to");
  EXPECT_TRUE(Redeem(code, R"(,"userId":"kim")").success());
  EXPECT_EQ(Redeem(IssueCode(), R"(,"userId":"kim")").refusal(), coupon::v1::REFUSAL_WRONG_HOLDER);
}

TEST_F(CouponValidityTest, WhatIsNoCouponIsAnsweredAlikeToAnyUser) {
  IssueCode();
  const CouponCodec codec{CodeKey{}};
  for (const std::string& code : {std::string("x"), codec.Encode(Serial(2)),  // the next one
                                  codec.Encode(Serial(1'000'000))}) {
    EXPECT_EQ(BodyOf(SendCode("RedeemCoupon", code, R"(,"userId":"kim")")),
              BodyOf(SendCode("RedeemCoupon", code)));
  }
}

TEST_F(CouponValidityTest, ARedemptionMayBeCheckedFirst) {
  Update(R"(,"redeemStartTime":"2023-11-14T22:15:00Z")");
  const std::string code = IssueCode(R"(,"userId":"kim")");
  const std::string check = R"(,"validateOnly":true,"requestId":"r1","orderRef":"4711")";
  EXPECT_EQ(Redeem(code, check).refusal(), coupon::v1::REFUSAL_COUPON_NOT_YET_VALID);
  clock_.Set(At(100));
  EXPECT_EQ(Redeem(code, check + R"(,"userId":"lee")").refusal(), coupon::v1::REFUSAL_WRONG_HOLDER);
  const auto checked = Redeem(code, check);
  EXPECT_TRUE(checked.success());
  EXPECT_FALSE(checked.already_redeemed());
  EXPECT_EQ(checked.coupon().ShortDebugString(), GetCoupon(code).ShortDebugString());
  EXPECT_EQ(checked.coupon().state(), coupon::v1::COUPON_STATE_ISSUED) << "nothing is redeemed";
  const auto redeemed = Redeem(code, R"(,"requestId":"r1","orderRef":"4712")");
  EXPECT_TRUE(redeemed.success()) << "nor is the request_id taken";
  EXPECT_EQ(redeemed.sequence(), checked.sequence() + 1);
  EXPECT_EQ(Redeem(code, R"(,"validateOnly":true)").refusal(),
            coupon::v1::REFUSAL_COUPON_ALREADY_REDEEMED);
}

}  // namespace
}  // namespace coupond::api
