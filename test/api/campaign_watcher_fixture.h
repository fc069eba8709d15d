#ifndef COUPOND_TEST_API_CAMPAIGN_WATCHER_FIXTURE_H_
#define COUPOND_TEST_API_CAMPAIGN_WATCHER_FIXTURE_H_

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "api/campaign_watchers.h"
#include "api/watching_client.h"
#include "support/builders.h"
#include "support/manual_executor.h"

namespace coupond::api {

/// The rounds of one worker, whose clock and timers go when the test says so.
class CampaignWatcherTest : public testing::Test {
 protected:
  using milliseconds = std::chrono::milliseconds;

  /// Returns a campaign with 1,000 coupons, of which `issued` have been issued.
  static Campaign Row(std::uint8_t id, std::int64_t issued) {
    return {.number = CampaignNumber(id),
            .id = test::Id(id),
            .terms = {.name = "campaign " + std::to_string(id),
                      .total_coupons = 1'000,
                      .start_time = test::At(0)},
            .serials = SerialRanges({.first = Serial(1), .count = 1'000}),
            .issued_coupons = issued,
            .created_at = test::At(0),
            .revision = Sequence(1)};
  }
  std::unique_ptr<WatchingClient> Client(std::uint8_t id, WatchUntil until = WatchUntil::kOver) {
    return std::make_unique<WatchingClient>(rounds_, executor_, id, until);
  }
  std::unique_ptr<WatchingClient> ReadingClient(std::uint8_t id) {
    auto client = Client(id);
    client->Begin(Row(id, 0), 1).ReadOn();
    return client;
  }
  /// Reports a change of the views, each time with the next sequence.
  void Change(const Campaign& row, bool deleted = false) {
    ViewChanges changes;
    (deleted ? changes.erased_campaigns : changes.campaigns).push_back(row);
    changes.checkpoint.tip.sequence = Sequence(++sequence_);
    watches_.OnViewChanges(changes);
    executor_.RunWaiting();
  }
  /// Passes the time, by the clock and for the timers.
  void Wait(milliseconds time) {
    clock_.Set(clock_.Now().Plus(time));
    executor_.Advance(time);
    executor_.RunWaiting();
  }

  /// Waits until nothing keeps the next change from being sent at once.
  void Rest() {
    for (int i = 0; i < 3; ++i) Wait(kWatchIntervalMin);
  }

  std::uint64_t sequence_ = 1;
  CampaignWatches watches_;
  test::FakeClock clock_{test::At(0)};
  test::ManualExecutor executor_;
  WatchRounds rounds_{watches_, clock_, executor_};
};

}  // namespace coupond::api

#endif  // COUPOND_TEST_API_CAMPAIGN_WATCHER_FIXTURE_H_
