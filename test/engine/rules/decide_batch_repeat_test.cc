#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/rules/decide_batch_fixture.h"
#include "support/builders.h"

// Batches that are asked for again, and users who have their coupons already.
namespace coupond {
namespace {

using test::Archive;
using test::At;
using test::ClaimOf;
using test::Delete;
using test::Freeing;
using test::Issue;
using test::IssueTo;
using test::Pause;
using test::Redeem;
using test::RequestOf;
using test::Return;
using test::Update;
using test::Void;

constexpr std::uint8_t kKim = 7;
constexpr std::uint8_t kLee = 8;
constexpr std::uint8_t kMax = 9;

using DecideBatchRepeatTest = DecideBatchFixture;

TEST_F(DecideBatchRepeatTest, CouponsAreFoundAsTheyWereSent) {
  GivenACampaign(9);
  Given(IssueTo(1, kKim), At(1));
  BatchIssueCoupons command = Batch({kLee});
  command.users[0].holder_as_sent = ClaimOf(kKim);
  EXPECT_EQ(When(command, At(2)), Decision(Unchanged{}));
  BatchResult found = Old(1, At(1));
  found.coupon->found_as_sent = true;
  EXPECT_EQ(Results(), std::vector{found});
}

TEST_F(DecideBatchRepeatTest, ThoseOfTheBatchComeBeforeOnesAsSent) {
  GivenACampaign(9);
  Given(IssueTo(1, kKim), At(1));
  BatchIssueCoupons command = Batch({kLee, kLee, kMax, kMax});
  command.users[1].holder_as_sent = ClaimOf(kKim);
  command.users[2].holder_as_sent = ClaimOf(kKim);
  GivenAll(command, At(2));
  BatchResult found = Old(1, At(1));
  found.coupon->found_as_sent = true;
  EXPECT_EQ(Results(),
            (std::vector<BatchResult>{New(2, At(2)), Old(2, At(2)), found, New(3, At(2))}));
}

TEST_F(DecideBatchRepeatTest, WhoGotNoPlaceMayStillBeFoundAsSent) {
  GivenACampaign(1);
  Given(IssueTo(1, kKim), At(1));
  BatchIssueCoupons command = Partial({kLee, kLee});
  command.users[1].holder_as_sent = ClaimOf(kKim);
  EXPECT_EQ(When(command, At(2)), Decision(Unchanged{}));
  BatchResult found = Old(1, At(1));
  found.coupon->found_as_sent = true;
  EXPECT_EQ(Results(), (std::vector<BatchResult>{Without(RefusalReason::kSoldOut, At(1)), found}));
}

TEST_F(DecideBatchRepeatTest, NothingHappensIfEveryoneHasOne) {
  GivenACampaign(2);
  Given(IssueTo(1, kKim), At(1));
  Given(IssueTo(1, kLee), At(1));
  Given(Redeem(1), At(2));
  const std::vector<BatchResult> shown{Old(1, At(1), CouponState::kRedeemed), Old(2, At(1))};
  BatchIssueCoupons command = Batch({kKim, kLee});
  command.request = RequestOf(1);
  const auto expect_shown = [&] {
    for (command.allow_partial = false;; command.allow_partial = true) {
      EXPECT_EQ(When(command, At(9)), Decision(Unchanged{}));
      EXPECT_EQ(Results(), shown);
      if (command.allow_partial) return;
    }
  };
  expect_shown();
  Given(Update(1, {.total_coupons = 3}), At(3));
  Given(Pause(1), At(3));
  expect_shown();
  Given(Update(1, {.end_time = At(4)}), At(3));
  expect_shown();
  Given(Archive(1), At(4));
  expect_shown();
  EXPECT_EQ(ledger_.FindRequest(RequestOf(1).digest), std::nullopt) << "it leaves nothing behind";
}

TEST_F(DecideBatchRepeatTest, InPartNobodyIsToldToComeBackForNothing) {
  GivenACampaign(9, /*coupons_per_user=*/2);
  GivenAll(Batch({kKim, kKim}), At(1));
  Given(Pause(1), At(2));
  BatchIssueCoupons another = Partial({kKim});
  another.users[0].request_key = Occurrence(kKim, 5);
  EXPECT_EQ(When(another, At(3)), Decision(Unchanged{})) << "the limit is final, the pause is not";
  EXPECT_EQ(Results(), std::vector{LimitReached(2, At(1))});
  another.users.push_back(Batch({kLee}).users[0]);
  EXPECT_EQ(When(another, At(3)), Refused(RefusalReason::kPaused));
  Given(Archive(1), At(4));
  another.users.pop_back();
  EXPECT_EQ(When(another, At(5)), Refused(RefusalReason::kEnded, At(4)));
}

TEST_F(DecideBatchRepeatTest, TakesPlaceOnceForARequest) {
  GivenACampaign(3);
  BatchIssueCoupons command = Batch({kKim, kLee});
  command.request = RequestOf(1, 2);
  Given(Issue(1), At(1));
  const Sequence first = last_.Next();
  GivenAll(command, At(2));
  results_->coupons.clear();
  const Decision as_then = Repeated{.sequence = first};
  EXPECT_EQ(When(command, At(3)), as_then);
  EXPECT_EQ(Results(), (std::vector<BatchResult>{Old(2, At(2)), Old(3, At(2))}));
  Given(Return(2), At(4));
  Given(Freeing(Void(3)), At(4));
  Given(Archive(1), At(4));
  EXPECT_EQ(When(command, At(5)), as_then) << "whatever has become of it since";
  EXPECT_EQ(Results(), (std::vector<BatchResult>{Old(2, At(2), CouponState::kReturned), {}}))
      << "what each of them has now";
  command.request = RequestOf(1, 3);
  EXPECT_EQ(When(command, At(5)), Refused(RefusalReason::kRequestIdReused));
  command.request = RequestOf(1, 2);
  Given(Delete(1), At(6));
  EXPECT_EQ(When(command, At(7)), Refused(RefusalReason::kNoSuchCampaign));
}

TEST_F(DecideBatchRepeatTest, ARefusedRequestIsDecidedAfresh) {
  GivenACampaign(1);
  BatchIssueCoupons command = Anonymous(2);
  command.request = RequestOf(1);
  EXPECT_EQ(When(command, At(1)), Refused({.reason = RefusalReason::kNotEnoughLeft, .coupons = 1}));
  Given(Update(1, {.total_coupons = 2}), At(2));
  EXPECT_TRUE(Accepts(command, At(3)));
}

}  // namespace
}  // namespace coupond
