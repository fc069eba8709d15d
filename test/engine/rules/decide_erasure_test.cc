#include "engine/rules/decide_parts.h"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "engine/rules/decide_fixture.h"
#include "support/builders.h"

// What commands that erase users lead to.
namespace coupond {
namespace {

using test::At;
using test::Cancel;
using test::ClaimOf;
using test::CouponsOf;
using test::Create;
using test::Delete;
using test::Erase;
using test::Freeing;
using test::Id;
using test::IssueOnRequest;
using test::IssueTo;
using test::Redeem;
using test::RequestOf;
using test::Return;
using test::Void;

class DecideErasureTest : public DecideTest {
 protected:
  /// Two campaigns of ten coupons; user 7 has the first coupon of each, 1 and 11.
  void SetUp() override {
    Given(Create(1, "one", 10, At(0)), At(0));
    Given(Create(2, "two", 10, At(0)), At(0));
    Given(IssueTo(1, 7, "kim"), At(1));
    Given(IssueTo(2, 7, "kim"), At(1));
  }
  /// Returns the serial of the coupon that the user has by asking now, and carries that out.
  Serial CouponOfUser(std::uint8_t user) {
    const Decision decision = When(IssueTo(1, user), At(5));
    if (const auto* held = std::get_if<HeldCoupon>(&decision)) return held->serial;
    return std::get<CouponIssued>(Given(IssueTo(1, user), At(5))).serial;
  }
};

UserErased Erased(std::uint64_t campaign, std::initializer_list<std::uint64_t> serials,
                  std::optional<RequestKey> request = {}, bool claims_freed = false) {
  return {.campaign = CampaignNumber(campaign),
          .serials = CouponsOf(campaign, serials).serials,
          .claims_freed = claims_freed,
          .request = request};
}

TEST_F(DecideErasureTest, NothingToEraseIsNoEvent) {
  EXPECT_EQ(When(Erase({}), At(2)), Decision(Unchanged{}));
  EXPECT_EQ(When(Erase({}, RequestOf(1)), At(2)), Decision(Unchanged{}));
}

TEST_F(DecideErasureTest, TheCouponsOfOneCampaignAreOneEvent) {
  EXPECT_EQ(EventOf(Erase({CouponsOf(1, {1})}), At(2)), Event(Erased(1, {1})));
  EXPECT_EQ(EventOf(Freeing(Erase({CouponsOf(1, {1})}, RequestOf(1, 5))), At(2)),
            Event(Erased(1, {1}, RequestOf(1, 5), true)));
}

TEST_F(DecideErasureTest, EachFurtherCampaignIsAnEventThatFollows) {
  const std::vector<Event> events = GivenAll(
      Freeing(Erase({CouponsOf(1, {1}), CouponsOf(2, {11}), CouponsOf(9, {99})}, RequestOf(1, 5))),
      At(2));
  EXPECT_EQ(events, (std::vector<Event>{Erased(1, {1}, RequestOf(1, 5), true),
                                        Erased(2, {11}, {}, true), Erased(9, {99}, {}, true)}));
  EXPECT_EQ(ledger_.FindRequest(ClaimOf(1))->sequence, Sequence(5)) << "that of the first event";
}

TEST_F(DecideErasureTest, TakesPlaceOnceForARequest) {
  const EraseUser command = Erase({CouponsOf(1, {1})}, RequestOf(1, 5));
  Given(command, At(2));
  EXPECT_EQ(When(command, At(3)), Decision(Repeated{.sequence = Sequence(5)}));
  EXPECT_EQ(When(Erase({CouponsOf(1, {2})}, RequestOf(1, 5)), At(3)),
            Decision(Repeated{.sequence = Sequence(5)}));
  EXPECT_EQ(When(Erase({}, RequestOf(1, 5)), At(3)), Decision(Repeated{.sequence = Sequence(5)}));
  EXPECT_EQ(When(Erase({CouponsOf(1, {1})}, RequestOf(1, 6)), At(3)),
            Refused(RefusalReason::kRequestIdReused));
  EXPECT_EQ(When(Erase({}, RequestOf(1, 6)), At(3)), Refused(RefusalReason::kRequestIdReused));
}

TEST_F(DecideErasureTest, AnEmptyErasureLeavesNothing) {
  EXPECT_EQ(When(Erase({}, RequestOf(1, 5)), At(2)), Decision(Unchanged{}));
  EXPECT_TRUE(Accepts(Erase({CouponsOf(1, {1})}, RequestOf(1, 6)), At(3)));
}

TEST_F(DecideErasureTest, CouponsOfADeletedCampaignAreErasedToo) {
  Given(Delete(1), At(2));
  EXPECT_EQ(EventOf(Freeing(Erase({CouponsOf(1, {1})})), At(3)), Event(Erased(1, {1}, {}, true)));
  const std::uint64_t before = ledger_.Digest();
  Given(Freeing(Erase({CouponsOf(1, {1})})), At(3));
  EXPECT_EQ(ledger_.Digest(), before) << "the ledger has nothing of it";
}

TEST_F(DecideErasureTest, WithoutFreeClaimsTheUserHasTheSameCoupon) {
  const std::uint64_t before = ledger_.Digest();
  Given(Erase({CouponsOf(1, {1})}), At(2));
  EXPECT_EQ(ledger_.Digest(), before);
  EXPECT_EQ(CouponOfUser(7), Serial(1));
}

TEST_F(DecideErasureTest, FreedClaimsAllowAnotherCoupon) {
  Given(IssueTo(1, 8), At(1));   // 2
  Given(IssueTo(1, 9), At(1));   // 3
  Given(IssueTo(1, 10), At(1));  // 4
  Given(Redeem(2), At(2));
  Given(Void(3), At(2));
  Given(Return(4), At(2));
  Given(Freeing(Erase({CouponsOf(1, {1, 2, 3, 4})})), At(3));
  EXPECT_EQ(CouponOfUser(7), Serial(5));
  EXPECT_EQ(CouponOfUser(8), Serial(6));
  EXPECT_EQ(CouponOfUser(9), Serial(7));
  EXPECT_EQ(CouponOfUser(10), Serial(8));
  EXPECT_EQ(CouponOfUser(7), Serial(5)) << "and that one again";
}

TEST_F(DecideErasureTest, TheCouponsStayWhatTheyWere) {
  Given(IssueTo(1, 8), At(1));
  Given(Redeem(2), At(2));
  const Sequence redemption = last_;
  Given(Freeing(Erase({CouponsOf(1, {1, 2})})), At(3));
  EXPECT_EQ(ledger_.Find(Id(1))->issued_coupons, 2);
  EXPECT_EQ(When(Redeem(2), At(4)),
            Refused({.reason = RefusalReason::kCouponAlreadyRedeemed, .present = redemption}));
  Given(Cancel(2, redemption), At(4));
  Given(Redeem(1), At(4));
  Given(Redeem(2), At(4));
  EXPECT_EQ(CouponOfUser(7), Serial(3)) << "the claim stays free";
  EXPECT_EQ(CouponOfUser(8), Serial(4));
}

TEST_F(DecideErasureTest, AClaimThatWasFreedBeforeIsNotFreedAgain) {
  Given(Freeing(Erase({CouponsOf(1, {1})})), At(2));
  EXPECT_FALSE(std::get<CouponVoided>(Given(Freeing(Void(1)), At(3))).claim_freed);
  EXPECT_EQ(CouponOfUser(7), Serial(2));
  Given(Freeing(Erase({CouponsOf(1, {1})})), At(6));
  EXPECT_EQ(CouponOfUser(7), Serial(2)) << "the new coupon has its own claim";
}

TEST_F(DecideErasureTest, AFreedCouponNoLongerCountsAgainstTheLimit) {
  CreateCampaign create = Create(3, "three", 10, At(1));
  create.coupons_per_user = 2;
  Given(create, At(1));
  const auto count = [this] {
    const Holders* const holders = ledger_.FindHolders(CampaignNumber(3));
    const auto found = holders->Find(ClaimOf(7));
    return found ? found->coupons : 0;
  };
  Given(IssueOnRequest(3, 21, 7), At(2));  // 21
  Given(IssueOnRequest(3, 22, 7), At(2));  // 22
  const Decision full = When(IssueOnRequest(3, 23, 7), At(3));
  EXPECT_TRUE(std::get<HeldCoupon>(full).limit_reached);
  Given(Freeing(Erase({CouponsOf(3, {21})})), At(3));
  EXPECT_EQ(count(), 1U);
  Given(Freeing(Erase({CouponsOf(3, {21})})), At(3));
  Given(Freeing(Void(21)), At(3));
  EXPECT_EQ(count(), 1U) << "it went down once";
  Given(IssueOnRequest(3, 23, 7), At(4));
  EXPECT_EQ(count(), 2U);
  Given(Freeing(Erase({CouponsOf(3, {21, 22, 23})})), At(5));
  EXPECT_EQ(count(), 0U);
  EXPECT_TRUE(Accepts(IssueOnRequest(3, 22, 7), At(6))) << "the same request, a new coupon";
}

TEST_F(DecideErasureTest, WhoGotAnotherCouponHoldsThatOneAlone) {
  RedeemCoupon redeem = Redeem(1);
  redeem.holder = ClaimOf(7);
  Given(Freeing(Erase({CouponsOf(1, {1})})), At(2));
  EXPECT_TRUE(Accepts(redeem, At(3))) << "nothing has taken its place yet";
  EXPECT_EQ(CouponOfUser(7), Serial(2));
  EXPECT_EQ(When(redeem, At(6)), Refused(RefusalReason::kWrongHolder));
  EXPECT_TRUE(Accepts(Redeem(1), At(6)));
}

TEST_F(DecideErasureTest, SeveralCouponsOfAUserStayTheUsers) {
  CreateCampaign create = Create(3, "three", 10, At(1));
  create.coupons_per_user = 2;
  Given(create, At(1));
  Given(IssueOnRequest(3, 21, 7), At(2));  // 21
  Given(Freeing(Erase({CouponsOf(3, {21})})), At(3));
  Given(IssueOnRequest(3, 22, 7), At(4));  // 22
  RedeemCoupon redeem = Redeem(21);
  redeem.holder = ClaimOf(7);
  EXPECT_TRUE(Accepts(redeem, At(5)));
}

TEST_F(DecideErasureTest, SerialsThatNobodyHasFreeNothing) {
  const std::uint64_t before = ledger_.Digest();
  Given(Freeing(Erase({CouponsOf(1, {5, 11, 500}), CouponsOf(2, {1})})), At(2));
  EXPECT_EQ(ledger_.Digest(), before);
}

TEST_F(DecideErasureTest, TheEndOfAnErasureChangesNothing) {
  Given(Erase({CouponsOf(1, {1})}), At(2));
  const std::uint64_t before = ledger_.Digest();
  EXPECT_EQ(Given(FinishErasure{.erasure = last_}, At(3)),
            Event(ErasureFinished{.erasure = Sequence(5)}));
  EXPECT_EQ(ledger_.Digest(), before);
}

}  // namespace
}  // namespace coupond
