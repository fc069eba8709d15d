#include "api/campaign_watchers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

#include "api/campaign_watcher_fixture.h"
#include "api/watching_client.h"
#include "coupon/v1/coupon_service.pb.h"
#include "support/builders.h"

namespace coupond::api {
namespace {

using testing::ElementsAre;

TEST_F(CampaignWatcherTest, TheFirstMessageIsTheCampaignAsItWasRead) {
  const auto client = Client(1);
  client->Begin(Row(1, 7), 20).ReadOn();
  ASSERT_EQ(client->messages().size(), 1U);
  EXPECT_EQ(client->messages()[0].campaign().name(), "campaign 1");
  EXPECT_EQ(client->messages()[0].campaign().issued_coupons(), 7);
  EXPECT_EQ(client->messages()[0].state(), coupon::v1::WATCH_STATE_LIVE);
  EXPECT_EQ(client->messages()[0].sequence(), 20U);
}

TEST_F(CampaignWatcherTest, AChangeAfterAQuietTimeIsSentAtOnce) {
  const auto client = ReadingClient(1);
  Wait(kWatchIntervalMin);
  Change(Row(1, 1));
  EXPECT_THAT(client->counts(), ElementsAre(0, 1));
  EXPECT_EQ(client->messages()[1].sequence(), 2U);
}

TEST_F(CampaignWatcherTest, TheNewestOfSeveralChangesInAPauseIsSent) {
  const auto client = ReadingClient(1);
  Wait(kWatchIntervalMin);
  for (int issued = 1; issued <= 5; ++issued) Change(Row(1, issued));
  EXPECT_THAT(client->counts(), ElementsAre(0, 1));
  Wait(kWatchIntervalMin);
  EXPECT_THAT(client->counts(), ElementsAre(0, 1, 5));
  Wait(10 * kWatchIntervalMin);
  EXPECT_THAT(client->counts(), ElementsAre(0, 1, 5));
}

TEST_F(CampaignWatcherTest, AWatcherGetsAtMostTenMessagesASecond) {
  const auto early = ReadingClient(1);
  std::unique_ptr<WatchingClient> late;
  int issued = 0;
  // The second one comes in the middle of a pause.
  for (milliseconds time{0}; time < std::chrono::seconds(5); time += milliseconds(10)) {
    if (time == milliseconds(50)) late = ReadingClient(1);
    Change(Row(1, ++issued));
    Wait(milliseconds(10));
  }
  EXPECT_LE(early->messages().size(), 51U);
  EXPECT_GE(early->messages().size(), 49U);
  EXPECT_LE(late->messages().size(), 50U);
  EXPECT_GE(late->messages().size(), 48U);
}

TEST_F(CampaignWatcherTest, ANewcomerGetsOneMessageInAnInterval) {
  const auto early = ReadingClient(1);
  Wait(kWatchIntervalMin);
  Change(Row(1, 1));  // a round begins, and with it a pause
  Wait(kWatchIntervalMin - milliseconds(1));
  const auto late = Client(1);
  late->Begin(Row(1, 1), 2).ReadOn();
  Change(Row(1, 2));
  Wait(milliseconds(1));  // the next round
  EXPECT_THAT(early->counts(), ElementsAre(0, 1, 2));
  EXPECT_THAT(late->counts(), ElementsAre(1));
  Wait(kWatchIntervalMin);
  EXPECT_THAT(late->counts(), ElementsAre(1, 2));
}

TEST_F(CampaignWatcherTest, ANewcomerInAPauseGetsOneMessage) {
  const auto early = ReadingClient(1);
  Wait(kWatchIntervalMin);
  Change(Row(1, 1));  // a round begins, and with it a pause in which nothing happens
  Wait(kWatchIntervalMin - milliseconds(1));
  const auto late = Client(1);
  late->Begin(Row(1, 1), 2).ReadOn();
  Wait(milliseconds(1));
  Change(Row(1, 2));
  EXPECT_THAT(late->counts(), ElementsAre(1));
  Wait(kWatchIntervalMin);
  EXPECT_THAT(late->counts(), ElementsAre(1, 2));
}

TEST_F(CampaignWatcherTest, AnOlderChangeReportedLateIsIgnored) {
  const auto early = ReadingClient(1);  // begins a pause
  Change(Row(1, 90));                   // sequence 2, kept until the pause ends
  const auto late = Client(1);
  late->Begin(Row(1, 100), 9);
  Wait(kWatchIntervalMin);
  late->ReadOn();
  EXPECT_THAT(late->counts(), ElementsAre(100));
}

TEST_F(CampaignWatcherTest, ASlowClientGetsTheNewestStateWhenItReads) {
  const auto slow = Client(1);
  slow->Begin(Row(1, 0), 1).ReadOne();
  for (int issued = 1; issued <= 9; ++issued) {
    Change(Row(1, issued));
    Wait(kWatchIntervalMin);
  }
  EXPECT_THAT(slow->counts(), ElementsAre(0));
  slow->ReadOne();
  Wait(kWatchIntervalMin);
  EXPECT_THAT(slow->counts(), ElementsAre(0, 9));
}

TEST_F(CampaignWatcherTest, TheStreamEndsAfterSoldOut) {
  const auto client = ReadingClient(1);
  Wait(kWatchIntervalMin);
  Change(Row(1, 1'000));
  EXPECT_THAT(client->counts(), ElementsAre(0, 1'000));
  EXPECT_EQ(client->messages()[1].state(), coupon::v1::WATCH_STATE_SOLD_OUT);
  EXPECT_EQ(client->end(), "{}");
}

TEST_F(CampaignWatcherTest, TheStreamEndsAfterDeleted) {
  const auto client = ReadingClient(1);
  Wait(kWatchIntervalMin);
  Change(Row(1, 12), true);
  EXPECT_THAT(client->counts(), ElementsAre(0, 12));
  EXPECT_EQ(client->messages()[1].state(), coupon::v1::WATCH_STATE_DELETED);
  EXPECT_EQ(client->end(), "{}");
}

TEST_F(CampaignWatcherTest, ASoldOutCampaignHasOneMessage) {
  const auto client = Client(1);
  client->Begin(Row(1, 1'000), 5).ReadOn();
  ASSERT_EQ(client->messages().size(), 1U);
  EXPECT_EQ(client->messages()[0].state(), coupon::v1::WATCH_STATE_SOLD_OUT);
  EXPECT_EQ(client->end(), "{}");
}

TEST_F(CampaignWatcherTest, AChangeBeforeTheFirstMessageIsNotLost) {
  const auto client = Client(1);
  Change(Row(1, 3));  // sequence 2
  Wait(kWatchIntervalMin);
  client->Begin(Row(1, 2), 1).ReadOn();
  EXPECT_THAT(client->counts(), ElementsAre(3));
}

TEST_F(CampaignWatcherTest, AChangeInTheFirstMessageIsNotSentAgain) {
  const auto client = Client(1);
  Change(Row(1, 3));  // sequence 2
  client->Begin(Row(1, 4), 9).ReadOn();
  Wait(10 * kWatchIntervalMin);
  EXPECT_THAT(client->counts(), ElementsAre(4));
  EXPECT_EQ(client->messages()[0].sequence(), 9U);
}

TEST_F(CampaignWatcherTest, OnlyWatchersOfTheCampaignGetItsChanges) {
  const auto one = ReadingClient(1);
  const auto two = ReadingClient(2);
  Rest();
  Change(Row(2, 1));
  EXPECT_THAT(one->counts(), ElementsAre(0));
  EXPECT_THAT(two->counts(), ElementsAre(0, 1));
}

TEST_F(CampaignWatcherTest, NoSilenceIsLongerThanAHeartbeat) {
  const auto client = ReadingClient(1);
  constexpr milliseconds kStep{100};
  milliseconds silence{0};
  std::size_t heard = client->messages().size();
  for (milliseconds time{0}; time < 10 * kHeartbeat; time += kStep) {
    // What happens at odd moments shifts the next repetition.
    if (time == milliseconds(46'600)) Change(Row(1, 5));
    Wait(kStep);
    silence = client->messages().size() == heard ? silence + kStep : milliseconds(0);
    heard = client->messages().size();
    ASSERT_LT(silence, kHeartbeat) << time.count() << " ms";
  }
  EXPECT_GE(heard, 11U);
  EXPECT_LE(heard, 18U);
  EXPECT_EQ(client->messages().back().sequence(), 2U);
  EXPECT_EQ(client->messages().back().campaign().issued_coupons(), 5);
}

TEST_F(CampaignWatcherTest, ChangesReplaceRepetitions) {
  const auto client = ReadingClient(1);
  for (int issued = 1; issued <= 20; ++issued) {
    Wait(kHeartbeat / 2);
    Change(Row(1, issued));
  }
  EXPECT_EQ(client->messages().size(), 21U);
}

TEST_F(CampaignWatcherTest, AClientThatDoesNotReadGetsNoRepeat) {
  const auto slow = Client(1);
  slow->Begin(Row(1, 0), 1).ReadOne();
  Wait(3 * kHeartbeat);
  EXPECT_THAT(slow->counts(), ElementsAre(0));
  slow->ReadOne();  // nothing is behind, so this waits for the next tick
  for (int i = 0; i < 5; ++i) Wait(kHeartbeat / 5);
  EXPECT_THAT(slow->counts(), ElementsAre(0, 0));
}

TEST_F(CampaignWatcherTest, ManyRepetitionsAreSentInSlices) {
  std::vector<std::unique_ptr<WatchingClient>> clients;
  for (std::size_t i = 0; i < 3 * kWatchMessagesAtOnce; ++i) clients.push_back(ReadingClient(1));
  Rest();
  const auto told = [&clients] {
    return std::ranges::count_if(clients,
                                 [](const auto& client) { return client->messages().size() == 2; });
  };
  for (int i = 0; i < 4; ++i) executor_.Advance(kHeartbeat / 5);
  EXPECT_EQ(told(), static_cast<std::ptrdiff_t>(kWatchMessagesAtOnce));
  executor_.RunWaiting();
  EXPECT_EQ(told(), static_cast<std::ptrdiff_t>(clients.size()));
}

TEST_F(CampaignWatcherTest, ManyWatchersShareTheMessageRate) {
  std::vector<std::unique_ptr<WatchingClient>> clients;
  for (int i = 0; i < 1'000; ++i) clients.push_back(ReadingClient(1));
  constexpr int kSeconds = 5;
  for (int i = 1; i <= kSeconds * 100; ++i) {
    Change(Row(1, i));
    Wait(milliseconds(10));
  }
  std::size_t messages = 0;
  for (const auto& client : clients) {
    messages += client->messages().size() - 1;
    EXPECT_GE(client->messages().size(), 8U);
  }
  EXPECT_LE(messages, (kSeconds + 1) * kWatchMessagesPerSecondMax);
}

TEST_F(CampaignWatcherTest, ARoundGivesOtherTasksTheirTurn) {
  std::vector<std::unique_ptr<WatchingClient>> clients;
  for (std::size_t i = 0; i < 3 * kWatchMessagesAtOnce; ++i) clients.push_back(ReadingClient(1));
  Rest();
  ViewChanges changes;
  changes.campaigns.push_back(Row(1, 1));
  changes.checkpoint.tip.sequence = Sequence(2);
  watches_.OnViewChanges(changes);
  const auto told = [&] {
    return std::ranges::count_if(clients,
                                 [](const auto& client) { return client->messages().size() == 2; });
  };
  executor_.RunNext();
  EXPECT_EQ(told(), kWatchMessagesAtOnce);
  // Those who leave while it is not yet their turn are not told.
  clients.resize(2 * kWatchMessagesAtOnce);
  executor_.RunWaiting();
  EXPECT_EQ(told(), clients.size());
}

TEST_F(CampaignWatcherTest, WithoutWatchersTheWorkerIsNotWoken) {
  ReadingClient(1).reset();
  Wait(kWatchIntervalMin);
  ViewChanges changes;
  changes.campaigns.push_back(Row(1, 1));
  changes.checkpoint.tip.sequence = Sequence(2);
  watches_.OnViewChanges(changes);
  EXPECT_EQ(executor_.tasks_waiting(), 0U);
}

TEST_F(CampaignWatcherTest, AnAbandonedWorkerSendsNothing) {
  const auto client = ReadingClient(1);
  rounds_.Abandon();
  Wait(kWatchIntervalMin);
  Change(Row(1, 1));
  Wait(kWatchIntervalMin);
  EXPECT_THAT(client->counts(), ElementsAre(0));
}

}  // namespace
}  // namespace coupond::api
