#include "couponctl/commands/commands.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <limits>

#include "support/builders.h"

namespace coupond::ctl {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;
using test::At;

constexpr nanoseconds kTick{1};

TEST(ClockDifference, IsNoneIfTheServersTimeMayLieWithinTheCall) {
  const CallTimes call{.sent = At(10), .answered = At(20)};
  for (const Timestamp time : {At(10), At(15), At(20)}) {
    EXPECT_EQ(AheadOfServer(call, time), nanoseconds(0));
  }
}

TEST(ClockDifference, IsTheLeastThatItCanBe) {
  const CallTimes call{.sent = At(10), .answered = At(20)};
  EXPECT_EQ(AheadOfServer(call, At(7)), seconds(3));
  EXPECT_EQ(AheadOfServer(call, At(24)), seconds(-4));
}

TEST(ClockDifference, AServerMaySayAnyTime) {
  const CallTimes call{.sent = At(10), .answered = At(20)};
  constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  EXPECT_GT(AheadOfServer(call, Timestamp::FromUnixNanoseconds(kMin)), std::chrono::years(50));
  EXPECT_LT(AheadOfServer(call, Timestamp::FromUnixNanoseconds(kMax)), -std::chrono::years(200));
}

TEST(ClockDifference, IsToldFromTwoSecondsOn) {
  const CallTimes call{.sent = At(10), .answered = At(20)};
  EXPECT_FALSE(ClockDifference(call, At(8)));
  EXPECT_FALSE(ClockDifference(call, At(22)));
  EXPECT_EQ(ClockDifference(call, At(8).Plus(-kTick)),
            "this machine's clock is 2s ahead of the server's");
  EXPECT_EQ(ClockDifference(call, At(22).Plus(kTick)),
            "this machine's clock is 2s behind the server's");
  EXPECT_EQ(ClockDifference(call, At(-3'590)), "this machine's clock is 1h ahead of the server's");
}

}  // namespace
}  // namespace coupond::ctl
