#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tools/couponctl/load/consistency_fixture.h"

namespace coupond::ctl {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

/// The load has redeemed its three coupons.
class RedemptionCheckTest : public ConsistencyCheckTest {
 protected:
  RedemptionCheckTest() {
    HoldAndListAsItShouldBe();
    for (HeldCoupon& coupon : held_) coupon.redemption = RedeemOutcome::kRedeemed;
    for (coupon::v1::Coupon& coupon : listed_) {
      if (IsHeld(coupon)) Redeem(coupon, ids_.For(coupon.code()));
    }
  }
  [[nodiscard]] bool IsHeld(const coupon::v1::Coupon& coupon) const {
    return std::ranges::find(held_, coupon.code(),
                             [](const auto& held) { return held.code.text(); }) != held_.end();
  }
  static void Redeem(coupon::v1::Coupon& coupon, const std::string& request_id) {
    coupon.set_state(coupon::v1::COUPON_STATE_REDEEMED);
    coupon.mutable_redemption()->set_request_id(request_id);
  }
  void Unredeem() {
    listed_.back().set_state(coupon::v1::COUPON_STATE_ISSUED);
    listed_.back().clear_redemption();
  }
  std::vector<Fault> CheckRedeemed(std::int64_t redeemed_after) {
    after_ = CampaignFigures{.total = 10, .redeemed = redeemed_after};
    return Check(5, {.redeemed_with = ids_});
  }

  RedeemRequestIds ids_;
};

TEST_F(RedemptionCheckTest, EveryCouponRedeemedOncePasses) {
  EXPECT_THAT(CheckRedeemed(3), IsEmpty());
  again_ = {{"다3", RedeemOutcome::kAlreadyRedeemed}};
  EXPECT_THAT(CheckRedeemed(3), IsEmpty());
}

TEST_F(RedemptionCheckTest, ARedemptionThatIsLostIsReported) {
  Unredeem();
  EXPECT_THAT(CheckRedeemed(2),
              ElementsAre(IsFault(Fault::Kind::kNotRedeemed,
                                  "마5 was redeemed, but the server lists it as "
                                  "COUPON_STATE_ISSUED"),
                          IsFault(Fault::Kind::kRedeemedCountOff, "by 2, but the clients")));
}

TEST_F(RedemptionCheckTest, ARedemptionByAnotherRequestIsReported) {
  Redeem(listed_.back(), "another");
  EXPECT_THAT(CheckRedeemed(3),
              ElementsAre(IsFault(Fault::Kind::kWrongRedemption, "redeemed by another")));
  // The clients were not told that it was redeemed at all.
  held_.back().redemption = RedeemOutcome::kPaused;
  EXPECT_THAT(CheckRedeemed(3), Contains(IsFault(Fault::Kind::kWrongRedemption, "none but")));
}

TEST_F(RedemptionCheckTest, ARefusalThatTookPlaceIsReported) {
  held_.back().redemption = RedeemOutcome::kPaused;
  EXPECT_THAT(CheckRedeemed(3),
              ElementsAre(IsFault(Fault::Kind::kWrongRedemption, "did not answer so"),
                          IsFault(Fault::Kind::kRedeemedCountOff, "the clients redeemed 2")));
}

TEST_F(RedemptionCheckTest, AWrongRefusalIsReported) {
  held_.back().redemption = RedeemOutcome::kAlreadyRedeemed;
  Unredeem();
  EXPECT_THAT(CheckRedeemed(2),
              ElementsAre(IsFault(Fault::Kind::kRedemptionRefused,
                                  "마5 was issued to this load, but its "
                                  "redemption was refused as: already redeemed")));
  for (const RedeemOutcome right :
       {RedeemOutcome::kPaused, RedeemOutcome::kExpired, RedeemOutcome::kNotYetValid,
        RedeemOutcome::kFailed, RedeemOutcome::kNotTried}) {
    held_.back().redemption = right;
    EXPECT_THAT(CheckRedeemed(2), IsEmpty());
  }
}

TEST_F(RedemptionCheckTest, AnOlderCouponMayBeRedeemedAlready) {
  held_.back().redemption = RedeemOutcome::kAlreadyRedeemed;
  held_.back().is_new = false;
  Redeem(listed_.back(), "another");
  before_.redeemed = 1;
  EXPECT_THAT(CheckRedeemed(3), IsEmpty());
  // But not by a request of this load.
  Redeem(listed_.back(), ids_.For(listed_.back().code()));
  EXPECT_THAT(CheckRedeemed(3), ElementsAre(IsFault(Fault::Kind::kWrongRedemption, "마5")));
}

TEST_F(RedemptionCheckTest, AnOpenOutcomeMayBeEither) {
  held_.back().redemption = RedeemOutcome::kOpen;
  EXPECT_THAT(CheckRedeemed(3), IsEmpty());
  Unredeem();
  EXPECT_THAT(CheckRedeemed(2), IsEmpty());
  EXPECT_THAT(CheckRedeemed(3), IsEmpty()) << "redeemed between the list and the count";
  EXPECT_THAT(CheckRedeemed(4), Contains(IsFault(Fault::Kind::kRedeemedCountOff, "1 outcomes")));
}

TEST_F(RedemptionCheckTest, AWrongCountOfRedeemedIsReported) {
  EXPECT_THAT(CheckRedeemed(4),
              ElementsAre(testing::AllOf(IsFault(Fault::Kind::kRedeemedCountOff, "from 0 to 4"),
                                         testing::Field(&Fault::count, 2))));
  before_.redeemed = 1;
  Redeem(listed_.front(), "of an earlier load");
  EXPECT_THAT(CheckRedeemed(4), IsEmpty());
  EXPECT_THAT(CheckRedeemed(3), Not(IsEmpty()));
}

TEST_F(RedemptionCheckTest, ASecondRedemptionIsReported) {
  again_ = {{"다3", RedeemOutcome::kRedeemed}, {"라4", RedeemOutcome::kNoSuchCoupon}};
  const auto faults = CheckRedeemed(3);
  EXPECT_THAT(faults, ElementsAre(IsFault(Fault::Kind::kSecondRedemption,
                                          "다3 was redeemed a second time")));
  EXPECT_EQ(faults[0].count, 2U);
}

TEST_F(RedemptionCheckTest, NothingIsSaidOfALoadThatRedeemedNothing) {
  after_ = CampaignFigures{.total = 10, .redeemed = 9};
  EXPECT_THAT(Check(5), IsEmpty());
}

}  // namespace
}  // namespace coupond::ctl
