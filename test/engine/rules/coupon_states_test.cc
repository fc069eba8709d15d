#include "engine/rules/coupon_states.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "support/peak_memory.h"

namespace coupond {
namespace {

using Model = std::map<std::uint32_t, std::pair<CouponState, Sequence>>;

void ExpectEqual(const CouponStates& states, const Model& model) {
  auto next = model.begin();
  states.ForEach([&](std::uint32_t ordinal, CouponState state, Sequence redemption) {
    ASSERT_NE(next, model.end()) << ordinal;
    EXPECT_EQ(ordinal, next->first);
    EXPECT_EQ(std::pair(state, redemption), next->second) << ordinal;
    ++next;
  });
  EXPECT_EQ(next, model.end());
}

TEST(CouponStates, CouponsAreIssuedAtFirst) {
  const CouponStates states;
  EXPECT_EQ(states.Of(0), CouponState::kIssued);
  EXPECT_EQ(states.Of(~0U), CouponState::kIssued);
  EXPECT_EQ(states.RedemptionOf(0), std::nullopt);
  ExpectEqual(states, {});
}

TEST(CouponStates, AreLikeAMap) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  CouponStates states;
  Model model;
  for (std::uint64_t step = 1; step <= 60'000; ++step) {
    // Several blocks and the ends of the numbers; full enough for neighbours.
    auto ordinal = static_cast<std::uint32_t>(random() % 10'000);
    if (random() % 8 == 0) ordinal = ~ordinal;
    const auto known = model.find(ordinal);
    const CouponState before = known == model.end() ? CouponState::kIssued : known->second.first;
    ASSERT_EQ(states.Of(ordinal), before);
    ASSERT_EQ(states.RedemptionOf(ordinal), before == CouponState::kRedeemed
                                                ? std::optional(known->second.second)
                                                : std::nullopt);
    const bool seldom = random() % 16 == 0;
    if (before == CouponState::kIssued) {
      // Up to the largest sequence there is room for.
      const Sequence redemption((std::uint64_t{1} << 40) - step);
      if (!seldom) {
        states.Redeem(ordinal, redemption);
        model[ordinal] = {CouponState::kRedeemed, redemption};
      } else {
        const CouponState after = random() % 2 == 0 ? CouponState::kVoided : CouponState::kReturned;
        states.Void(ordinal, after);
        model[ordinal] = {after, Sequence()};
      }
    } else if (before == CouponState::kRedeemed) {
      states.CancelRedemption(ordinal);
      model.erase(ordinal);
    } else if (before == CouponState::kVoided && seldom) {
      states.Void(ordinal, CouponState::kReturned);
      model[ordinal] = {CouponState::kReturned, Sequence()};
    }
  }
  ExpectEqual(states, model);
}

TEST(CouponStates, AClaimIsFreedInAnyStateAndStaysSo) {
  CouponStates states;
  const auto visited = [&states] {
    std::vector<std::tuple<std::uint32_t, CouponState, Sequence>> all;
    states.ForEach([&](std::uint32_t ordinal, CouponState state, Sequence redemption) {
      all.emplace_back(ordinal, state, redemption);
    });
    return all;
  };
  states.FreeClaim(5);
  states.Redeem(6, Sequence(9));
  states.FreeClaim(6);
  EXPECT_EQ(visited(), (std::vector{std::tuple(5U, CouponState::kIssued, Sequence()),
                                    std::tuple(6U, CouponState::kRedeemed, Sequence(9))}));
  states.CancelRedemption(6);
  states.Redeem(5, Sequence(10));
  EXPECT_EQ(visited(), (std::vector{std::tuple(5U, CouponState::kRedeemed, Sequence(10)),
                                    std::tuple(6U, CouponState::kIssued, Sequence())}));
  EXPECT_TRUE(states.IsClaimFreed(5));
  EXPECT_TRUE(states.IsClaimFreed(6));
  EXPECT_FALSE(states.IsClaimFreed(7));
}

TEST(CouponStates, ARedemptionKeepsThoseOfItsNeighbours) {
  CouponStates states;
  // From the last to the first, over the border of two blocks: each goes in front of all others.
  for (std::uint32_t ordinal = 5'000; ordinal-- > 3'000;) states.Redeem(ordinal, Sequence(ordinal));
  for (std::uint32_t ordinal = 3'001; ordinal < 5'000; ordinal += 2) {
    states.CancelRedemption(ordinal);
  }
  for (std::uint32_t ordinal = 3'000; ordinal < 5'000; ++ordinal) {
    const bool is_kept = ordinal % 2 == 0;
    EXPECT_EQ(states.RedemptionOf(ordinal),
              is_kept ? std::optional(Sequence(ordinal)) : std::nullopt);
  }
}

TEST(CouponStates, ARedeemedCouponTakesLittleMoreThanSixBytes) {
#ifdef COUPOND_SANITIZED
  GTEST_SKIP() << "sanitizers have memory of their own beside what is held";
#endif
  constexpr std::uint32_t kCoupons = 4'000'000;  // so many that the test program hardly counts
  const test::PeakMemory memory;
  CouponStates states;
  for (std::uint32_t ordinal = 0; ordinal < kCoupons; ++ordinal) {
    states.Redeem(ordinal, Sequence(kCoupons + ordinal));
  }
  // So ten millions take less than 64 MB.
  EXPECT_LT(static_cast<double>(memory.GrowthBytes()) / kCoupons, 6.4);
}

}  // namespace
}  // namespace coupond
