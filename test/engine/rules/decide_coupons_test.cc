#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "engine/rules/decide_fixture.h"
#include "support/builders.h"

// What becomes of coupons after their issue.
namespace coupond {
namespace {

using test::At;
using test::Cancel;
using test::Create;
using test::Delete;
using test::Id;
using test::Issue;
using test::IssueTo;
using test::Pause;
using test::Redeem;
using test::RequestOf;
using test::Resume;
using test::Return;
using test::Update;
using test::Void;

constexpr CampaignNumber kFirst{1};
constexpr Activities kRedemptions{.issuing = false, .redeeming = true};

/// Two campaigns of five coupons each, with the serials 1 to 5 and 6 to 10; four of the second are
/// issued: 6 is voided, 7 redeemed, 8 returned and 9 just issued.
class DecideCouponsTest : public DecideTest {
 protected:
  DecideCouponsTest() {
    Given(Create(1, "one", 5, At(0)), At(0));
    Given(Create(2, "two", 5, At(0)), At(0));
    for (int i = 0; i < 4; ++i) Given(Issue(2), At(1));
    Given(Void(6, RequestOf(1)), At(2));
    Given(Redeem(7), At(2));
    redemption_ = last_;
    Given(Return(8), At(2));
  }

  [[nodiscard]] const LedgerCampaign& Campaign1() const { return *ledger_.Find(kFirst); }
  /// Returns the refusal of a command about a coupon whose present redemption is this one.
  static Decision NotRedeemed(Sequence present = {}) {
    return Refused({.reason = RefusalReason::kNotRedeemed, .present = present});
  }

  Sequence redemption_;  // of serial 7
};

TEST_F(DecideCouponsTest, RedeemIsRefusedInTheOrderOfPrecedence) {
  Given(Pause(2, kRedemptions), At(3));
  RedeemCoupon command = Redeem(99, RequestOf(1, /*content=*/5));
  command.campaign_id = Id(1);
  ExpectRefusals(
      command, At(4),
      {
          {RefusalReason::kNoSuchCoupon, [&] { command.serial = Serial(1); }},
          {RefusalReason::kNoSuchCoupon, [&] { command.serial = Serial(6); }},
          {RefusalReason::kNoSuchCoupon, [&] { command.campaign_id = Id(2); }},
          {RefusalReason::kRequestIdReused, [&] { command.request = RequestOf(2); }},
          {RefusalReason::kCouponVoided, [&] { command.serial = Serial(8); }},
          {RefusalReason::kCouponVoided, [&] { command.serial = Serial(7); }},
          {.refused = RefusalReason::kCouponAlreadyRedeemed,
           .mend = [&] { command.serial = Serial(9); },
           .present = redemption_},
          {RefusalReason::kRedeemingPaused, [&] { Given(Resume(2, kRedemptions), At(4)); }},
      });
}

TEST_F(DecideCouponsTest, CancelIsRefusedInTheOrderOfPrecedence) {
  CancelRedemption command = Cancel(99, Sequence(1), RequestOf(1, /*content=*/5));
  command.reason = std::string(129, 'x');
  command.campaign_id = Id(1);
  ExpectRefusals(command, At(3),
                 {
                     {RefusalReason::kReasonTooLong, [&] { command.reason = "short"; }},
                     {RefusalReason::kNoSuchCoupon, [&] { command.serial = Serial(6); }},
                     {RefusalReason::kNoSuchCoupon, [&] { command.campaign_id = Id(2); }},
                     {RefusalReason::kRequestIdReused, [&] { command.request = RequestOf(2); }},
                     {RefusalReason::kCouponVoided, [&] { command.serial = Serial(8); }},
                     {RefusalReason::kCouponVoided, [&] { command.serial = Serial(9); }},
                     {RefusalReason::kNotRedeemed, [&] { command.serial = Serial(7); }},
                     {.refused = RefusalReason::kNotRedeemed,
                      .mend = [&] { command.redemption = redemption_; },
                      .present = redemption_},
                 });
}

TEST_F(DecideCouponsTest, VoidIsRefusedInTheOrderOfPrecedence) {
  VoidCoupon command = Void(99, RequestOf(1, /*content=*/5));
  command.reason = std::string(129, 'x');
  command.campaign_id = Id(1);
  ExpectRefusals(command, At(4),
                 {
                     {RefusalReason::kReasonTooLong, [&] { command.reason = "short"; }},
                     {RefusalReason::kNoSuchCoupon, [&] { command.serial = Serial(7); }},
                     {RefusalReason::kNoSuchCoupon, [&] { command.campaign_id = Id(2); }},
                     {RefusalReason::kRequestIdReused, [&] { command.request = RequestOf(2); }},
                     {.refused = RefusalReason::kCouponAlreadyRedeemed,
                      .mend = [&] { command.serial = Serial(8); },
                      .present = redemption_},
                     {RefusalReason::kCouponVoided, [&] { command.serial = Serial(9); }},
                 });
}

TEST_F(DecideCouponsTest, AReturnNeedsASerialForThePlace) {
  Given(Issue(1), At(1));
  ledger_.RestoreCounters(CampaignNumber(3), Serial(~0ULL - 1'023));
  EXPECT_EQ(When(Return(1), At(3)), Refused(RefusalReason::kSerialsExhausted));
  EXPECT_TRUE(Accepts(Void(1), At(3)));
  EXPECT_TRUE(Accepts(Return(9), At(3))) << "it has a reserve";
  ledger_.RestoreCounters(CampaignNumber(3), Serial(~0ULL - 1'024));
  EXPECT_TRUE(Accepts(Return(1), At(3)));
}

TEST_F(DecideCouponsTest, AnEventSaysWhatWasAsked) {
  RedeemCoupon redeem = Redeem(9, RequestOf(2, 3));
  redeem.order_ref = "order";
  redeem.redeemed_by = "till";
  redeem.request_id = "id";
  EXPECT_EQ(Given(redeem, At(3)), Event(CouponRedeemed{CampaignNumber(2), Serial(9), "order",
                                                       "till", "id", RequestOf(2, 3)}));
  const Sequence redemption = last_;
  CancelRedemption cancel = Cancel(9, redemption, RequestOf(4));
  cancel.reason = "sent back";
  EXPECT_EQ(Given(cancel, At(3)), Event(RedemptionCanceled{CampaignNumber(2), Serial(9), redemption,
                                                           "sent back", RequestOf(4)}));
  VoidCoupon voiding = Void(9);
  voiding.reason = "a leak";
  EXPECT_EQ(Given(voiding, At(3)),
            Event(CouponVoided{CampaignNumber(2), Serial(9), false, "a leak", {}, {}}));
}

TEST_F(DecideCouponsTest, ALateCancelSparesTheNextRedemption) {
  const CancelRedemption by_sequence = Cancel(7, redemption_);
  Given(by_sequence, At(3));
  EXPECT_EQ(When(by_sequence, At(3)), NotRedeemed());
  Given(Redeem(7, RequestOf(2)), At(4));
  const Sequence second = last_;
  EXPECT_EQ(When(by_sequence, At(5)), NotRedeemed(second)) << "it may be named now";
  EXPECT_EQ(ledger_.FindIssued(Serial(7))->state(), CouponState::kRedeemed);

  // The same for one that is named by its request.
  const CancelRedemption by_request = Cancel(7, RequestOf(2).digest);
  EXPECT_EQ(When(Cancel(7, RequestOf(3).digest), At(5)), NotRedeemed(second));
  EXPECT_EQ(When(Cancel(7, RequestOf(1).digest), At(5)), NotRedeemed(second))
      << "a request, but of no redemption";
  Given(by_request, At(5));
  Given(Redeem(7), At(6));
  EXPECT_EQ(When(by_request, At(7)), NotRedeemed(last_));
}

TEST_F(DecideCouponsTest, ACancelWithARequestIsAnsweredAsBefore) {
  const CancelRedemption cancel = Cancel(7, redemption_, RequestOf(5));
  Given(cancel, At(3));
  const Decision as_then = Repeated{.sequence = last_};
  Given(Redeem(7), At(4));
  EXPECT_EQ(When(cancel, At(5)), as_then);
}

TEST_F(DecideCouponsTest, ARepeatedRequestIsAnsweredAsThen) {
  const RedeemCoupon redeem = Redeem(9, RequestOf(2));
  Given(redeem, At(3));
  const Sequence first = last_;
  const Decision as_then = Repeated{.sequence = first};
  EXPECT_EQ(When(redeem, At(4)), as_then);
  Given(Cancel(9, first), At(5));
  EXPECT_EQ(When(redeem, At(6)), as_then) << "it is not redeemed again";
  Given(Pause(2, kRedemptions), At(6));
  EXPECT_EQ(When(redeem, At(6)), as_then);
  Given(Void(9), At(7));
  EXPECT_EQ(When(redeem, At(8)), as_then);
  RedeemCoupon other = redeem;
  other.serial = Serial(7);
  other.request->content = 1;
  EXPECT_EQ(When(other, At(9)), Refused(RefusalReason::kRequestIdReused));
  Given(Delete(2), At(10));
  EXPECT_EQ(When(redeem, At(11)), Refused(RefusalReason::kNoSuchCoupon));
}

TEST_F(DecideCouponsTest, WhatChangedNothingIsDecidedAfreshLater) {
  EXPECT_EQ(When(Redeem(7, RequestOf(2)), At(3)),
            Refused({.reason = RefusalReason::kCouponAlreadyRedeemed, .present = redemption_}));
  EXPECT_EQ(When(Void(6, RequestOf(2)), At(3)), Decision(Unchanged{}));
  Given(Cancel(7, redemption_), At(4));
  EXPECT_TRUE(Accepts(Redeem(7, RequestOf(2)), At(5)));
}

TEST_F(DecideCouponsTest, AReturnedPlaceHasASerialOfItsOwn) {
  for (int i = 0; i < 5; ++i) Given(Issue(1), At(1));
  EXPECT_EQ(When(Issue(1), At(2)), Refused(RefusalReason::kSoldOut, At(1)));
  const SerialRange added{.first = Serial(11 + 1'024), .count = 1'024};
  EXPECT_EQ(Given(Return(2), At(2)), Event(CouponVoided{kFirst, Serial(2), true, "", added, {}}));
  EXPECT_EQ(Campaign1().sold_out_at, std::nullopt);
  EXPECT_EQ(Given(Issue(1), At(3)), Event(CouponIssued{kFirst, added.first}));
  EXPECT_EQ(When(Issue(1), At(4)), Refused(RefusalReason::kSoldOut, At(3)));
  EXPECT_EQ(Campaign1().issued_coupons, 5);
  EXPECT_EQ(Campaign1().returned_coupons, 1);
  EXPECT_EQ(Campaign1().ordinals(), 6U);
  // The reserve is used up before there is another one.
  EXPECT_EQ(Given(Return(3), At(5)), Event(CouponVoided{kFirst, Serial(3), true, "", {}, {}}));
  EXPECT_EQ(When(Redeem(2), At(6)), Refused(RefusalReason::kCouponVoided)) << "it is dead for ever";
}

TEST_F(DecideCouponsTest, TheReserveIsFilledWhenItIsUsedUp) {
  Given(Issue(1), At(1));
  std::uint64_t ranges = 0;
  std::uint64_t serial = 1;
  for (int i = 0; i < 3'000; ++i) {
    const Event voided = Given(Return(serial), At(2));
    if (std::get<CouponVoided>(voided).added_serials) ++ranges;
    const Event issued = Given(Issue(1), At(2));
    const Serial next = std::get<CouponIssued>(issued).serial;
    ASSERT_GT(next.value(), serial) << "each serial is used once";
    serial = next.value();
  }
  EXPECT_EQ(ranges, 3U);
  EXPECT_EQ(Campaign1().issued_coupons, 1);
  for (int i = 0; i < 4; ++i) Given(Issue(1), At(3));
  EXPECT_EQ(When(Issue(1), At(3)), Refused(RefusalReason::kSoldOut, At(3)));
}

TEST_F(DecideCouponsTest, AHolderKeepsTheClaimOnACouponThatIsInvalid) {
  Given(IssueTo(1, 7), At(1));
  Given(Return(1), At(2));
  Given(IssueTo(1, 8), At(3));
  Given(Redeem(2), At(4));
  EXPECT_EQ(When(IssueTo(1, 7), At(5)), Held(1, At(1), CouponState::kReturned));
  EXPECT_EQ(When(IssueTo(1, 8), At(5)), Held(2, At(3), CouponState::kRedeemed));
}

TEST_F(DecideCouponsTest, ATotalCountsPlacesAndNotTheReturnedOnes) {
  for (int i = 0; i < 5; ++i) Given(Issue(1), At(1));
  Given(Return(1), At(2));
  Given(Return(2), At(2));
  EXPECT_EQ(When(Update(1, {.total_coupons = 2}), At(3)),
            Refused({.reason = RefusalReason::kTotalBelowIssued, .coupons = 3}));
  EXPECT_EQ(When(Update(1, {.start_time = At(9)}), At(3)), Refused(RefusalReason::kStartTimeFixed));
  Given(Update(1, {.total_coupons = 3}), At(3));
  EXPECT_EQ(When(Issue(1), At(4)), Refused(RefusalReason::kSoldOut, At(3)));
  // Enough serials for 1,027 places that are issued and the two that are not.
  EXPECT_EQ(Given(Update(1, {.total_coupons = 1'027}), At(4)),
            Event(CampaignUpdated{kFirst, {.total_coupons = 1'027}, {}}));
  const Event raised = Given(Update(1, {.total_coupons = 1'030}), At(5));
  EXPECT_EQ(std::get<CampaignUpdated>(raised).added_serials->count, 3U);
  for (int i = 3; i < 1'030; ++i) Given(Issue(1), At(6));
  EXPECT_EQ(When(Issue(1), At(7)), Refused(RefusalReason::kSoldOut, At(6)));
}

TEST_F(DecideCouponsTest, ReturnedPlacesKeepTheStartFixed) {
  Given(Issue(1), At(1));
  Given(Return(1), At(2));
  EXPECT_EQ(When(Update(1, {.start_time = At(9)}), At(3)), Refused(RefusalReason::kStartTimeFixed));
}

// The coupons that a campaign has ever issued are counted in 32 bits.
TEST_F(DecideCouponsTest, ACampaignHasNoMoreSerialsThan32BitsCount) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 32;
  constexpr std::int64_t kIssued = 1;
  for (const std::uint64_t serials : {kMost - 1'024, kMost - 1'023}) {
    ledger_ = {};
    ledger_.Restore({.number = kFirst,
                     .id = Id(1),
                     .terms = {.name = "one", .total_coupons = kIssued, .start_time = At(0)},
                     .serials = SerialRanges({.first = Serial(1), .count = serials}),
                     .issued_coupons = kIssued,
                     .returned_coupons = static_cast<std::int64_t>(serials) - kIssued,
                     .created_at = At(0),
                     .revision = Sequence(1)});
    const std::int64_t left = static_cast<std::int64_t>(kMost - serials);
    EXPECT_TRUE(Accepts(Update(1, {.total_coupons = kIssued + left}), At(1)));
    EXPECT_EQ(When(Update(1, {.total_coupons = kIssued + left + 1}), At(1)),
              Refused(RefusalReason::kSerialsExhausted));
    if (left >= 1'024) {
      EXPECT_TRUE(Accepts(Return(serials), At(1)));
    } else {
      EXPECT_EQ(When(Return(serials), At(1)), Refused(RefusalReason::kSerialsExhausted));
    }
  }
}

}  // namespace
}  // namespace coupond
