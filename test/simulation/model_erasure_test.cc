// What the model expects of users who are erased.

#include <gtest/gtest.h>

#include "simulation/model_fixture.h"
#include "support/builders.h"
#include "support/model.h"

namespace coupond::test {
namespace {

class ModelErasureTest : public ModelTest {
 protected:
  ModelErasureTest() {
    EXPECT_EQ(model_.Judge(IssueTo(1, 5, "somebody"), At(10)).sequence, Sequence(3));
  }

  [[nodiscard]] const ModelCoupon& coupon() const { return *model_.FindCoupon(Serial(1)); }
  RedeemCoupon RedeemedBy(std::uint8_t user) {
    RedeemCoupon command = Redeem(1);
    command.holder = ClaimOf(user);
    return command;
  }

  const EraseUser erase_ = Erase({CouponsOf(1, {1})}, RequestOf(1));
};

TEST_F(ModelErasureTest, TheTextIsShownUpToTheErasure) {
  EXPECT_EQ(model_.Judge(erase_, At(11)).sequence, Sequence(4));
  EXPECT_EQ(coupon().UserIdAt(Sequence(3)), "somebody");
  EXPECT_EQ(coupon().UserIdAt(Sequence(4)), "");
  EXPECT_EQ(coupon().status(), CouponStatus{});
}

TEST_F(ModelErasureTest, TheUserStillHasTheCoupon) {
  model_.Judge(erase_, At(11));
  const ModelOutcome outcome = model_.Judge(IssueTo(1, 5, "somebody"), At(12));
  EXPECT_EQ(outcome.kind, Kind::kHeld);
  EXPECT_EQ(outcome.serial, Serial(1));
}

TEST_F(ModelErasureTest, WithAFreedClaimTheUserGetsAnotherCoupon) {
  model_.Judge(Freeing(erase_), At(11));
  const ModelOutcome outcome = model_.Judge(IssueTo(1, 5, "somebody"), At(12));
  EXPECT_EQ(outcome.kind, Kind::kIssued);
  EXPECT_EQ(outcome.serial, Serial(2));
}

TEST_F(ModelErasureTest, WhoGotAnotherCouponHoldsThatOneAlone) {
  model_.Judge(Freeing(erase_), At(11));
  RedeemCoupon checked = RedeemedBy(5);
  checked.validate_only = true;
  EXPECT_EQ(model_.Judge(checked, At(12)).kind, Kind::kValidated);
  model_.Judge(IssueTo(1, 5, "somebody"), At(12));
  EXPECT_EQ(RefusalOf(RedeemedBy(5), At(13)), RefusalReason::kWrongHolder);
  EXPECT_EQ(model_.Judge(Redeem(1), At(13)).kind, Kind::kChanged);
}

TEST_F(ModelErasureTest, TheClaimStaysFreeWhateverBecomesOfTheCoupon) {
  model_.Judge(Freeing(erase_), At(11));
  const Sequence redemption = model_.Judge(Redeem(1), At(12)).sequence;
  EXPECT_TRUE(coupon().status().claim_freed);
  model_.Judge(Cancel(1, redemption), At(13));
  EXPECT_EQ(coupon().status(), CouponStatus{.claim_freed = true});
}

TEST_F(ModelErasureTest, ARepeatedRequestErasesNothingMore) {
  model_.Judge(erase_, At(11));
  model_.Judge(IssueTo(1, 6, "somebody"), At(12));
  const ModelOutcome outcome = model_.Judge(Erase({CouponsOf(1, {2})}, RequestOf(1)), At(13));
  EXPECT_EQ(outcome.kind, Kind::kRepeated);
  EXPECT_EQ(outcome.sequence, Sequence(4));
  EXPECT_FALSE(model_.FindCoupon(Serial(2))->erased);
}

TEST_F(ModelErasureTest, TheFirstOfItsEventsHasTheRequest) {
  model_.Judge(Create(2, "two", 2, At(10)), At(10));
  model_.Judge(IssueTo(2, 5, "somebody"), At(11));
  const ModelOutcome outcome =
      model_.Judge(Erase({CouponsOf(1, {1}), CouponsOf(2, {3})}, RequestOf(1)), At(12));
  EXPECT_EQ(outcome.event,
            Event(UserErased{
                .campaign = CampaignNumber(1), .serials = {Serial(1)}, .request = RequestOf(1)}));
  ASSERT_EQ(outcome.following.size(), 1U);
  EXPECT_EQ(outcome.following.front(),
            Event(UserErased{.campaign = CampaignNumber(2), .serials = {Serial(3)}}));
  EXPECT_EQ(model_.FindCoupon(Serial(3))->erased, Sequence(7));
}

}  // namespace
}  // namespace coupond::test
