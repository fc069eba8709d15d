#include "couponctl/load/load_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>

namespace coupond::ctl {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

LoadPlan Plan() {
  return {.campaign_id = "c-1", .schedule = ArrivalSchedule::Make(100, seconds(1)).value()};
}

LoadResult Result(milliseconds busy) {
  return {.use = {.elapsed = seconds(1), .times = {.on_processor = busy}}, .elapsed = seconds(1)};
}

TEST(LoadReport, SaysWhatWasAskedFor) {
  LoadPlan plan = Plan();
  EXPECT_EQ(LoadText(plan), "100 requests/s for 1s over 1 connections");
  plan.connections = 64;
  plan.schedule = ArrivalSchedule::Make(std::nullopt, seconds(10), seconds(5)).value();
  EXPECT_EQ(LoadText(plan), "as fast as possible for 10s over 64 connections, rising for 5s");
}

TEST(LoadReport, SaysPlainlyThatTheGeneratorWasTheLimit) {
  EXPECT_THAT(SummaryText(Plan(), Result(milliseconds(990)), {}),
              HasSubstr("THIS LOAD GENERATOR, NOT THE SERVER, WAS THE LIMIT: its thread was busy "
                        "99 % of the time"));
  const auto json =
      boost::json::parse(SummaryJson(Plan(), Result(milliseconds(990)), {})).at("generator");
  EXPECT_TRUE(json.at("wasLimit").as_bool());
  EXPECT_THAT(std::string(json.at("message").as_string()),
              HasSubstr("this load generator, not the server, was the limit: its thread was busy"));
  EXPECT_EQ(json.at("busyShare").as_double(), 0.99);
}

TEST(LoadReport, SaysThatTheGeneratorHadTimeLeft) {
  EXPECT_THAT(SummaryText(Plan(), Result(milliseconds(430)), {}),
              HasSubstr("load generator: not the limit, busy 43 % of the time"));
  const auto json =
      boost::json::parse(SummaryJson(Plan(), Result(milliseconds(430)), {})).at("generator");
  EXPECT_FALSE(json.at("wasLimit").as_bool());
  EXPECT_FALSE(json.as_object().contains("message"));
}

}  // namespace
}  // namespace coupond::ctl
