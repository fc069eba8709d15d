#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <cstring>
#include <random>

#include "engine/rules/ledger.h"
#include "support/builders.h"
#include "support/peak_memory.h"

// What coupons take in memory, each issued to another user. Those of a group share their time; the
// most is needed if each has a time of its own.
namespace coupond {
namespace {

constexpr std::uint64_t kCoupons = 1'000'000;

Claim RandomClaim(std::mt19937_64& random) {
  Claim claim;
  const std::uint64_t words[2] = {random(), random()};
  std::memcpy(claim.bytes.data(), words, claim.bytes.size());
  return claim;
}

/// Measures one kind of coupon; memory that another has left would hide its growth.
class LedgerMemoryTest : public ::testing::Test {
 protected:
  void SetUp() override {
#ifdef COUPOND_SANITIZED
    GTEST_SKIP() << "sanitizers have memory of their own beside what is held";
#endif
  }

  /// Returns the bytes for each coupon that `complete` has completed.
  template <typename Complete>
  double BytesPerCoupon(const Complete& complete) {
    Ledger ledger;
    Apply(ledger, CampaignCreated{CampaignNumber(1), test::Id(1), terms_, Serial(1)}, {});
    const test::PeakMemory memory;
    for (std::uint64_t i = 0; i < kCoupons; ++i) {
      CouponIssued event{.campaign = CampaignNumber(1), .serial = Serial(i + 1)};
      complete(event);
      Apply(ledger, event,
            {.time = test::At(static_cast<std::int64_t>(i)), .sequence = Sequence(i)});
    }
    return static_cast<double>(memory.GrowthBytes()) / kCoupons;
  }

  CampaignTerms terms_{.name = "one", .total_coupons = kCoupons, .start_time = test::At(0)};
  std::mt19937_64 random_{1};
};

TEST_F(LedgerMemoryTest, ACouponWithAHolderTakesAtMostFortyBytes) {
  EXPECT_LE(BytesPerCoupon([&](CouponIssued& event) { event.holder = RandomClaim(random_); }), 40);
}

TEST_F(LedgerMemoryTest, ACouponWithARequestTakesAtMostFortyBytes) {
  EXPECT_LE(BytesPerCoupon([&](CouponIssued& event) { event.request_key = RandomClaim(random_); }),
            40);
}

/// At worst: each of another user and with a time of its own.
TEST_F(LedgerMemoryTest, ACouponWithBothTakesAtMostSeventyTwoBytes) {
  terms_.coupons_per_user = 2;
  EXPECT_LE(BytesPerCoupon([&](CouponIssued& event) {
              event.holder = RandomClaim(random_);
              event.request_key = RandomClaim(random_);
            }),
            72);
}

TEST_F(LedgerMemoryTest, ACouponOfNobodyTakesNone) {
  EXPECT_LT(BytesPerCoupon([](CouponIssued&) {}), 1);
}

TEST_F(LedgerMemoryTest, ATimedCouponOfNobodyTakesAboutTwelveBytes) {
  terms_.valid_duration = std::chrono::hours(1);
  EXPECT_LT(BytesPerCoupon([](CouponIssued&) {}), 14);
}

}  // namespace
}  // namespace coupond
