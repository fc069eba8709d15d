#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <variant>

#include "engine/rules/decide_fixture.h"
#include "support/builders.h"

// How many coupons one user may have.
namespace coupond {
namespace {

using test::Archive;
using test::At;
using test::ClaimOf;
using test::Create;
using test::Freeing;
using test::Id;
using test::Issue;
using test::IssueOnRequest;
using test::IssueTo;
using test::Pause;
using test::Redeem;
using test::Resume;
using test::Return;
using test::Unarchive;
using test::Update;
using test::Void;

constexpr CampaignNumber kFirst{1};
/// Users, and requests of theirs.
constexpr std::uint8_t kKim = 7;
constexpr std::uint8_t kLee = 8;
constexpr std::uint8_t kR1 = 21;
constexpr std::uint8_t kR2 = 22;
constexpr std::uint8_t kR3 = 23;
constexpr std::uint8_t kR4 = 24;

class DecideUsersTest : public DecideTest {
 protected:
  void GivenACampaign(std::uint32_t coupons_per_user, std::int64_t total = 100) {
    CreateCampaign create = Create(1, "one", total, At(0));
    create.coupons_per_user = coupons_per_user;
    Given(create, At(0));
  }

  static Decision LimitReached(std::uint64_t serial, Timestamp issued_at,
                               CouponState state = CouponState::kIssued) {
    HeldCoupon last = CouponOf(serial, issued_at, state);
    last.limit_reached = true;
    return last;
  }
};

/// Everything that forbids issuing holds at first.
TEST_F(DecideUsersTest, IssueIsRefusedInTheOrderOfPrecedence) {
  CreateCampaign create = Create(1, "one", 2, At(10));
  create.coupons_per_user = 2;
  create.user_required = true;
  Given(create, At(0));
  Given(IssueOnRequest(1, kR1, kKim), At(11));
  Given(IssueOnRequest(1, kR2, kKim), At(12));
  Given(Pause(1), At(13));
  Given(Archive(1), At(14));
  IssueCoupon command = Issue(9);
  // A clock in the past stands in for a start that has not come.
  EXPECT_EQ(When(command, At(9)), Refused(RefusalReason::kNoSuchCampaign));
  command.campaign_id = Id(1);
  EXPECT_EQ(When(command, At(9)), Refused(RefusalReason::kUserRequired));
  command.holder = ClaimOf(kKim);
  EXPECT_EQ(When(command, At(9)), Refused(RefusalReason::kRequestIdRequired));
  command.request_key = ClaimOf(kR1);
  EXPECT_EQ(When(command, At(9)), Held(1, At(11))) << "whatever the state";
  command.request_key = ClaimOf(kR3);
  EXPECT_EQ(When(command, At(9)), Refused(RefusalReason::kEnded, At(14)));
  Given(Unarchive(1), At(15));
  EXPECT_EQ(When(command, At(9)), LimitReached(2, At(12)));
  command.holder = ClaimOf(kLee);
  EXPECT_EQ(When(command, At(9)), Refused(RefusalReason::kSoldOut, At(12)));
  Given(Update(1, {.total_coupons = 3}), At(15));
  EXPECT_EQ(When(command, At(9)), Refused(RefusalReason::kNotStarted, At(10)));
  EXPECT_EQ(When(command, At(16)), Refused(RefusalReason::kPaused));
  Given(Resume(1), At(16));
  EXPECT_TRUE(Accepts(command, At(16)));
}

TEST_F(DecideUsersTest, ACampaignThatHasEndedSaysSoBeforeTheLimit) {
  CreateCampaign create = Create(1, "one", 9, At(0));
  create.coupons_per_user = 2;
  create.end_time = At(10);
  Given(create, At(0));
  Given(IssueOnRequest(1, kR1, kKim), At(1));
  Given(IssueOnRequest(1, kR2, kKim), At(1));
  EXPECT_EQ(When(IssueOnRequest(1, kR3, kKim), At(9)), LimitReached(2, At(1)));
  EXPECT_EQ(When(IssueOnRequest(1, kR3, kKim), At(10)), Refused(RefusalReason::kEnded, At(10)));
}

TEST_F(DecideUsersTest, AUserGetsAsManyAsAllowedOneForEachRequest) {
  GivenACampaign(3);
  IssueCoupon first = IssueOnRequest(1, kR1, kKim);
  first.user_id = "kim";
  EXPECT_EQ(Given(first, At(1)),
            Event(CouponIssued{kFirst, Serial(1), ClaimOf(kKim), ClaimOf(kR1), "kim"}));
  Given(IssueOnRequest(1, kR2, kKim), At(2));
  EXPECT_EQ(When(IssueOnRequest(1, kR1, kKim), At(3)), Held(1, At(1)));
  Given(IssueOnRequest(1, kR3, kKim), At(3));
  Given(Redeem(3), At(4));
  EXPECT_EQ(When(IssueOnRequest(1, kR4, kKim), At(5)),
            LimitReached(3, At(3), CouponState::kRedeemed));
  EXPECT_EQ(When(IssueOnRequest(1, kR2, kKim), At(5)), Held(2, At(2))) << "as before";
  EXPECT_TRUE(Accepts(IssueOnRequest(1, kR4, kLee), At(5))) << "another user";
}

TEST_F(DecideUsersTest, AnInvalidCouponCountsUnlessItsClaimIsFreed) {
  GivenACampaign(2);
  Given(IssueOnRequest(1, kR1, kKim), At(1));
  Given(IssueOnRequest(1, kR2, kKim), At(1));
  Given(Void(1), At(2));
  Given(Return(2), At(2));
  EXPECT_EQ(When(IssueOnRequest(1, kR3, kKim), At(3)),
            LimitReached(2, At(1), CouponState::kReturned));
  Given(Freeing(Void(1)), At(4));
  EXPECT_EQ(When(IssueOnRequest(1, kR2, kKim), At(5)), Held(2, At(1), CouponState::kReturned));
  Given(IssueOnRequest(1, kR1, kKim), At(5));
  EXPECT_EQ(When(IssueOnRequest(1, kR1, kKim), At(6)), Held(3, At(5)))
      << "the request has the new coupon";
  EXPECT_EQ(When(IssueOnRequest(1, kR3, kKim), At(6)), LimitReached(3, At(5)));
}

TEST_F(DecideUsersTest, AClaimIsFreedOnce) {
  GivenACampaign(3);
  for (const std::uint8_t request : {kR1, kR2, kR3}) {
    Given(IssueOnRequest(1, request, kKim), At(1));
  }
  const auto counted = [this] { return ledger_.FindHolders(kFirst)->Find(ClaimOf(kKim))->coupons; };
  EXPECT_TRUE(std::get<CouponVoided>(Given(Freeing(Void(1)), At(2))).claim_freed);
  EXPECT_FALSE(std::get<CouponVoided>(Given(Freeing(Return(1)), At(2))).claim_freed);
  EXPECT_EQ(counted(), 2U);
  // Nor does an event count that says so again.
  for (const bool returned : {false, true}) {
    CouponVoided voided{.campaign = kFirst,
                        .serial = Serial(2),
                        .returned = returned,
                        .reason = {},
                        .added_serials = {},
                        .request = {}};
    voided.claim_freed = true;
    last_ = last_.Next();
    Apply(ledger_, voided, {.time = At(3), .sequence = last_});
    EXPECT_EQ(counted(), 1U);
  }
}

TEST_F(DecideUsersTest, WithOneCouponEachTheUserAloneIsTheKey) {
  GivenACampaign(1);
  EXPECT_EQ(Given(IssueOnRequest(1, kR1, kKim), At(1)),
            Event(CouponIssued{kFirst, Serial(1), ClaimOf(kKim)}));
  EXPECT_EQ(When(IssueTo(1, kKim), At(2)), Held(1, At(1)));
  EXPECT_EQ(When(IssueOnRequest(1, kR2, kKim), At(2)), Held(1, At(1)));
  EXPECT_TRUE(Accepts(IssueOnRequest(1, kR1, kLee), At(2))) << "the request is not recorded";
  EXPECT_TRUE(Accepts(IssueOnRequest(1, kR1), At(2)));
}

TEST_F(DecideUsersTest, AFreedClaimGetsAnotherCoupon) {
  GivenACampaign(1);
  Given(IssueTo(1, kKim), At(1));
  Given(IssueOnRequest(1, kR1), At(1));
  Given(Void(1), At(2));
  EXPECT_EQ(When(IssueTo(1, kKim), At(3)), Held(1, At(1), CouponState::kVoided));
  VoidCoupon freeing = Freeing(Void(1));
  freeing.reason = "misprinted";
  EXPECT_EQ(Given(freeing, At(3)),
            Event(CouponVoided{kFirst, Serial(1), false, "misprinted", {}, {}, true}));
  EXPECT_EQ(ledger_.Find(kFirst)->voided_coupons, 1) << "it is not counted again";
  Given(Freeing(Return(2)), At(3));
  EXPECT_EQ(Given(IssueTo(1, kKim), At(4)), Event(CouponIssued{kFirst, Serial(3), ClaimOf(kKim)}));
  EXPECT_EQ(When(IssueTo(1, kKim), At(5)), Held(3, At(4)));
  EXPECT_EQ(Given(IssueOnRequest(1, kR1), At(5)),
            Event(CouponIssued{kFirst, Serial(4), {}, ClaimOf(kR1)}));
  EXPECT_EQ(When(IssueOnRequest(1, kR1), At(6)), Held(4, At(5)));
}

TEST_F(DecideUsersTest, RequestsWithoutAUserAreNotCounted) {
  GivenACampaign(2);
  for (const std::uint8_t request : {kR1, kR2, kR3}) {
    const Event issued = Given(IssueOnRequest(1, request), At(1));
    EXPECT_EQ(std::get<CouponIssued>(issued).request_key, ClaimOf(request));
  }
  EXPECT_EQ(When(IssueOnRequest(1, kR1), At(2)), Held(1, At(1)));
  EXPECT_TRUE(Accepts(Issue(1), At(2)));
  EXPECT_EQ(ledger_.FindHolders(kFirst), nullptr);
}

TEST_F(DecideUsersTest, WhoNeedsAUserIdIsToldSoWhateverIsHeld) {
  GivenACampaign(1);
  Given(IssueOnRequest(1, kR1), At(1));
  Given(Update(1, {.user_required = true}), At(2));
  EXPECT_EQ(When(IssueOnRequest(1, kR1), At(3)), Refused(RefusalReason::kUserRequired));
  EXPECT_EQ(When(Issue(1), At(3)), Refused(RefusalReason::kUserRequired));
  EXPECT_TRUE(Accepts(IssueTo(1, kKim), At(3)));
}

TEST_F(DecideUsersTest, ANewLimitHoldsForLaterCoupons) {
  GivenACampaign(3);
  for (const std::uint8_t request : {kR1, kR2, kR3}) {
    Given(IssueOnRequest(1, request, kKim), At(1));
  }
  Given(Update(1, {.coupons_per_user = 2}), At(2));
  EXPECT_EQ(When(IssueOnRequest(1, kR4, kKim), At(3)), LimitReached(3, At(1)));
  Given(Freeing(Void(1)), At(3));
  EXPECT_EQ(When(IssueOnRequest(1, kR4, kKim), At(4)), LimitReached(3, At(1)));
  Given(Update(1, {.coupons_per_user = 4}), At(4));
  EXPECT_TRUE(Accepts(IssueOnRequest(1, kR4, kKim), At(5)));
}

TEST_F(DecideUsersTest, OneForEachIsFixedOnceAUserHasACoupon) {
  const auto fixed = Refused(RefusalReason::kCouponsPerUserFixed);
  GivenACampaign(1);
  Given(IssueOnRequest(1, kR1), At(1));
  Given(Update(1, {.coupons_per_user = 2}), At(1));
  Given(Update(1, {.coupons_per_user = 1}), At(1));
  Given(IssueTo(1, kKim), At(2));
  EXPECT_EQ(When(Update(1, {.coupons_per_user = 2}), At(3)), fixed);
  Given(Freeing(Return(2)), At(3));
  EXPECT_EQ(When(Update(1, {.coupons_per_user = 2}), At(4)), fixed) << "it was issued all the same";
}

TEST_F(DecideUsersTest, SeveralForEachAreFixedOnceAUserHasACoupon) {
  GivenACampaign(2);
  Given(IssueOnRequest(1, kR1, kKim), At(2));
  EXPECT_EQ(When(Update(1, {.coupons_per_user = 1}), At(3)),
            Refused(RefusalReason::kCouponsPerUserFixed));
  EXPECT_TRUE(Accepts(Update(1, {.coupons_per_user = 1'000}), At(3)));
  EXPECT_EQ(When(Update(1, {.coupons_per_user = 2}), At(3)), Decision(Unchanged{}));
}

}  // namespace
}  // namespace coupond
