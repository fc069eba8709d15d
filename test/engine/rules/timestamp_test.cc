#include "engine/rules/timestamp.h"

#include <gtest/gtest.h>

#include <chrono>

namespace coupond {
namespace {

using std::chrono::nanoseconds;

constexpr Timestamp kUnixEpoch;
constexpr nanoseconds kNanosecond{1};

TEST(Timestamp, ADifferenceEndsWhereItCannotBeHeld) {
  static_assert(kUnixEpoch.Plus(kNanosecond).Since(kUnixEpoch) == kNanosecond);
  static_assert(kUnixEpoch.Since(kUnixEpoch.Plus(kNanosecond)) == -kNanosecond);
  static_assert(kNever.Since(kUnixEpoch) == nanoseconds::max());
  static_assert(kNever.Since(kUnixEpoch.Plus(-kNanosecond)) == nanoseconds::max());
  static_assert(kNever.Since(kAlways) == nanoseconds::max());
  static_assert(kAlways.Since(kUnixEpoch) == nanoseconds::min());
  static_assert(kAlways.Since(kUnixEpoch.Plus(kNanosecond)) == nanoseconds::min());
  static_assert(kAlways.Since(kNever) == nanoseconds::min());
  EXPECT_GT(kNever.Since(kAlways), nanoseconds(0)) << "also at run time";
}

}  // namespace
}  // namespace coupond
