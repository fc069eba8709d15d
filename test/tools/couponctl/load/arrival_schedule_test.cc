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

TEST(ArrivalSchedule, TheRateRisesLinearlyWithinTheRamp) {
  auto schedule = ArrivalSchedule::Make(1000, seconds(10), seconds(4)).value();
  // After half the ramp the rate is half of 1000, so the mean until then is 250.
  EXPECT_NEAR(static_cast<double>(TakeAll(schedule, seconds(2)).size()), 500, 1);
  EXPECT_NEAR(static_cast<double>(TakeAll(schedule, seconds(4)).size()), 1500, 1);
  EXPECT_NEAR(static_cast<double>(TakeAll(schedule, seconds(5)).size()), 1000, 1);
  EXPECT_NEAR(static_cast<double>(TakeAll(schedule, seconds(3600)).size()), 5000, 2);
  EXPECT_EQ(schedule.taken(), 8000U);
}

TEST(ArrivalSchedule, RequestsOfARampNeverRepeatOrGoBack) {
  auto schedule = ArrivalSchedule::Make(333.3, seconds(20), seconds(20)).value();
  nanoseconds last(-1);
  while (const auto due = schedule.Take(seconds(3600))) {
    ASSERT_GT(*due, last);
    ASSERT_EQ(schedule.Waiting(*due), 0U);
    last = *due;
  }
  EXPECT_LT(last, seconds(20));
}

TEST(ArrivalSchedule, ARampWithoutRateStartsOneByOne) {
  const auto ramp = ArrivalSchedule::Make(std::nullopt, seconds(10), seconds(4)).value();
  EXPECT_EQ(ramp.BeginOf(0, 8), seconds(0));
  EXPECT_EQ(ramp.BeginOf(1, 8), milliseconds(500));
  EXPECT_EQ(ramp.BeginOf(7, 8), milliseconds(3500));
  const auto rate = ArrivalSchedule::Make(100, seconds(10), seconds(4)).value();
  EXPECT_EQ(rate.BeginOf(7, 8), seconds(0));
}

TEST(ArrivalSchedule, RefusesARampLongerThanTheDuration) {
  EXPECT_TRUE(ArrivalSchedule::Make(10, seconds(5), seconds(5)).has_value());
  const auto refused = ArrivalSchedule::Make(10, seconds(5), seconds(6));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error(),
            "the ramp of 6s is longer than the duration of 5s; it is a part of that");
}

TEST(ArrivalSchedule, RefusesMoreThanOneRunMaySend) {
  EXPECT_TRUE(ArrivalSchedule::Make(1000, seconds(10'000)).has_value());
  EXPECT_FALSE(ArrivalSchedule::Make(1000, seconds(10'001)).has_value());
  EXPECT_FALSE(ArrivalSchedule::Make(-1, seconds(1)).has_value());
  EXPECT_FALSE(ArrivalSchedule::Make(2e6, seconds(1)).has_value());
  EXPECT_FALSE(ArrivalSchedule::Make(10, seconds(0)).has_value());
}

TEST(ArrivalSchedule, OfACountHasThatManyAtTheSameRate) {
  const auto schedule = ArrivalSchedule::Make(100, seconds(10), seconds(2)).value();
  auto few = schedule.Of(3, seconds(1));
  // The rate grows by 50 a second in each second.
  EXPECT_EQ(
      TakeAll(few, seconds(3600)),
      std::vector<nanoseconds>({milliseconds(0), milliseconds(200), nanoseconds(282'842'712)}));
  auto many = schedule.Of(5000, seconds(1));
  EXPECT_EQ(many.duration(), seconds(51));
  EXPECT_EQ(TakeAll(many, seconds(3600)).size(), 5000U);
}

TEST(ArrivalSchedule, SaysWhenTheLastRequestIsDue) {
  EXPECT_EQ(ArrivalSchedule::Make(200, milliseconds(100))->LastDue(), milliseconds(95));
  EXPECT_EQ(ArrivalSchedule::Make(0.5, seconds(1))->LastDue(), seconds(0)) << "the only one";
  EXPECT_EQ(ArrivalSchedule::Make(100, seconds(10), seconds(2))->LastDue(), milliseconds(9'990));
  EXPECT_EQ(ArrivalSchedule::Make(std::nullopt, seconds(3))->LastDue(), seconds(3));
}

TEST(ArrivalSchedule, OfACountWithoutARateEndsWithItOrInTime) {
  const auto schedule = ArrivalSchedule::Make(std::nullopt, seconds(10)).value();
  auto counted = schedule.Of(2, seconds(3));
  EXPECT_EQ(counted.Take(seconds(1)), seconds(1));
  EXPECT_FALSE(counted.Exhausted(seconds(1)));
  EXPECT_EQ(counted.Take(seconds(1)), seconds(1));
  EXPECT_TRUE(counted.Exhausted(seconds(1)));
  auto late = schedule.Of(2, seconds(3));
  EXPECT_EQ(late.Take(seconds(3)), std::nullopt) << "too late";
}

}  // namespace
}  // namespace coupond::ctl
