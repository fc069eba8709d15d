#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <cstddef>
#include <future>
#include <memory>
#include <set>
#include <thread>
#include <vector>

#include "engine/engine_fixture.h"
#include "support/builders.h"
#include "support/fake_event_log.h"
#include "support/interrupted_views.h"

namespace coupond {
namespace {

using test::At;
using test::Create;
using test::Id;
using test::Issue;
using test::IssueTo;

using EngineTest = EngineFixture;

TEST_F(EngineTest, ManyThreadsGetExactlyTheTotalAndEverySerialOnce) {
  constexpr std::uint64_t kThreads = 4;
  constexpr std::uint64_t kPerThread = 2'000;
  Start();
  Submit(Create(1, "one", 1'000, At(0)), 0);
  channel_.WaitForReplies(1);
  std::vector<std::thread> clients;
  for (std::uint64_t client = 0; client < kThreads; ++client) {
    clients.emplace_back([this, client] {
      for (std::uint64_t i = 0; i < kPerThread; ++i) Submit(Issue(1), 1 + client * kPerThread + i);
    });
  }
  for (std::thread& client : clients) client.join();
  channel_.WaitForReplies(1 + kThreads * kPerThread);
  std::set<Serial> serials;
  std::size_t sold_out = 0;
  for (const auto& [ticket, reply] : channel_.replies()) {
    if (const auto* granted = std::get_if<GrantedCoupon>(&reply.outcome)) {
      EXPECT_TRUE(serials.insert(granted->serial).second);
    }
    if (std::holds_alternative<Refusal>(reply.outcome)) ++sold_out;
  }
  EXPECT_EQ(serials.size(), 1'000U);
  EXPECT_EQ(sold_out, kThreads * kPerThread - 1'000);
  EXPECT_FALSE(channel_.answered_twice());
}

TEST_F(EngineTest, AQuerySeesWhatWasAnsweredBefore) {
  Start();
  Submit(Create(1, "one", 1'000, At(0)), 0);
  channel_.WaitForReplies(1);
  for (std::uint64_t i = 1; i <= 200; ++i) {
    Submit(Issue(1), i);
    channel_.WaitForReplies(1 + i);
    ASSERT_GE(IssuedCount(1), static_cast<std::int64_t>(i));
  }
}

TEST_F(EngineTest, QueriesWaitForTheProjectorAndIssuesDoNot) {
  Start();
  views_.HoldWrites();
  Submit(Create(1, "one", 10, At(0)), 0);
  channel_.WaitForReplies(1);
  std::promise<bool> found;
  auto future = found.get_future();
  ASSERT_TRUE(engine_->Query([&](const Status& ready) {
    found.set_value(ready && views_.FindCampaign(Id(1)).value().has_value());
  }));
  Submit(Issue(1), 1);
  channel_.WaitForReplies(2);  // would never arrive if commands waited for the views
  views_.ReleaseWrites();
  EXPECT_TRUE(future.get());
}

TEST_F(EngineTest, ARestartKeepsEverythingAndContinuesTheNumbers) {
  Start();
  Submit(Create(1, "one", 10, At(0)), 0);
  Submit(IssueTo(1, 7, "kim"), 1);
  Submit(Issue(1), 2);
  channel_.WaitForReplies(3);
  engine_->Stop();
  engine_.reset();
  views_.Crash();  // the last flush was that of the clean stop

  Start();
  EXPECT_EQ(IssuedCount(1), 2);
  clock_.Set(At(100));
  Submit(IssueTo(1, 7, "kim"), 3);
  Submit(Issue(1), 4);
  channel_.WaitForReplies(5);
  const auto replies = channel_.replies();
  const auto held = std::get<GrantedCoupon>(replies.at(3).outcome);
  EXPECT_TRUE(held.already_issued);
  EXPECT_EQ(held.serial, Serial(1));
  EXPECT_EQ(held.issued_at, At(0));
  EXPECT_EQ(std::get<GrantedCoupon>(replies.at(4).outcome).serial, Serial(3));
}

TEST_F(EngineTest, QueriesRunAtALowerPriority) {
  Start();
  const int nice = Ask<int>([](const Status&) { return ::getpriority(PRIO_PROCESS, 0); });
  EXPECT_GT(nice, ::getpriority(PRIO_PROCESS, 0));
}

TEST_F(EngineTest, LongQueriesHoldUpNoShortOnes) {
  Start();
  // Shared, because the query may begin after the end of this function.
  const auto end_query = std::make_shared<std::promise<void>>();
  const auto nice = std::make_shared<std::promise<int>>();
  ASSERT_TRUE(engine_->Query(
      [end_query, nice](const Status&) {
        nice->set_value(::getpriority(PRIO_PROCESS, 0));
        end_query->get_future().wait();
      },
      Engine::QueryKind::kLong));
  const int nice_of_long = nice->get_future().get();
  EXPECT_LT(Ask<int>([](const Status&) { return ::getpriority(PRIO_PROCESS, 0); }), nice_of_long);
  end_query->set_value();
}

TEST_F(EngineTest, AHeldCouponIsAnsweredWhileAQueryDoesNotEnd) {
  Start();
  Submit(Create(1, "one", 10, At(0)), 0);
  Submit(IssueTo(1, 7, "kim"), 1);
  channel_.WaitForReplies(2);
  // Shared, because the query may begin after the end of this function.
  const auto end_query = std::make_shared<std::promise<void>>();
  ASSERT_TRUE(engine_->Query([end_query](const Status&) { end_query->get_future().wait(); }));
  views_.HoldWrites();
  clock_.Set(At(5));
  Submit(IssueTo(1, 7, "kim"), 2);
  channel_.WaitForReplies(3);
  const auto held = std::get<GrantedCoupon>(channel_.replies().at(2).outcome);
  EXPECT_TRUE(held.already_issued);
  EXPECT_EQ(held.serial, Serial(1));
  EXPECT_EQ(held.issued_at, At(0));
  views_.ReleaseWrites();
  end_query->set_value();
}

TEST_F(EngineTest, CanBeSteppedWithoutThreads) {
  test::FakeEventLog log;
  const Engine::Ports ports{
      .log = log, .stored_log = log, .views = views_, .clock = clock_, .fence = fence_};
  auto engine = Engine::StartStepped(ports, {}, {}).value();
  ASSERT_EQ(engine->Submit({Create(1, "one", 10, At(0)), &channel_, 0}),
            CommandQueue::Push::kAccepted);
  EXPECT_TRUE(channel_.replies().empty());
  EXPECT_TRUE(engine->StepSequencer());
  EXPECT_FALSE(engine->StepSequencer());
  EXPECT_EQ(channel_.replies().size(), 1U);
  bool found = false;
  ASSERT_TRUE(engine->Query([&](const Status& ready) {
    found = ready && views_.FindCampaign(Id(1)).value().has_value();
  }));
  EXPECT_TRUE(engine->StepProjector());
  EXPECT_TRUE(engine->StepQueries());
  EXPECT_FALSE(engine->StepQueries());
  EXPECT_TRUE(found);

  engine.reset();  // as in a crash: nothing is flushed
  views_.Crash();
  std::size_t read = 0;
  engine = Engine::StartStepped(ports, {}, [&](Engine&) { ++read; }).value();
  EXPECT_EQ(read, 1U);
  ASSERT_EQ(engine->Submit({Issue(1), &channel_, 1}), CommandQueue::Push::kAccepted);
  engine->Stop();
  EXPECT_EQ(channel_.replies().size(), 2U);
  EXPECT_EQ(views_.FindCampaign(Id(1)).value()->issued_coupons, 1);
  EXPECT_EQ(views_.flush_calls(), 1U);
}

/// Counts, as an observer should.
class CountingObserver final : public EngineObserver {
 public:
  void OnGroup(const GroupMeasures& measures) override { events += measures.events; }
  void OnProjected(std::size_t events_behind) override { behind_last = events_behind; }

  std::atomic<std::size_t> events = 0;
  std::atomic<std::size_t> behind_last = 1'000;
};

TEST_F(EngineTest, AnObserverSeesHowFarTheProjectorIsBehind) {
  CountingObserver observer;
  test::InterruptedViews views;
  auto engine = Engine::StartStepped({.log = log_,
                                      .stored_log = log_,
                                      .views = views,
                                      .clock = clock_,
                                      .fence = fence_,
                                      .observer = &observer},
                                     {}, {})
                    .value();
  const auto create = [&](std::uint8_t number) {
    ASSERT_EQ(engine->Submit({Create(number, std::to_string(number), 9, At(0)), &channel_, number}),
              CommandQueue::Push::kAccepted);
    engine->StepSequencer();
  };
  create(1);
  views.AfterWrite([&] {
    create(2);
    create(3);
  });
  engine->StepProjector();
  EXPECT_EQ(observer.events, 3U);
  EXPECT_EQ(observer.behind_last, 2U);
  engine->StepProjector();
  EXPECT_EQ(observer.behind_last, 0U);
  engine->Stop();
}

TEST_F(EngineTest, LosingTheViewsLosesNothing) {
  Start();
  Submit(Create(1, "one", 10, At(0)), 0);
  Submit(Issue(1), 1);
  channel_.WaitForReplies(2);
  engine_.reset();
  ASSERT_TRUE(views_.Clear());
  Start();
  EXPECT_EQ(IssuedCount(1), 1);
}

TEST_F(EngineTest, ASlowProjectorHoldsUpTheSequencer) {
  Projector projector(views_, Projection::Load(views_).value(), {}, nullptr, /*capacity_events=*/1);
  std::thread run([&] { projector.Run(); });
  views_.HoldWrites();
  std::promise<void> third_taken;
  auto third = third_taken.get_future();
  std::thread sequencer([&] {
    // One is being written, one waits, and the next has no room until the writes go on.
    for (std::uint64_t number = 1; number <= 4; ++number) {
      projector.OnCommit(std::make_shared<CommitGroup>(
                             CommitGroup{GroupNumber(number),
                                         Sequence(number),
                                         At(0),
                                         {CampaignCreated{CampaignNumber(number),
                                                          Id(static_cast<std::uint8_t>(number)),
                                                          {std::to_string(number), 1, At(0)},
                                                          Serial(number)}}}),
                         LogTip{GroupNumber(number), Sequence(number), At(0), {}});
    }
    third_taken.set_value();
  });
  EXPECT_EQ(third.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  views_.ReleaseWrites();
  third.get();
  EXPECT_TRUE(projector.AwaitSequence(Sequence(4)));
  sequencer.join();
  projector.Stop(Projector::Leave::kFlushed);
  run.join();
}

}  // namespace
}  // namespace coupond
