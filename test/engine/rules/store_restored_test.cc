#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "engine/rules/campaign_changes.h"
#include "engine/rules/decide_fixture.h"
#include "engine/rules/decide_restore.h"
#include "engine/rules/limits.h"
#include "support/builders.h"

// What becomes of a store that is put back to an older state.
namespace coupond {
namespace {

using test::At;
using test::Create;
using test::Freeing;
using test::Id;
using test::Issue;
using test::IssueTo;
using test::Return;
using test::Update;

std::vector<SerialRange> RangesOf(const Campaign& campaign) {
  std::vector<SerialRange> ranges;
  campaign.serials.ForEach([&ranges](SerialRange range) { ranges.push_back(range); });
  return ranges;
}

SerialRange Range(std::uint64_t first, std::uint64_t count) {
  return {.first = Serial(first), .count = count};
}

Campaign CampaignOf(std::int64_t total, std::int64_t issued, std::int64_t returned = 0) {
  Campaign campaign;
  campaign.terms.total_coupons = total;
  campaign.serials = SerialRanges(Range(1, static_cast<std::uint64_t>(total + returned)));
  campaign.issued_coupons = issued;
  campaign.returned_coupons = returned;
  return campaign;
}

TEST(ReplaceUnissuedSerials, IssuedSerialsStay) {
  Campaign campaign = CampaignOf(5, 2);
  EXPECT_EQ(ReplaceUnissuedSerials(campaign, Serial(100)), Serial(103));
  EXPECT_EQ(RangesOf(campaign), (std::vector{Range(1, 2), Range(100, 3)}));
}

TEST(ReplaceUnissuedSerials, ACampaignWithoutIssuesGetsAll) {
  Campaign campaign = CampaignOf(5, 0);
  EXPECT_EQ(ReplaceUnissuedSerials(campaign, Serial(100)), Serial(105));
  EXPECT_EQ(RangesOf(campaign), std::vector{Range(100, 5)});
}

TEST(ReplaceUnissuedSerials, ACampaignWithoutPlacesLeftGetsNone) {
  Campaign campaign = CampaignOf(5, 5);
  EXPECT_EQ(ReplaceUnissuedSerials(campaign, Serial(100)), Serial(100));
  EXPECT_EQ(RangesOf(campaign), std::vector{Range(1, 5)});
}

TEST(ReplaceUnissuedSerials, AReturnedPlaceIsOneThatIsLeft) {
  Campaign campaign = CampaignOf(5, 4, 1);
  EXPECT_EQ(ReplaceUnissuedSerials(campaign, Serial(100)), Serial(101));
  EXPECT_EQ(RangesOf(campaign), (std::vector{Range(1, 5), Range(100, 1)}));
}

TEST(ReplaceUnissuedSerials, MoreSerialsThanPlacesAreGivenUpAsWell) {
  Campaign campaign = CampaignOf(5, 4, 1);
  campaign.serials.Add(Range(50, limits::kSerialsAddedForReturns));
  EXPECT_EQ(ReplaceUnissuedSerials(campaign, Serial(9'000)), Serial(9'001));
  EXPECT_EQ(RangesOf(campaign), (std::vector{Range(1, 5), Range(9'000, 1)}));
}

TEST(ReplaceUnissuedSerials, SpareSerialsAreGivenUp) {
  Campaign campaign = CampaignOf(5, 2);
  campaign.terms.total_coupons = 2;
  EXPECT_EQ(ReplaceUnissuedSerials(campaign, Serial(100)), Serial(100));
  EXPECT_EQ(RangesOf(campaign), std::vector{Range(1, 2)});
}

class StoreRestoredTest : public DecideTest {
 protected:
  /// Puts the ledger back to what it is, with new serials from `first` on.
  void Restore(std::uint64_t first) {
    last_ = last_.Next();
    Apply(ledger_, StoreRestored{.first_serial = Serial(first)},
          {.time = At(100), .sequence = last_});
  }
  Serial IssuedFrom(std::uint8_t campaign) {
    return std::get<CouponIssued>(Given(Issue(campaign), At(100))).serial;
  }
  [[nodiscard]] std::vector<SerialRange> SerialsOf(std::uint8_t campaign) const {
    return RangesOf(*ledger_.Find(Id(campaign)));
  }
  /// Returns the campaign whose coupon this is, and its ordinal.
  [[nodiscard]] std::optional<std::pair<std::uint64_t, std::uint32_t>> CouponAt(
      std::uint64_t serial) const {
    const auto found = ledger_.FindIssued(Serial(serial));
    if (!found) return std::nullopt;
    return std::pair(found->campaign.number.value(), found->ordinal);
  }
  static std::optional<std::pair<std::uint64_t, std::uint32_t>> Coupon(std::uint64_t campaign,
                                                                       std::uint32_t ordinal) {
    return std::pair(campaign, ordinal);
  }
};

TEST_F(StoreRestoredTest, CampaignsGetNewSerialsInTheirOrder) {
  for (std::uint8_t i = 1; i <= 40; ++i) Given(Create(i, std::to_string(i), 10, At(0)), At(0));
  for (std::uint8_t i = 1; i <= 40; ++i) Given(Issue(i), At(1));
  Restore(1'000);
  for (std::uint8_t i = 1; i <= 40; ++i) {
    const std::uint64_t place = i - 1;
    EXPECT_EQ(SerialsOf(i), (std::vector{Range(1 + 10 * place, 1), Range(1'000 + 9 * place, 9)}));
    EXPECT_EQ(IssuedFrom(i), Serial(1'000 + 9 * place));
  }
  EXPECT_EQ(ledger_.next_serial(), Serial(1'360));
}

TEST_F(StoreRestoredTest, IssuedSerialsAreFoundGivenUpOnesNever) {
  Given(Create(1, "one", 5, At(0)), At(0));
  Given(Create(2, "two", 5, At(0)), At(0));
  Given(Issue(1), At(1));
  Given(Issue(1), At(1));
  Restore(100);
  EXPECT_EQ(CouponAt(1), Coupon(1, 0));
  EXPECT_EQ(CouponAt(2), Coupon(1, 1));
  while (Accepts(Issue(1), At(100))) IssuedFrom(1);
  while (Accepts(Issue(2), At(100))) IssuedFrom(2);
  for (std::uint64_t serial = 3; serial < 100; ++serial) {
    EXPECT_EQ(CouponAt(serial), std::nullopt) << serial;
  }
  EXPECT_EQ(CouponAt(100), Coupon(1, 2));
  EXPECT_EQ(CouponAt(102), Coupon(1, 4));
  EXPECT_EQ(CouponAt(103), Coupon(2, 0));
  EXPECT_EQ(CouponAt(107), Coupon(2, 4));
  EXPECT_EQ(CouponAt(108), std::nullopt);
}

TEST_F(StoreRestoredTest, TotalsStayWhatTheyWere) {
  Given(Create(1, "one", 5, At(0)), At(0));
  Given(Issue(1), At(1));
  Given(Issue(1), At(1));
  Restore(100);
  for (int left = 3; left > 0; --left) Given(Issue(1), At(100));
  EXPECT_EQ(When(Issue(1), At(101)), Refused(RefusalReason::kSoldOut, At(100)));
  EXPECT_EQ(ledger_.Find(Id(1))->issued_coupons, 5);
}

TEST_F(StoreRestoredTest, ACampaignThatIsSoldOutStaysSo) {
  Given(Create(1, "one", 2, At(0)), At(0));
  Given(Issue(1), At(1));
  Given(Issue(1), At(2));
  Restore(100);
  EXPECT_EQ(SerialsOf(1), std::vector{Range(1, 2)});
  EXPECT_EQ(When(Issue(1), At(101)), Refused(RefusalReason::kSoldOut, At(2)));
}

TEST_F(StoreRestoredTest, AReturnedPlaceGetsANewSerial) {
  Given(Create(1, "one", 2, At(0)), At(0));
  Given(Issue(1), At(1));
  Given(Issue(1), At(1));
  Given(Return(1), At(2));  // with spare serials
  Restore(5'000);
  EXPECT_EQ(SerialsOf(1), (std::vector{Range(1, 2), Range(5'000, 1)}));
  EXPECT_EQ(IssuedFrom(1), Serial(5'000));
  EXPECT_EQ(CouponAt(3), std::nullopt);
  // The spare ones are gone, so the next returned place needs some again.
  const auto again = std::get<CouponVoided>(Given(Return(2), At(100)));
  EXPECT_EQ(again.added_serials, Range(5'001, limits::kSerialsAddedForReturns));
  EXPECT_EQ(IssuedFrom(1), Serial(5'001));
}

TEST_F(StoreRestoredTest, ARaisedTotalTakesSerialsBehindTheNew) {
  Given(Create(1, "one", 5, At(0)), At(0));
  Given(Issue(1), At(1));
  Given(Update(1, {.total_coupons = 2}), At(1));
  Restore(100);
  EXPECT_EQ(SerialsOf(1), (std::vector{Range(1, 1), Range(100, 1)}));
  // Those of the first total are not there any more.
  const auto raised = std::get<CampaignUpdated>(Given(Update(1, {.total_coupons = 5}), At(100)));
  EXPECT_EQ(raised.added_serials, Range(101, 3));
}

TEST_F(StoreRestoredTest, DeletedCampaignsGetNoSerials) {
  Given(Create(1, "one", 5, At(0)), At(0));
  Given(Create(2, "two", 5, At(0)), At(0));
  Given(Issue(1), At(1));
  Given(test::Delete(1), At(1));
  Restore(100);
  EXPECT_EQ(CouponAt(1), std::nullopt);
  EXPECT_EQ(SerialsOf(2), std::vector{Range(100, 5)});
  EXPECT_EQ(ledger_.next_serial(), Serial(105));
}

TEST_F(StoreRestoredTest, TheFirstCampaignBeginsAtTheNewSerials) {
  Restore(100);
  EXPECT_EQ(ledger_.next_serial(), Serial(100));
  const auto created = std::get<CampaignCreated>(Given(Create(1, "one", 5, At(0)), At(0)));
  EXPECT_EQ(created.first_serial, Serial(100));
}

TEST_F(StoreRestoredTest, WithoutFreePlacesTheNextSerialIsNew) {
  Given(Create(1, "one", 1, At(0)), At(0));
  Given(Issue(1), At(1));
  Restore(100);
  EXPECT_EQ(ledger_.next_serial(), Serial(100));
}

TEST_F(StoreRestoredTest, WhatItsUsersHaveStaysTheirs) {
  Given(Create(1, "one", 5, At(0)), At(0));
  Given(IssueTo(1, 7), At(1));
  Given(IssueTo(1, 8), At(1));
  Given(test::Redeem(2, test::RequestOf(9)), At(2));
  const Sequence redemption = last_;
  Restore(100);
  EXPECT_EQ(When(IssueTo(1, 7), At(100)), Held(1, At(1)));
  EXPECT_EQ(When(IssueTo(1, 8), At(100)), Held(2, At(1), CouponState::kRedeemed));
  EXPECT_EQ(When(test::Redeem(2), At(100)),
            Refused({.reason = RefusalReason::kCouponAlreadyRedeemed, .present = redemption}));
  EXPECT_TRUE(std::holds_alternative<Repeated>(When(test::Redeem(2, test::RequestOf(9)), At(100))));
  Given(Freeing(test::Void(1)), At(100));
  EXPECT_EQ(std::get<CouponIssued>(Given(IssueTo(1, 7), At(100))).serial, Serial(100));
}

TEST_F(StoreRestoredTest, ItMayHappenAgain) {
  Given(Create(1, "one", 5, At(0)), At(0));
  Given(Issue(1), At(1));
  Restore(100);
  IssuedFrom(1);
  Restore(200);
  EXPECT_EQ(SerialsOf(1), (std::vector{Range(1, 1), Range(100, 1), Range(200, 3)}));
  EXPECT_EQ(CouponAt(100), Coupon(1, 1));
  IssuedFrom(1);
  EXPECT_EQ(CouponAt(101), std::nullopt);
  EXPECT_EQ(CouponAt(200), Coupon(1, 2));
}

/// Applying cannot fail, whatever the log holds.
TEST_F(StoreRestoredTest, ACampaignAboveItsTotalGetsNoSerials) {
  Given(Create(1, "one", 1, At(0)), At(0));
  Given(Issue(1), At(1));
  Apply(ledger_, CouponIssued{.campaign = CampaignNumber(1), .serial = Serial(2)}, {});
  Restore(100);
  EXPECT_EQ(ledger_.next_serial(), Serial(100));
  EXPECT_EQ(SerialsOf(1), std::vector{Range(1, 1)});
}

TEST_F(StoreRestoredTest, TheDigestSeesTheNewSerials) {
  Given(Create(1, "one", 5, At(0)), At(0));
  Ledger other = ledger_;
  const std::uint64_t before = ledger_.Digest();
  Restore(100);
  Apply(other, StoreRestored{.first_serial = Serial(101)}, {});
  EXPECT_NE(ledger_.Digest(), before);
  EXPECT_NE(ledger_.Digest(), other.Digest());
}

constexpr std::uint64_t kEnd = limits::kRestoredSerialEnd;
constexpr std::uint64_t kLargest = std::numeric_limits<std::uint64_t>::max();
constexpr std::array<std::uint64_t, 5> kRandoms = {0, 1, kEnd / 8 - 1, kEnd / 8, kLargest};

class DecideRestoreTest : public StoreRestoredTest {
 protected:
  /// Returns the first serial with that random number, which must not be refused.
  [[nodiscard]] std::uint64_t FirstSerial(std::uint64_t random) const {
    const auto restored = DecideRestore(ledger_, random);
    EXPECT_TRUE(restored);
    return restored ? restored->first_serial.value() : 0;
  }
};

TEST_F(DecideRestoreTest, AnEighthOfTheSerialsIsPassedOver) {
  Given(Create(1, "one", 9, At(0)), At(0));
  const std::uint64_t eighth = (kEnd - 10) / 8;
  EXPECT_EQ(FirstSerial(0), 10 + eighth);
  EXPECT_EQ(FirstSerial(12'345), 10 + eighth + 12'345);
}

TEST_F(DecideRestoreTest, TheNewSerialsBeginInTheNextEighth) {
  const std::uint64_t eighth = (kEnd - 1) / 8;
  EXPECT_EQ(FirstSerial(eighth - 1), 1 + eighth + eighth - 1);
  EXPECT_EQ(FirstSerial(eighth), 1 + eighth);
  EXPECT_LT(FirstSerial(kLargest), 1 + 2 * eighth);
}

TEST_F(DecideRestoreTest, OtherRandomNumbersGiveOtherSerials) {
  EXPECT_NE(FirstSerial(1), FirstSerial(2));
}

/// Such a number is the same in a program that keeps the numbers of JSON as doubles.
TEST_F(DecideRestoreTest, EveryNewSerialIsExactAsADouble) {
  static_assert(static_cast<std::uint64_t>(static_cast<double>(kEnd - 1)) == kEnd - 1);
  static_assert(static_cast<std::uint64_t>(static_cast<double>(kEnd + 1)) != kEnd + 1);
}

/// As it is documented: two stores that are put back to the same state meet once in 2^50 / 2 N.
TEST_F(DecideRestoreTest, FewSerialsLeaveFiftyBitsToChooseFrom) {
  Given(Create(1, "one", 10'000'000, At(0)), At(0));
  const std::uint64_t places = FirstSerial(kEnd / 8 - 10'000'000) - FirstSerial(0);
  EXPECT_GT(places, (std::uint64_t{1} << 50) - 20'000'000);
  EXPECT_GT(static_cast<double>(places) / (2 * 10'000'000.0), 50e6);
}

TEST_F(DecideRestoreTest, ItNeverTouchesAReservedSerial) {
  Given(Create(1, "one", 100'000'000, At(0)), At(0));
  Given(Create(2, "two", 3, At(0)), At(0));
  for (const std::uint64_t random : kRandoms) {
    EXPECT_GE(FirstSerial(random), ledger_.next_serial().value());
    EXPECT_LE(FirstSerial(random) + ledger_.places_left(), kEnd);
  }
}

TEST_F(DecideRestoreTest, StoresCanBeRestoredAgainAndAgain) {
  Given(Create(1, "one", 100'000'000, At(0)), At(0));
  for (int times = 0; times < 24; ++times) {
    const auto restored = DecideRestore(ledger_, kLargest - static_cast<std::uint64_t>(times));
    ASSERT_TRUE(restored) << times;
    ASSERT_GE(restored->first_serial, ledger_.next_serial());
    Restore(restored->first_serial.value());
    ASSERT_LE(ledger_.next_serial(), Serial(kEnd));
  }
}

/// As it is documented: after twelve times, however unlucky, it is 1 in 1.5 million.
TEST_F(DecideRestoreTest, TwelveRestoresLeaveEnoughToChooseFrom) {
  Given(Create(1, "one", 10'000'000, At(0)), At(0));
  for (int times = 0; times < 12; ++times) {
    const std::uint64_t eighth = (kEnd - ledger_.next_serial().value()) / 8;
    Restore(FirstSerial(eighth - 1));
  }
  const std::uint64_t places = (kEnd - ledger_.next_serial().value()) / 8;
  EXPECT_GT(static_cast<double>(places) / (2 * 10'000'000.0), 1.5e6);
}

/// Restores a campaign that leaves as many serials below the end.
void LeaveSerials(Ledger& ledger, std::uint64_t left) {
  ledger.RestoreCounters(CampaignNumber(9), Serial(kEnd - left));
}

TEST_F(DecideRestoreTest, AnEighthWithTooFewSerialsIsRefused) {
  Given(Create(1, "one", 100, At(0)), At(0));
  Given(Create(2, "two", 100, At(0)), At(0));
  LeaveSerials(ledger_, 8 * 200);
  for (const std::uint64_t random : kRandoms) {
    EXPECT_LE(FirstSerial(random) + 200, kEnd);
  }
  LeaveSerials(ledger_, 8 * 200 - 1);
  for (const std::uint64_t random : kRandoms)
    EXPECT_EQ(DecideRestore(ledger_, random), std::nullopt);
}

TEST_F(DecideRestoreTest, OnlyThePlacesThatAreLeftCount) {
  Given(Create(1, "one", 100, At(0)), At(0));
  LeaveSerials(ledger_, 8 * 99);
  EXPECT_EQ(DecideRestore(ledger_, 0), std::nullopt);
  Given(Issue(1), At(1));
  EXPECT_NE(DecideRestore(ledger_, 0), std::nullopt);
}

TEST_F(DecideRestoreTest, ItIsRefusedAtTheEndOfTheSerials) {
  for (const std::uint64_t next : {kEnd - 7, kEnd, kEnd + 1, kLargest}) {
    ledger_.RestoreCounters(CampaignNumber(1), Serial(next));
    EXPECT_EQ(DecideRestore(ledger_, 5), std::nullopt) << next;
  }
  ledger_.RestoreCounters(CampaignNumber(1), Serial(kEnd - 8));
  EXPECT_EQ(FirstSerial(5), kEnd - 7);
}

}  // namespace
}  // namespace coupond
