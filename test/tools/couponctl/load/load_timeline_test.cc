#include "couponctl/load/load_timeline.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

namespace coupond::ctl {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

const IssueAnswer kIssued{.kind = IssueAnswer::Kind::kIssued};
const IssueAnswer kAgain{.kind = IssueAnswer::Kind::kIssued, .already_issued = true};
const IssueAnswer kRefused{.kind = IssueAnswer::Kind::kRefused};
const IssueAnswer kOpen{.kind = IssueAnswer::Kind::kOpen};

TEST(LoadTimeline, CountsEachRequestWhereItEnded) {
  LoadTimeline timeline(seconds(10));
  for (int i = 1; i <= 100; ++i) timeline.Add(kIssued, microseconds(i), milliseconds(50));
  timeline.Add(kAgain, milliseconds(7), milliseconds(150));
  timeline.Add(kRefused, milliseconds(8), milliseconds(160));
  timeline.Add(kOpen, milliseconds(9), milliseconds(199));
  const auto course = timeline.Finish(seconds(10));
  ASSERT_EQ(course.size(), 100U);
  EXPECT_EQ(course[0].issued, 100U);
  EXPECT_NEAR(static_cast<double>(course[0].percentiles[0].count()), 50'000, 500);
  EXPECT_EQ(course[0].latency_max, microseconds(100));
  EXPECT_EQ(course[1].already_issued, 1U);
  EXPECT_EQ(course[1].refused, 1U);
  EXPECT_EQ(course[1].failed, 1U);
  EXPECT_EQ(course[1].latency_max, milliseconds(9));
  EXPECT_EQ(course[2].ended(), 0U);
  EXPECT_EQ(course[2].latency_max, nanoseconds(0));
}

TEST(LoadTimeline, IntervalsHaveNoGaps) {
  LoadTimeline timeline(milliseconds(333));
  for (int ms = 0; ms < 2000; ms += 7) timeline.Add(kIssued, nanoseconds(1), milliseconds(ms));
  const auto course = timeline.Finish(seconds(2));
  nanoseconds end(0);
  std::uint64_t issued = 0;
  for (const LoadInterval& interval : course) {
    EXPECT_EQ(interval.begin, end);
    EXPECT_GT(interval.end, interval.begin);
    end = interval.end;
    issued += interval.issued;
  }
  EXPECT_EQ(issued, 286U);
}

TEST(LoadTimeline, AnswersShortlyAfterTheEndAreInTheLastInterval) {
  LoadTimeline timeline(seconds(10));
  timeline.Add(kIssued, nanoseconds(1), milliseconds(9950));
  timeline.Add(kIssued, nanoseconds(1), milliseconds(10'020));
  const auto course = timeline.Finish(milliseconds(10'020));
  ASSERT_EQ(course.size(), 100U);
  EXPECT_EQ(course.back().issued, 2U);
  EXPECT_EQ(course.back().end, milliseconds(10'020));
}

TEST(LoadTimeline, ALongDrainHasFewIntervals) {
  LoadTimeline timeline(milliseconds(1));
  timeline.Add(kIssued, hours(24), hours(24));
  EXPECT_LT(timeline.Finish(hours(24)).size(), 2000U);
}

TEST(LoadTimeline, AnEmptyLoadHasOneInterval) {
  EXPECT_EQ(LoadTimeline(seconds(1)).Finish(nanoseconds(0)).size(), 1U);
}

}  // namespace
}  // namespace coupond::ctl
