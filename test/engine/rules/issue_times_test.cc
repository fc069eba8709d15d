#include "engine/rules/issue_times.h"

#include <gtest/gtest.h>

#include <cstdint>

#include "support/builders.h"

namespace coupond {
namespace {

using test::At;

TEST(IssueTimes, CouponsOfOneTimeShareAnEntry) {
  IssueTimes times;
  for (const std::uint32_t ordinal : {0U, 1U, 5U}) times.Add(ordinal, At(1));
  for (const std::uint32_t ordinal : {6U, 9U}) times.Add(ordinal, At(2));
  EXPECT_EQ(times.size(), 2U);
  for (const std::uint32_t ordinal : {0U, 1U, 5U}) EXPECT_EQ(times.Of(ordinal), At(1));
  for (const std::uint32_t ordinal : {6U, 9U}) EXPECT_EQ(times.Of(ordinal), At(2));
}

TEST(IssueTimes, EachCouponMayHaveATimeOfItsOwn) {
  constexpr std::uint32_t kCoupons = 10'000;
  IssueTimes times;
  for (std::uint32_t i = 0; i < kCoupons; ++i) times.Add(3 * i, At(i));
  ASSERT_EQ(times.size(), kCoupons);
  for (std::uint32_t i = 0; i < kCoupons; ++i) ASSERT_EQ(times.Of(3 * i), At(i));
}

}  // namespace
}  // namespace coupond
