#include "couponctl/watch/watch_tally.h"

#include <gtest/gtest.h>

namespace coupond::ctl {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr WatchListener::Time kStart{};

coupon::v1::WatchCampaignResponse Message(int issued, coupon::v1::WatchState state) {
  coupon::v1::WatchCampaignResponse message;
  message.mutable_campaign()->set_issued_coupons(issued);
  message.set_state(state);
  message.set_sequence(static_cast<std::uint64_t>(issued));
  return message;
}

TEST(WatchTally, EachStreamHasARateFromItsFirstMessageToItsEnd) {
  WatchTally tally(3);
  for (int i = 0; i <= 20; ++i) {
    const auto message = Message(i, coupon::v1::WATCH_STATE_LIVE);
    tally.OnMessage(0, message, kStart + milliseconds(100) * i);
    if (i % 2 == 0) tally.OnMessage(1, message, kStart + milliseconds(100) * i);
    if (i % 4 == 0) tally.OnMessage(2, message, kStart + milliseconds(100) * i);
  }
  const WatchFigures figures = tally.At(kStart + seconds(2));
  EXPECT_EQ(figures.messages, 21U + 11U + 6U);
  EXPECT_DOUBLE_EQ(figures.per_second_max, 10);
  EXPECT_DOUBLE_EQ(figures.per_second_median, 5);
  EXPECT_DOUBLE_EQ(figures.per_second_min, 2.5);
  EXPECT_EQ(figures.gap_max, milliseconds(400));
  EXPECT_EQ(figures.live, 3U);
  EXPECT_EQ(figures.issued_coupons, 20);
}

TEST(WatchTally, SilenceUntilTheEndIsAGapToo) {
  WatchTally tally(2);
  tally.OnMessage(0, Message(1, coupon::v1::WATCH_STATE_LIVE), kStart);
  EXPECT_EQ(tally.At(kStart + seconds(9)).gap_max, seconds(9));
  EXPECT_EQ(tally.At(kStart + seconds(9)).per_second_max, 0);
  tally.OnEnd(0, std::unexpected(CallError{.code = "unavailable"}), kStart + seconds(2));
  EXPECT_EQ(tally.At(kStart + seconds(9)).gap_max, seconds(2));
}

TEST(WatchTally, EveryStreamThatWasOpenedHasOneEnding) {
  WatchTally tally(6);
  tally.OnMessage(0, Message(9, coupon::v1::WATCH_STATE_SOLD_OUT), kStart);
  tally.OnEnd(0, {}, kStart);
  tally.OnMessage(1, Message(8, coupon::v1::WATCH_STATE_DELETED), kStart);
  tally.OnEnd(1, {}, kStart);
  tally.OnMessage(2, Message(7, coupon::v1::WATCH_STATE_LIVE), kStart);
  tally.OnMessage(3, Message(7, coupon::v1::WATCH_STATE_LIVE), kStart);
  tally.OnEnd(3, std::unexpected(CallError{.code = "unavailable"}), kStart);
  tally.OnEnd(4, std::unexpected(CallError{.code = "", .message = "refused"}), kStart);
  const WatchFigures figures = tally.At(kStart);
  EXPECT_EQ(figures.opened, 4U);
  EXPECT_EQ(figures.sold_out, 1U);
  EXPECT_EQ(figures.deleted, 1U);
  EXPECT_EQ(figures.live, 1U);
  EXPECT_EQ(figures.failed, 2U);
  EXPECT_EQ(figures.errors.at("unavailable"), 1U);
  EXPECT_EQ(figures.errors.at("refused"), 1U);
  // Of two streams, the one that is behind does not count.
  EXPECT_EQ(figures.issued_coupons, 9);
  ASSERT_TRUE(tally.first_error());
  EXPECT_EQ(tally.first_error()->code, "unavailable");
}

}  // namespace
}  // namespace coupond::ctl
