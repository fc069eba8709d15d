#include "access/rate_limiter.h"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <chrono>
#include <cstdint>

#include "base/entropy.h"

namespace coupond::access {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

/// 20 tokens a minute: one comes back every 3 s.
class RateLimiterTest : public testing::Test {
 protected:
  using Clock = RateLimiter::Clock;
  using Name = std::array<std::uint8_t, 8>;

  static Name Asker(std::uint64_t number) { return std::bit_cast<Name>(number); }
  [[nodiscard]] bool Takes(std::uint64_t asker) {
    return limiter_.TryTake(Asker(asker), now_).taken;
  }
  [[nodiscard]] RateLimiter::Standing Look(std::uint64_t asker) {
    return limiter_.Look(Asker(asker), now_);
  }

  SystemEntropy entropy_;
  RateLimiter limiter_{20, entropy_};
  Clock::time_point now_ = Clock::now();
};

TEST_F(RateLimiterTest, GivesSoManyAtOnceAndThenOneAfterAnother) {
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(Takes(1)) << i;
  EXPECT_FALSE(Takes(1));
  EXPECT_EQ(Look(1).until_next, seconds(3));
  now_ += seconds(3) - nanoseconds(1);
  EXPECT_FALSE(Takes(1));
  now_ += nanoseconds(1);
  EXPECT_TRUE(Takes(1));
  EXPECT_FALSE(Takes(1));
}

TEST_F(RateLimiterTest, NeverGivesMoreThanTheLimitInALongTime) {
  int taken = 0;
  for (int i = 0; i < 100 * 60; ++i) {  // ten minutes, asking ten times a second
    taken += Takes(1);
    now_ += std::chrono::milliseconds(100);
  }
  EXPECT_EQ(taken, 20 + 10 * 20 - 1);
}

TEST_F(RateLimiterTest, AskersAreIndependent) {
  while (Takes(1)) continue;
  EXPECT_EQ(Look(2).left, 20U);
  EXPECT_TRUE(Takes(2));
}

TEST_F(RateLimiterTest, TellsHowAnAskerStands) {
  EXPECT_EQ(Look(1).left, 20U);
  EXPECT_EQ(Look(1).until_full, nanoseconds(0));
  EXPECT_EQ(limiter_.TryTake(Asker(1), now_).left, 19U);
  EXPECT_EQ(Look(1).left, 19U) << "looking takes nothing";
  EXPECT_EQ(Look(1).until_full, seconds(3));
  EXPECT_EQ(Look(1).until_next, nanoseconds(0));
}

TEST_F(RateLimiterTest, WhoTakesTheLastTokenIsToldWhenTheNextOneComes) {
  for (int i = 1; i < 20; ++i) EXPECT_TRUE(Takes(1));
  const auto last = limiter_.TryTake(Asker(1), now_);
  EXPECT_TRUE(last.taken);
  EXPECT_EQ(last.left, 0U);
  EXPECT_EQ(last.until_next, seconds(3));
  EXPECT_FALSE(limiter_.TryTake(Asker(1), now_).taken);
}

// Whoever has asked before the answer was known has to wait for all of it.
TEST_F(RateLimiterTest, DebtsArePaidInFull) {
  for (int i = 0; i < 22; ++i) limiter_.Take(Asker(1), now_);
  EXPECT_EQ(Look(1).left, 0U);
  EXPECT_EQ(Look(1).until_next, seconds(9));
  for (int i = 22; i < 1'000; ++i) limiter_.Take(Asker(1), now_);
  EXPECT_EQ(Look(1).until_full, seconds(3 * 1'000));
  now_ += seconds(3 * (1'000 - 20));
  EXPECT_EQ(Look(1).left, 0U) << "a thousand were asked for, in the time of a thousand less twenty";
  now_ += seconds(3 * 20);
  EXPECT_EQ(Look(1).left, 20U);
}

// More askers than there is room for: those who ask most are remembered longest.
TEST_F(RateLimiterTest, ManyAskersDoNotMakeItForgetTheOneWhoAsksMost) {
  while (Takes(0)) continue;
  for (std::uint64_t asker = 1; asker <= 2 * RateLimiter::kAskersMax; ++asker) {
    EXPECT_TRUE(Takes(asker));
  }
  EXPECT_FALSE(Takes(0));
}

}  // namespace
}  // namespace coupond::access
