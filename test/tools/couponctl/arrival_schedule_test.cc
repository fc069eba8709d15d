#include "couponctl/load/arrival_schedule.h"

#include <gtest/gtest.h>

#include <vector>

namespace coupond::ctl {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

std::vector<nanoseconds> TakeAll(ArrivalSchedule& schedule, nanoseconds elapsed) {
  std::vector<nanoseconds> taken;
  while (const auto due = schedule.Take(elapsed)) taken.push_back(*due);
  return taken;
}

TEST(ArrivalSchedule, RequestsAreDueAtAConstantRate) {
  auto schedule = ArrivalSchedule::Make(100, seconds(1)).value();
  EXPECT_EQ(TakeAll(schedule, milliseconds(0)), std::vector<nanoseconds>({milliseconds(0)}));
  EXPECT_EQ(TakeAll(schedule, milliseconds(29)),
            std::vector<nanoseconds>({milliseconds(10), milliseconds(20)}));
  EXPECT_EQ(schedule.NextDue(), milliseconds(30));
}

TEST(ArrivalSchedule, AnOverdueRequestKeepsItsDueTime) {
  auto schedule = ArrivalSchedule::Make(1000, seconds(1)).value();
  EXPECT_EQ(schedule.Waiting(milliseconds(500)), 501U);
  EXPECT_EQ(schedule.Take(milliseconds(500)), milliseconds(0));
  EXPECT_EQ(schedule.Take(milliseconds(500)), milliseconds(1));
  EXPECT_EQ(schedule.Waiting(milliseconds(500)), 499U);
}

TEST(ArrivalSchedule, EndsAfterRateTimesDurationRequests) {
  auto schedule = ArrivalSchedule::Make(500, seconds(10)).value();
  EXPECT_EQ(TakeAll(schedule, seconds(3600)).size(), 5000U);
  EXPECT_TRUE(schedule.Exhausted(seconds(0)));
  EXPECT_EQ(schedule.NextDue(), std::nullopt);
}

TEST(ArrivalSchedule, WithoutARateARequestIsAlwaysDue) {
  auto schedule = ArrivalSchedule::Make(std::nullopt, seconds(1)).value();
  EXPECT_EQ(schedule.Take(milliseconds(7)), milliseconds(7));
  EXPECT_EQ(schedule.Take(milliseconds(999)), milliseconds(999));
  EXPECT_EQ(schedule.Take(seconds(1)), std::nullopt);
  EXPECT_EQ(schedule.Waiting(milliseconds(999)), 0U);
}

TEST(ArrivalSchedule, KeepsOnlyWhatWasDueWhenEndedEarly) {
  auto schedule = ArrivalSchedule::Make(100, seconds(1)).value();
  schedule.EndAt(milliseconds(55));
  EXPECT_EQ(TakeAll(schedule, seconds(3600)).size(), 6U);
}

TEST(ArrivalSchedule, OddRatesNeverDriftOrRepeat) {
  auto schedule = ArrivalSchedule::Make(333.3, seconds(100)).value();
  nanoseconds last(-1);
  while (const auto due = schedule.Take(seconds(3600))) {
    ASSERT_GT(*due, last);
    last = *due;
  }
  EXPECT_EQ(schedule.taken(), 33'330U);
  EXPECT_NEAR(static_cast<double>(last.count()), 33'329 / 333.3 * 1e9, 1.0);
}

TEST(ArrivalSchedule, RefusesMoreThanOneRunMaySend) {
  EXPECT_TRUE(ArrivalSchedule::Make(1000, seconds(10'000)).has_value());
  EXPECT_FALSE(ArrivalSchedule::Make(1000, seconds(10'001)).has_value());
  EXPECT_FALSE(ArrivalSchedule::Make(-1, seconds(1)).has_value());
  EXPECT_FALSE(ArrivalSchedule::Make(2e6, seconds(1)).has_value());
  EXPECT_FALSE(ArrivalSchedule::Make(10, seconds(0)).has_value());
}

}  // namespace
}  // namespace coupond::ctl
