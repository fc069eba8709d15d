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

TEST(LoadReport, SaysHowTheOutcomesOfRedeemingWereSettled) {
  LoadPlan plan = Plan();
  plan.redeem = true;
  LoadResult result = Result(milliseconds(430));
  result.redeemed = RedeemResult{.begin = seconds(1), .elapsed = seconds(2)};
  RedeemTally& tally = result.redeemed->tally;
  for (int i = 0; i < 5; ++i) {
    tally.AddAttempt(true);
    result.tally.AddOutcome({.kind = IssueAnswer::Kind::kIssued}, 0, milliseconds(1));
    tally.AddOutcome({.outcome = i < 3 ? RedeemOutcome::kRedeemed : RedeemOutcome::kOpen},
                     milliseconds(1));
  }
  result.tally.AddOutcome({.kind = IssueAnswer::Kind::kIssued}, 0, milliseconds(1));
  tally.Settle({.outcome = RedeemOutcome::kRedeemed, .already_redeemed = true});
  const std::string text = SummaryText(plan, result, {});
  EXPECT_THAT(text, HasSubstr("redeeming, from 1s on:"));
  EXPECT_THAT(text,
              testing::ContainsRegex("\n  redeemed +4\n    already redeemed \\(retries\\) +1\n"
                                     "  outcome unknown +1\n"
                                     "  unknown at first, then settled +1\n"
                                     "  never sent +1\n"));
  // What was settled afterwards is not what the server achieved.
  EXPECT_THAT(text, HasSubstr("answered: 1.5 redemptions/s over 2s"));
  const auto json = boost::json::parse(SummaryJson(plan, result, {})).at("redeem");
  EXPECT_EQ(json.at("outcomeUnknown").to_number<int>(), 1);
  EXPECT_EQ(json.at("settled").to_number<int>(), 1);
  EXPECT_EQ(json.at("notSent").to_number<int>(), 1);
  EXPECT_EQ(json.at("achievedRate").as_double(), 1.5);
}

TEST(LoadReport, SaysThatRedeemingWasNotBegun) {
  LoadPlan plan = Plan();
  LoadResult result = Result(milliseconds(430));
  EXPECT_THAT(SummaryText(plan, result, {}), testing::Not(HasSubstr("redeem")));
  plan.redeem = true;
  result.interrupted = true;
  EXPECT_THAT(SummaryText(plan, result, {}),
              HasSubstr("redeeming: not begun, because the load was interrupted"));
  EXPECT_FALSE(
      boost::json::parse(SummaryJson(plan, result, {})).at("redeem").at("begun").as_bool());
}

}  // namespace
}  // namespace coupond::ctl
