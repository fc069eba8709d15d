// What the watchers of a campaign are told when its state changes by itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "api/campaign_watcher_fixture.h"
#include "api/campaign_watchers.h"
#include "api/watching_client.h"
#include "coupon/v1/coupon_service.pb.h"
#include "support/builders.h"

namespace coupond::api {
namespace {

using coupon::v1::CAMPAIGN_STATE_ARCHIVED;
using coupon::v1::CAMPAIGN_STATE_ENDED;
using coupon::v1::CAMPAIGN_STATE_OPEN;
using coupon::v1::CAMPAIGN_STATE_SCHEDULED;
using coupon::v1::CAMPAIGN_STATE_SOLD_OUT;
using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::Ge;
using testing::Le;

class WatchedStatesTest : public CampaignWatcherTest {
 protected:
  /// Returns campaign 1, open from second 10 to second 20.
  static Campaign Dated(std::int64_t issued = 0) {
    Campaign row = Row(1, issued);
    row.terms.start_time = test::At(10);
    row.terms.end_time = test::At(20);
    return row;
  }
  std::unique_ptr<WatchingClient> Watch(const Campaign& row, WatchUntil until = WatchUntil::kOver) {
    auto client = Client(1, until);
    client->Begin(row, 1).ReadOn();
    return client;
  }
  std::vector<std::unique_ptr<WatchingClient>> WatchMany(std::size_t count) {
    std::vector<std::unique_ptr<WatchingClient>> clients;
    for (std::size_t i = 0; i < count; ++i) clients.push_back(Watch(Dated()));
    return clients;
  }
  static std::size_t Opened(const std::vector<std::unique_ptr<WatchingClient>>& clients) {
    return static_cast<std::size_t>(std::ranges::count_if(clients, [](const auto& client) {
      return client->states().back() == CAMPAIGN_STATE_OPEN;
    }));
  }
  /// Passes the time in small steps until this second. A message may thus be late by one step.
  void WaitUntil(std::int64_t second) {
    while (clock_.Now() < test::At(second)) Wait(milliseconds(10));
  }
};

TEST_F(WatchedStatesTest, TheStartIsToldInItsMillisecond) {
  const auto client = Watch(Dated());
  Wait(milliseconds(9'999));
  EXPECT_THAT(client->states(), ElementsAre(CAMPAIGN_STATE_SCHEDULED));
  Wait(milliseconds(1));
  EXPECT_THAT(client->states(), ElementsAre(CAMPAIGN_STATE_SCHEDULED, CAMPAIGN_STATE_OPEN));
  EXPECT_EQ(client->messages()[1].sequence(), 1U);
  EXPECT_EQ(client->messages()[1].state(), coupon::v1::WATCH_STATE_LIVE);
}

TEST_F(WatchedStatesTest, TheMessageAtTheEndIsTheLast) {
  const auto client = Watch(Dated());
  WaitUntil(19);
  EXPECT_EQ(client->end(), "");
  WaitUntil(20);
  EXPECT_THAT(client->states(),
              ElementsAre(CAMPAIGN_STATE_SCHEDULED, CAMPAIGN_STATE_OPEN, CAMPAIGN_STATE_ENDED));
  EXPECT_EQ(client->messages().back().state(), coupon::v1::WATCH_STATE_ENDED);
  EXPECT_EQ(client->end(), "{}");
}

TEST_F(WatchedStatesTest, TheExpiryOfTheCouponsIsTheEndToo) {
  Campaign expiring = Dated();
  expiring.terms.expire_time = test::At(15);
  const auto client = Watch(expiring);
  WaitUntil(14);
  Wait(milliseconds(999));
  EXPECT_THAT(client->states(), ElementsAre(CAMPAIGN_STATE_SCHEDULED, CAMPAIGN_STATE_OPEN));
  EXPECT_EQ(client->end(), "");
  Wait(milliseconds(1));
  EXPECT_THAT(client->states(),
              ElementsAre(CAMPAIGN_STATE_SCHEDULED, CAMPAIGN_STATE_OPEN, CAMPAIGN_STATE_ENDED));
  EXPECT_EQ(client->messages().back().state(), coupon::v1::WATCH_STATE_ENDED);
  EXPECT_EQ(client->end(), "{}");
}

TEST_F(WatchedStatesTest, WhatIsOverHasOneMessage) {
  Campaign archived = Dated();
  archived.archived_at = test::At(0);
  const auto client = Watch(archived);
  EXPECT_THAT(client->states(), ElementsAre(CAMPAIGN_STATE_ARCHIVED));
  EXPECT_EQ(client->messages().back().state(), coupon::v1::WATCH_STATE_ENDED);
  EXPECT_EQ(client->end(), "{}");
  clock_.Set(test::At(20));
  const auto late = Watch(Dated());
  EXPECT_THAT(late->states(), ElementsAre(CAMPAIGN_STATE_ENDED));
  EXPECT_EQ(late->end(), "{}");
}

TEST_F(WatchedStatesTest, AFollowerIsToldEverythingUntilTheDeletion) {
  const auto client = Watch(Dated(), WatchUntil::kDeleted);
  WaitUntil(11);
  Change(Dated(1'000));
  WaitUntil(12);
  Campaign raised = Dated(1'000);
  raised.terms.total_coupons = 2'000;
  Change(raised);
  WaitUntil(21);
  raised.terms.end_time = kNever;
  Change(raised);
  WaitUntil(22);
  raised.archived_at = test::At(22);
  Change(raised);
  WaitUntil(23);
  EXPECT_EQ(client->end(), "");
  Change(raised, true);
  EXPECT_THAT(client->states(),
              ElementsAre(CAMPAIGN_STATE_SCHEDULED, CAMPAIGN_STATE_OPEN, CAMPAIGN_STATE_SOLD_OUT,
                          CAMPAIGN_STATE_OPEN, CAMPAIGN_STATE_ENDED, CAMPAIGN_STATE_OPEN,
                          CAMPAIGN_STATE_ARCHIVED, CAMPAIGN_STATE_ARCHIVED));
  std::vector<coupon::v1::WatchState> states;
  for (const auto& message : client->messages()) states.push_back(message.state());
  EXPECT_THAT(states, ElementsAre(coupon::v1::WATCH_STATE_LIVE, coupon::v1::WATCH_STATE_LIVE,
                                  coupon::v1::WATCH_STATE_SOLD_OUT, coupon::v1::WATCH_STATE_LIVE,
                                  coupon::v1::WATCH_STATE_ENDED, coupon::v1::WATCH_STATE_LIVE,
                                  coupon::v1::WATCH_STATE_ENDED, coupon::v1::WATCH_STATE_DELETED));
  EXPECT_EQ(client->end(), "{}");
}

TEST_F(WatchedStatesTest, AFollowerOfWhatIsOverHasNoSilenceEither) {
  const auto client = Watch(Dated(), WatchUntil::kDeleted);
  WaitUntil(21);
  const std::size_t heard = client->messages().size();
  constexpr std::size_t kHeartbeats = 5;
  for (std::size_t i = 0; i < 5 * kHeartbeats; ++i) Wait(kHeartbeat / 5);
  EXPECT_GE(client->messages().size(), heard + kHeartbeats);
  EXPECT_EQ(client->states().back(), CAMPAIGN_STATE_ENDED);
}

TEST_F(WatchedStatesTest, AMovedStartIsToldWhenItComes) {
  const auto client = Watch(Dated());
  Rest();
  Campaign earlier = Dated();
  earlier.terms.start_time = test::At(5);
  Change(earlier);
  Wait(milliseconds(4'699));
  EXPECT_EQ(client->states().back(), CAMPAIGN_STATE_SCHEDULED);
  Wait(milliseconds(1));
  EXPECT_EQ(client->states().back(), CAMPAIGN_STATE_OPEN);
  EXPECT_EQ(client->messages().size(), 3U);
}

TEST_F(WatchedStatesTest, ALaterStartIsNotToldAtTheFormerTime) {
  const auto client = Watch(Dated());
  Rest();
  Campaign later = Dated();
  later.terms.start_time = test::At(12);
  Change(later);
  WaitUntil(11);
  EXPECT_EQ(client->messages().size(), 2U);
  WaitUntil(12);
  EXPECT_THAT(client->states(),
              ElementsAre(CAMPAIGN_STATE_SCHEDULED, CAMPAIGN_STATE_SCHEDULED, CAMPAIGN_STATE_OPEN));
}

TEST_F(WatchedStatesTest, AnEndThatWasPostponedJustBeforeIsNotTold) {
  const auto client = Watch(Dated());
  WaitUntil(19);
  Wait(milliseconds(950));
  Change(Dated(1));  // begins a pause
  Campaign later = Dated(1);
  later.terms.end_time = test::At(30);
  Change(later);  // has to wait for the pause's end, which is after the former end
  Wait(milliseconds(50));
  EXPECT_EQ(client->states().back(), CAMPAIGN_STATE_OPEN);
  WaitUntil(29);
  EXPECT_EQ(client->end(), "");
  WaitUntil(30);
  EXPECT_EQ(client->states().back(), CAMPAIGN_STATE_ENDED);
}

TEST_F(WatchedStatesTest, ATimerThatIsEarlyTellsNothingYet) {
  const auto client = Watch(Dated());
  Wait(milliseconds(9'500));
  clock_.Set(test::At(8));  // it is set back
  Wait(milliseconds(500));
  EXPECT_THAT(client->states(), ElementsAre(CAMPAIGN_STATE_SCHEDULED));
  Wait(milliseconds(1'499));
  EXPECT_THAT(client->states(), ElementsAre(CAMPAIGN_STATE_SCHEDULED));
  Wait(milliseconds(1));
  EXPECT_THAT(client->states(), ElementsAre(CAMPAIGN_STATE_SCHEDULED, CAMPAIGN_STATE_OPEN));
}

TEST_F(WatchedStatesTest, AClockThatIsSetForwardIsNoticedSoon) {
  const auto client = Watch(Dated());
  clock_.Set(test::At(15));
  Wait(StateAlarm::kLookEvery);
  EXPECT_THAT(client->states(), ElementsAre(CAMPAIGN_STATE_SCHEDULED, CAMPAIGN_STATE_OPEN));
}

TEST_F(WatchedStatesTest, ASlowClientIsToldTheStartWhenItReads) {
  const auto slow = Client(1);
  slow->Begin(Dated(), 1).ReadOne();
  WaitUntil(11);
  EXPECT_THAT(slow->states(), ElementsAre(CAMPAIGN_STATE_SCHEDULED));
  slow->ReadOne();
  Wait(kWatchIntervalMin);
  EXPECT_THAT(slow->states(), ElementsAre(CAMPAIGN_STATE_SCHEDULED, CAMPAIGN_STATE_OPEN));
}

TEST_F(WatchedStatesTest, TheStartIsToldDuringAPause) {
  const auto client = Watch(Dated());
  Wait(milliseconds(9'990));
  const auto newcomer = Watch(Dated());
  Change(Row(2, 0));
  Wait(milliseconds(10));
  EXPECT_EQ(client->states().back(), CAMPAIGN_STATE_OPEN);
  EXPECT_EQ(newcomer->states().back(), CAMPAIGN_STATE_OPEN);
}

TEST_F(WatchedStatesTest, ManyAreToldTheStartInSlices) {
  const auto clients = WatchMany(10 * kWatchMessagesAtOnce);
  clock_.Set(test::At(10));
  executor_.Advance(milliseconds(10'000));
  EXPECT_EQ(Opened(clients), kWatchMessagesAtOnce);
  executor_.RunWaiting();
  EXPECT_EQ(Opened(clients), clients.size());
}

TEST_F(WatchedStatesTest, TheStartIsToldBeforeWhatElseIsDue) {
  std::vector<std::unique_ptr<WatchingClient>> others;
  for (std::size_t i = 0; i < 3 * kWatchMessagesAtOnce; ++i) others.push_back(ReadingClient(2));
  const auto client = Watch(Dated());
  Rest();
  Wait(milliseconds(9'999) - 3 * kWatchIntervalMin);
  ViewChanges changes;
  changes.campaigns.push_back(Row(2, 1));
  changes.checkpoint.tip.sequence = Sequence(++sequence_);
  watches_.OnViewChanges(changes);
  executor_.RunNext();  // the first slice of the others
  clock_.Set(test::At(10));
  executor_.Advance(milliseconds(1));
  executor_.RunNext();
  EXPECT_EQ(client->states().back(), CAMPAIGN_STATE_OPEN);
  EXPECT_EQ(std::ranges::count_if(others,
                                  [](const auto& other) { return other->messages().size() == 2; }),
            2 * kWatchMessagesAtOnce - 1);
  executor_.RunWaiting();
  for (const auto& other : others) EXPECT_THAT(other->counts(), ElementsAre(0, 1));
}

TEST_F(WatchedStatesTest, TheMessageAtTheStartIsPaidForByAPause) {
  const auto clients = WatchMany(1'000);
  Wait(milliseconds(10'000));
  ASSERT_EQ(Opened(clients), clients.size());
  constexpr int kSeconds = 5;
  for (int i = 1; i <= kSeconds * 100; ++i) {
    Change(Dated(i));
    Wait(milliseconds(10));
  }
  std::vector<std::size_t> messages;
  for (const auto& client : clients) messages.push_back(client->messages().size() - 2);
  // Two rounds a second, the first of them half a second after the start.
  EXPECT_THAT(messages, Each(AllOf(Ge(9U), Le(10U))));
}

TEST_F(WatchedStatesTest, TheNextMessageComesAFullPauseAfterTheStart) {
  const auto clients = WatchMany(1'000);
  WaitUntil(9);
  Wait(milliseconds(600));
  const auto newcomer = Watch(Dated());  // begins a pause of half a second
  Wait(milliseconds(400));
  ASSERT_EQ(Opened(clients), clients.size());
  Change(Dated(1));
  Wait(milliseconds(100));  // the pause ends
  for (const auto& client : clients) ASSERT_THAT(client->counts(), ElementsAre(0, 0));
  Wait(milliseconds(500));
  for (const auto& client : clients) ASSERT_THAT(client->counts(), ElementsAre(0, 0, 1));
}

TEST_F(WatchedStatesTest, AStartInTheMiddleOfARoundIsToldOnceToEach) {
  const auto clients = WatchMany(3 * kWatchMessagesAtOnce);
  Rest();
  Wait(milliseconds(9'999) - 3 * kWatchIntervalMin);
  ViewChanges changes;
  changes.campaigns.push_back(Dated(1));
  changes.checkpoint.tip.sequence = Sequence(++sequence_);
  watches_.OnViewChanges(changes);
  executor_.RunNext();  // the first slice
  Wait(milliseconds(1));
  EXPECT_EQ(Opened(clients), clients.size());
  std::size_t messages = 0;
  for (const auto& client : clients) messages += client->messages().size() - 1;
  EXPECT_EQ(messages, clients.size() + kWatchMessagesAtOnce);
}

TEST_F(WatchedStatesTest, AnUntoldStartIsToldWhenItComes) {
  const auto other = ReadingClient(2);
  Rest();
  Change(Row(2, 1));  // begins a pause
  const auto client = Watch(Dated());
  Campaign earlier = Dated();
  earlier.terms.start_time = clock_.Now().Plus(kWatchIntervalMin * 3 / 2);
  Change(earlier);
  Wait(kWatchIntervalMin);  // the next round, which is too early for a newcomer
  EXPECT_EQ(client->messages().size(), 1U);
  Wait(kWatchIntervalMin / 2);
  EXPECT_THAT(client->states(), ElementsAre(CAMPAIGN_STATE_SCHEDULED, CAMPAIGN_STATE_OPEN));
}

TEST_F(WatchedStatesTest, MovedStartsKeepTheMessageRate) {
  const auto clients = WatchMany(1'000);
  constexpr int kSeconds = 5;
  Campaign row = Dated();
  for (int i = 0; i < kSeconds * 20; ++i) {
    row.terms.start_time = clock_.Now().Plus(milliseconds(100));
    Change(row);
    for (int step = 0; step < 5; ++step) Wait(milliseconds(10));
  }
  std::size_t messages = 0;
  for (const auto& client : clients) messages += client->messages().size() - 1;
  EXPECT_LE(messages, (kSeconds + 1) * kWatchMessagesPerSecondMax);
}

TEST_F(WatchedStatesTest, CampaignsHaveTheirOwnTimes) {
  const auto one = Watch(Dated());
  const auto two = Client(2);
  Campaign row = Row(2, 0);
  row.terms.start_time = test::At(5);
  two->Begin(row, 1).ReadOn();
  WaitUntil(5);
  EXPECT_EQ(one->messages().size(), 1U);
  EXPECT_THAT(two->states(), ElementsAre(CAMPAIGN_STATE_SCHEDULED, CAMPAIGN_STATE_OPEN));
  WaitUntil(10);
  EXPECT_THAT(one->states(), ElementsAre(CAMPAIGN_STATE_SCHEDULED, CAMPAIGN_STATE_OPEN));
  EXPECT_EQ(two->messages().size(), 2U);
}

TEST_F(WatchedStatesTest, ThoseWhoLeftDoNotKeepOthersFromBeingTold) {
  auto one = Watch(Dated());
  auto first = Client(2);
  const auto second = Client(2);
  Campaign row = Dated();
  row.id = test::Id(2);
  first->Begin(row, 1).ReadOn();
  second->Begin(row, 1).ReadOn();
  one.reset();
  first.reset();
  Wait(milliseconds(10'000));
  EXPECT_EQ(second->states().back(), CAMPAIGN_STATE_OPEN);
}

TEST_F(WatchedStatesTest, AnAbandonedWorkerTellsNoStart) {
  const auto client = Watch(Dated());
  rounds_.Abandon();
  Wait(milliseconds(10'000));
  EXPECT_EQ(client->messages().size(), 1U);
}

}  // namespace
}  // namespace coupond::api
