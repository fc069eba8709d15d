#include "couponctl/load/load_tally.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "couponctl/load/redeem_tally.h"

namespace coupond::ctl {
namespace {

using std::chrono::nanoseconds;

TEST(LatencyRecord, EmptySaysZero) {
  EXPECT_EQ(LatencyRecord().Percentile(99), nanoseconds(0));
  EXPECT_EQ(LatencyRecord().max(), nanoseconds(0));
}

TEST(LatencyRecord, SmallValuesAreExact) {
  LatencyRecord record;
  for (int i = 1; i <= 100; ++i) record.Add(nanoseconds(i));
  EXPECT_EQ(record.Percentile(50), nanoseconds(50));
  EXPECT_EQ(record.Percentile(99), nanoseconds(99));
  EXPECT_EQ(record.Percentile(99.9), nanoseconds(100));
  EXPECT_EQ(record.Percentile(100), nanoseconds(100));
}

TEST(LatencyRecord, OneValueIsEveryPercentile) {
  LatencyRecord record;
  record.Add(std::chrono::milliseconds(1234));
  EXPECT_EQ(record.Percentile(0.1), std::chrono::milliseconds(1234));
  EXPECT_EQ(record.Percentile(99.9), std::chrono::milliseconds(1234));
}

TEST(LatencyRecord, AcceptsExtremeValues) {
  LatencyRecord record;
  record.Add(nanoseconds(-5));
  EXPECT_EQ(record.max(), nanoseconds(0));
  record.Add(nanoseconds(std::numeric_limits<std::int64_t>::max()));
  EXPECT_EQ(record.Percentile(100), nanoseconds(std::numeric_limits<std::int64_t>::max()));
}

TEST(LatencyRecord, PercentilesAreAtMostOne128thTooHigh) {
  const auto seed = std::random_device()();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  std::lognormal_distribution<double> distribution(13, 2);
  LatencyRecord record;
  std::vector<std::int64_t> sorted;
  for (int i = 0; i < 20'000; ++i) {
    const auto value = static_cast<std::int64_t>(distribution(random));
    record.Add(nanoseconds(value));
    sorted.push_back(value);
  }
  std::ranges::sort(sorted);
  for (const double percent : {0.1, 1.0, 50.0, 90.0, 99.0, 99.9, 99.99, 100.0}) {
    const auto rank = static_cast<std::size_t>(std::ceil(20'000 * percent / 100.0));
    const std::int64_t truth = sorted[rank - 1];
    EXPECT_GE(record.Percentile(percent).count(), truth) << percent;
    EXPECT_LE(record.Percentile(percent).count(), truth + truth / 128 + 1) << percent;
  }
}

IssueAnswer Coupon(const std::string& code, bool already_issued) {
  return {.kind = IssueAnswer::Kind::kIssued,
          .already_issued = already_issued,
          .coupon = {.code = CodeText::From(code).value(), .issued_at = {}}};
}

constexpr LoadUsers kFiveUsers{.count = 5};

TEST(LoadTally, AUserWhoAsksAgainHoldsOneCoupon) {
  LoadTally tally(10, kFiveUsers);
  tally.AddOutcome(Coupon("가1", false), 5, nanoseconds(1));
  tally.AddOutcome(Coupon("가1", true), 5, nanoseconds(1));
  tally.AddOutcome(Coupon("나2", false), 4, nanoseconds(1));
  EXPECT_EQ(tally.issued(), 2U);
  EXPECT_EQ(tally.already_issued(), 1U);
  EXPECT_EQ(tally.answered(), 3U);
  EXPECT_EQ(tally.maybe_older(), 0U);
  EXPECT_EQ(tally.held().front().user, 5U);
}

TEST(LoadTally, ACouponThatNobodySawIssuedMayBeOlder) {
  LoadTally tally(10, kFiveUsers);
  tally.AddOutcome(Coupon("가1", true), 1, nanoseconds(1));
  EXPECT_EQ(tally.maybe_older(), 1U);
  EXPECT_FALSE(tally.held().front().is_new);
  // The answers to two requests of one user may come in either order.
  tally.AddOutcome(Coupon("가1", false), 1, nanoseconds(1));
  EXPECT_EQ(tally.maybe_older(), 0U);
  EXPECT_TRUE(tally.held().front().is_new);
  EXPECT_EQ(tally.issued(), 1U);
}

TEST(LoadTally, AUserOfSeveralCouponsHoldsOneForEachRequest) {
  LoadTally tally(10, {.count = 5, .coupons_per_user = 3});
  tally.AddOutcome(Coupon("가1", false), 5, nanoseconds(1));
  // Only an earlier attempt of the same request can have got it.
  tally.AddOutcome(Coupon("나2", true), 5, nanoseconds(1));
  EXPECT_EQ(tally.issued(), 2U);
  EXPECT_EQ(tally.already_issued(), 1U);
  EXPECT_EQ(tally.maybe_older(), 0U);
  for (const HeldCoupon& coupon : tally.held()) {
    EXPECT_EQ(coupon.user, 5U);
    EXPECT_TRUE(coupon.is_new);
  }
}

TEST(LoadTally, KeepsWhatAUserMustNotGetForTheCheck) {
  LoadTally second(10, kFiveUsers);
  second.AddOutcome(Coupon("가1", false), 1, nanoseconds(1));
  second.AddOutcome(Coupon("나2", true), 1, nanoseconds(1));
  EXPECT_EQ(second.issued(), 2U);
  LoadTally twice(10, kFiveUsers);
  twice.AddOutcome(Coupon("가1", false), 1, nanoseconds(1));
  twice.AddOutcome(Coupon("가1", false), 1, nanoseconds(1));
  EXPECT_EQ(twice.issued(), 2U);
}

TEST(RedeemTally, AnOpenOutcomeIsSettledOnce) {
  RedeemTally tally;
  tally.AddOutcome({}, nanoseconds(1));
  tally.AddOutcome({}, nanoseconds(1));
  EXPECT_EQ(tally.open(), 2U);
  tally.Settle({.outcome = RedeemOutcome::kRedeemed, .already_redeemed = true});
  tally.Settle({});
  EXPECT_EQ(tally.open(), 1U);
  EXPECT_EQ(tally.settled(), 1U);
  EXPECT_EQ(tally.redeemed(), 1U);
  EXPECT_EQ(tally.already_redeemed(), 1U);
  EXPECT_EQ(tally.latency().count(), 2U);
}

TEST(RedeemTally, EachRefusalIsCountedAsOne) {
  RedeemTally tally;
  for (const RedeemRefusal& refusal : kRedeemRefusals) {
    tally.AddOutcome({.outcome = OutcomeOf(refusal.refusal)}, nanoseconds(1));
    EXPECT_EQ(tally.count(refusal.outcome), 1U) << refusal.text;
  }
  EXPECT_EQ(tally.refused_in_all(), kRedeemRefusals.size());
  EXPECT_EQ(tally.answered(), kRedeemRefusals.size());
}

}  // namespace
}  // namespace coupond::ctl
