#include "couponctl/watch/watch_text.h"

#include <gtest/gtest.h>

#include <string>

#include "base/display_text.h"
#include "common/progress_bar.h"
#include "coupon/v1/coupon_service.pb.h"

namespace coupond::ctl {
namespace {

using coupon::v1::WatchCampaignResponse;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Timestamp kNow = Timestamp::FromUnixNanoseconds(2'000'000'000);

WatchCampaignResponse Campaign(const std::string& name, int issued, int total) {
  WatchCampaignResponse message;
  message.mutable_campaign()->set_name(name);
  message.mutable_campaign()->set_issued_coupons(issued);
  message.mutable_campaign()->set_total_coupons(total);
  message.mutable_campaign()->mutable_start_time()->set_seconds(1);
  message.set_state(coupon::v1::WATCH_STATE_LIVE);
  return message;
}

TEST(BarText, IsFullOnlyWhenNothingIsMissing) {
  EXPECT_EQ(tools::BarText(0, 10, 5), "[.....]");
  EXPECT_EQ(tools::BarText(5, 10, 4), "[##..]");
  EXPECT_EQ(tools::BarText(999'999, 1'000'000, 5), "[####.]");
  EXPECT_EQ(tools::BarText(10, 10, 5), "[#####]");
  EXPECT_EQ(tools::BarText(11, 10, 5), "[#####]");
}

TEST(WatchText, TheBarShowsHowFarAndHowFast) {
  EXPECT_EQ(WatchBar(Campaign("여름", 250, 1000), 99.6, kNow, 50),
            "여름 [####............] 250 of 1000   25 %  100/s");
  EXPECT_EQ(WatchBar(Campaign("x", 0, 10), 0, Timestamp::FromUnixNanoseconds(0), 70),
            "x [.....................] 0 of 10    0 %  starts 1970-01-01T00:00:01Z");
}

TEST(WatchText, TheBarFitsTheTerminalWhateverTheName) {
  for (const std::string& name :
       {std::string("x"), std::string(200, 'n'), std::string("여름여름여름여름여름여름여름여름")}) {
    for (std::size_t columns = 1; columns < 150; ++columns) {
      const std::string bar = WatchBar(Campaign(name, 50'000'000, 100'000'000), 1e6, kNow, columns);
      ASSERT_LT(DisplayWidth(bar), std::max<std::size_t>(columns, 2)) << columns << ": " << bar;
    }
  }
}

TEST(WatchText, WhatAServerSendsCannotSteerTheTerminalOrDivideByZero) {
  EXPECT_EQ(WatchBar(Campaign("a\x1b[2J", -5, 0), 0, kNow, 25), "a?[2J 0 of 1    0 %  0/s");
}

TEST(WatchText, ALineSaysWhenAndHowMany) {
  EXPECT_EQ(WatchLine(Campaign("sale", 1, 3), 12, kNow),
            "1970-01-01T00:00:02Z  sale: 1 of 3 issued, 33 %, 12/s");
}

TEST(WatchText, TheLastLineSaysWhatBecameOfIt) {
  WatchCampaignResponse message = Campaign("sale", 3, 3);
  message.set_state(coupon::v1::WATCH_STATE_SOLD_OUT);
  EXPECT_EQ(WatchLastLine(message), "sold out: all 3 coupons of sale are issued");
  message = Campaign("sale", 2, 3);
  message.set_state(coupon::v1::WATCH_STATE_DELETED);
  EXPECT_EQ(WatchLastLine(message), "deleted: sale had issued 2 of 3 coupons");
  message.set_state(coupon::v1::WATCH_STATE_LIVE);
  EXPECT_EQ(WatchLastLine(message), "no longer watched: sale has issued 2 of 3 coupons");
}

TEST(IssueRate, IsThatOfTheLastMoments) {
  const IssueRate::Time start{};
  IssueRate rate;
  EXPECT_EQ(rate.PerSecond(start), 0);
  // What was issued before the first count has no time.
  rate.Add(start, 1'000'000);
  EXPECT_EQ(rate.PerSecond(start), 0);
  rate.Add(start + milliseconds(500), 1'000'100);
  EXPECT_DOUBLE_EQ(rate.PerSecond(start + milliseconds(500)), 200);
  // As nothing comes, it falls, and when it is long ago it is nothing.
  EXPECT_DOUBLE_EQ(rate.PerSecond(start + milliseconds(1000)), 100);
  EXPECT_EQ(rate.PerSecond(start + seconds(60)), 0);
  rate.Add(start + seconds(61), 1'000'110);
  rate.Add(start + seconds(62), 1'000'130);
  EXPECT_DOUBLE_EQ(rate.PerSecond(start + seconds(62)), 20);
}

}  // namespace
}  // namespace coupond::ctl
