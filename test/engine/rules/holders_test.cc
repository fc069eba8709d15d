#include "engine/rules/holders.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "support/builders.h"

namespace coupond {
namespace {

using test::ClaimOf;

constexpr Holders::Holding Holding(std::uint16_t coupons, std::uint32_t latest) {
  return {.coupons = coupons, .latest = latest};
}

TEST(Holders, NobodyHasAnythingAtFirst) {
  Holders holders;
  EXPECT_EQ(holders.Find(ClaimOf(1)), std::nullopt);
  EXPECT_FALSE(holders.Has(ClaimOf(1), 0));
  holders.Release(0);
  EXPECT_EQ(holders.Find(ClaimOf(1)), std::nullopt);
}

TEST(Holders, CountTheCouponsOfEachUser) {
  Holders holders;
  holders.Add(ClaimOf(1), 3);
  holders.Add(ClaimOf(2), 4);
  holders.Add(ClaimOf(1), 9);
  EXPECT_EQ(holders.Find(ClaimOf(1)), Holding(2, 9));
  EXPECT_EQ(holders.Find(ClaimOf(2)), Holding(1, 4));
  EXPECT_EQ(holders.Find(ClaimOf(3)), std::nullopt);
}

TEST(Holders, AReleasedCouponIsTheUsersAndNoLongerCounts) {
  Holders holders;
  holders.Add(ClaimOf(1), 3);
  holders.Add(ClaimOf(1), 9);
  holders.Release(9);
  EXPECT_EQ(holders.Find(ClaimOf(1)), Holding(1, 9)) << "it is still the last one";
  EXPECT_TRUE(holders.Has(ClaimOf(1), 9));
  for (const std::uint32_t not_added : {0U, 4U, 10U}) holders.Release(not_added);
  EXPECT_EQ(holders.Find(ClaimOf(1)), Holding(1, 9));
  holders.Release(3);
  holders.Add(ClaimOf(1), 12);
  EXPECT_EQ(holders.Find(ClaimOf(1)), Holding(1, 12));
}

TEST(Holders, ACouponIsItsUsersAlone) {
  Holders holders;
  holders.Add(ClaimOf(1), 3);
  holders.Add(ClaimOf(2), 4);
  EXPECT_TRUE(holders.Has(ClaimOf(1), 3));
  EXPECT_FALSE(holders.Has(ClaimOf(1), 4));
  EXPECT_FALSE(holders.Has(ClaimOf(2), 3));
  EXPECT_FALSE(holders.Has(ClaimOf(3), 3));
  // Ordinals in between, in front and behind are nobody's.
  for (const std::uint32_t other : {0U, 2U, 5U}) EXPECT_FALSE(holders.Has(ClaimOf(1), other));
}

/// Many chunks of users and of coupons.
TEST(Holders, AreLikeAMap) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  constexpr std::uint32_t kUsers = 20'000;
  constexpr std::uint32_t kCoupons = 60'000;
  const auto user = [](std::uint32_t number) {
    Claim claim = ClaimOf(static_cast<std::uint8_t>(number));
    claim.bytes[1] = static_cast<std::uint8_t>(number >> 8U);
    return claim;
  };
  Holders holders;
  std::map<Claim, Holders::Holding> model;
  std::vector<std::optional<Claim>> owners(3 * kCoupons);
  std::set<std::uint32_t> counted;
  std::uint32_t ordinal = 0;
  for (std::uint32_t i = 0; i < kCoupons; ++i) {
    ordinal += 1 + static_cast<std::uint32_t>(random() % 2);
    const Claim owner = user(static_cast<std::uint32_t>(random() % kUsers));
    holders.Add(owner, ordinal);
    owners[ordinal] = owner;
    counted.insert(ordinal);
    ++model[owner].coupons;
    model[owner].latest = ordinal;
    if (random() % 4 != 0) continue;
    // Each coupon is released once.
    const auto released = counted.lower_bound(static_cast<std::uint32_t>(random() % (ordinal + 1)));
    holders.Release(*released);
    --model[*owners[*released]].coupons;
    counted.erase(released);
  }
  std::size_t users = 0;
  holders.ForEach([&](const Claim& holder, const Holders::Holding& holding) {
    ++users;
    ASSERT_EQ(holding, model.at(holder));
  });
  ASSERT_EQ(users, model.size());
  for (const auto& [holder, holding] : model) ASSERT_EQ(holders.Find(holder), holding);
  for (std::uint32_t i = 0; i <= ordinal; ++i) {
    const Claim stranger = user(kUsers);
    ASSERT_FALSE(holders.Has(stranger, i));
    ASSERT_TRUE(!owners[i] || holders.Has(*owners[i], i));
    ASSERT_EQ(holders.Has(user(1), i), owners[i] == user(1));
  }
}

}  // namespace
}  // namespace coupond
