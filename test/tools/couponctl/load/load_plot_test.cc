#include "couponctl/load/load_plot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace coupond::ctl {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;
using testing::UnorderedElementsAre;

LoadPlan Plan() {
  return {.campaign_id = "c-<1>",
          .connections = 8,
          .schedule = ArrivalSchedule::Make(500, seconds(10), seconds(4)).value()};
}

LoadInterval Interval(int second, std::uint64_t issued) {
  return {.begin = seconds(second),
          .end = seconds(second + 1),
          .issued = issued,
          .percentiles = {milliseconds(1), milliseconds(2), milliseconds(3), milliseconds(4)},
          .latency_max = milliseconds(5)};
}

/// Returns the number of points of each line with this class, of which the legend's has two.
std::vector<std::ptrdiff_t> Lines(const std::string& svg, const std::string& name) {
  std::vector<std::ptrdiff_t> lines;
  const std::string start = "<path class=\"" + name + "\"";
  for (std::size_t at = svg.find(start); at != std::string::npos; at = svg.find(start, at + 1)) {
    const std::string line = svg.substr(at, svg.find("/>", at) - at);
    lines.push_back(1 + std::ranges::count(line, 'L'));
  }
  return lines;
}

TEST(LoadPlot, HasTitleAxesAndLegend) {
  LoadResult result{.elapsed = seconds(10)};
  for (int second = 0; second < 10; ++second) result.course.push_back(Interval(second, 1200));
  const std::string svg = DrawLoad(Plan(), result);
  EXPECT_THAT(svg, HasSubstr("couponctl load: 500 requests/s for 10s over 8 connections, rising "
                             "for 4s"));
  EXPECT_THAT(svg, HasSubstr("campaign c-&lt;1&gt;"));
  EXPECT_THAT(svg, HasSubstr("latency from when a request was due"));
  for (const char* text : {"p50", "p90", "p99", "p99.9", "max", "1ms", "5ms",
                           "time since the start (s)", "issued", "12,000", "full load"}) {
    EXPECT_THAT(svg, HasSubstr(">" + std::string(text) + "</text>")) << text;
  }
  EXPECT_THAT(Lines(svg, "p50"), UnorderedElementsAre(10, 2));
  EXPECT_THAT(Lines(svg, "issued"), UnorderedElementsAre(20, 2));
  EXPECT_THAT(svg, Not(HasSubstr("refused</text>")));
}

TEST(LoadPlot, ALineIsInterruptedWhileNothingWasAnswered) {
  LoadResult result{.elapsed = seconds(4)};
  for (const std::uint64_t issued : {5, 0, 5, 5}) {
    result.course.push_back(Interval(static_cast<int>(result.course.size()), issued));
  }
  EXPECT_THAT(Lines(DrawLoad(Plan(), result), "p99"), UnorderedElementsAre(1, 2, 2));
}

TEST(LoadPlot, SaysThatTheGeneratorWasTheLimit) {
  LoadResult result{.elapsed = seconds(1), .course = {Interval(0, 5)}};
  EXPECT_THAT(DrawLoad(Plan(), result), HasSubstr("load generator: not the limit, busy 0 %"));
  result.use = {.elapsed = seconds(1), .times = {.on_processor = milliseconds(990)}};
  EXPECT_THAT(DrawLoad(Plan(), result),
              HasSubstr("This load generator, not the server, was the limit:"));
}

TEST(LoadPlot, RedeemingFollowsIssuingOnTheSameAxis) {
  LoadPlan plan = Plan();
  plan.redeem = true;
  LoadResult result{.elapsed = seconds(10), .redeemed = RedeemResult{.begin = seconds(10)}};
  for (int second = 0; second < 10; ++second) result.course.push_back(Interval(second, 1200));
  for (int second = 10; second < 14; ++second) {
    result.course.push_back(Interval(second, 0));
    result.course.back().redeemed = 3000;
  }
  result.redeemed->tally.AddOutcome({.outcome = RedeemOutcome::kRedeemed}, milliseconds(7));
  const std::string svg = DrawLoad(plan, result);
  for (const char* text : {"issuing", "redeeming", "redeemed", "12,000", "7ms"}) {
    EXPECT_THAT(svg, HasSubstr(">" + std::string(text) + "</text>")) << text;
  }
  EXPECT_THAT(svg, Not(HasSubstr("end of sending")));
  EXPECT_THAT(svg, HasSubstr("; 1 coupons redeemed"));
  EXPECT_THAT(Lines(svg, "redeemed"), UnorderedElementsAre(28, 2));
  EXPECT_THAT(Lines(svg, "p50"), UnorderedElementsAre(14, 2));
  result.redeemed->use = {.elapsed = seconds(1), .times = {.on_processor = milliseconds(990)}};
  EXPECT_THAT(DrawLoad(plan, result), HasSubstr(">while redeeming, its thread was busy 99 %"));
}

TEST(LoadPlot, ALoadWithoutAnswersCanBeDrawn) {
  const LoadResult result{.course = {{.end = milliseconds(1)}}};
  EXPECT_THAT(DrawLoad(Plan(), result), HasSubstr("</svg>"));
}

}  // namespace
}  // namespace coupond::ctl
