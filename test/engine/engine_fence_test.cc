#include <gtest/gtest.h>

#include <future>
#include <semaphore>
#include <stdexcept>
#include <thread>

#include "engine/engine_fixture.h"
#include "engine/views/campaign_watch.h"
#include "support/interrupted_views.h"

// How an engine ends: by the fence, and by a stop.
namespace coupond {
namespace {

using test::At;
using test::Create;
using test::Id;
using test::Issue;

using EngineFenceTest = EngineFixture;

TEST_F(EngineFenceTest, AFailingAppendFencesAndReadsGoOn) {
  Start();
  Submit(Create(1, "one", 10, At(0)), 0);
  channel_.WaitForReplies(1);
  log_.FailAppendAfter(0, Error{ErrorCode::kNoSpace, "disk full"});
  Submit(Issue(1), 1);
  Submit(Issue(1), 2);
  channel_.WaitForReplies(3);
  EXPECT_TRUE(engine_->fenced());
  EXPECT_EQ(IssuedCount(1), 0);
  EXPECT_EQ(log_.append_calls_after_failure(), 0U);
}

TEST_F(EngineFenceTest, UnwritableViewsFenceAndFailQueries) {
  Start();
  views_.FailWrites(Error{ErrorCode::kIo, "no views"});
  Submit(Create(1, "one", 10, At(0)), 0);
  channel_.WaitForReplies(1);
  EXPECT_EQ(IssuedCount(1), -1);
  EXPECT_TRUE(engine_->fenced());
}

TEST_F(EngineFenceTest, WhatAQueryThrowsFencesAndTheNextIsAnswered) {
  Start();
  ASSERT_TRUE(engine_->Query([](const Status&) { throw std::runtime_error("a bug"); }));
  EXPECT_EQ(IssuedCount(1), -1) << "the next query was run";
  ASSERT_TRUE(fence_.raised());
  EXPECT_EQ(fence_.reason()->message, "a query failed: a bug");
  ASSERT_TRUE(engine_->Query([](const Status&) { throw 1; }));
  EXPECT_EQ(IssuedCount(1), -1);
  Submit(Create(1, "one", 10, At(0)), 0);
  channel_.WaitForReplies(1);
  EXPECT_TRUE(std::holds_alternative<Unavailable>(channel_.replies().at(0).outcome));
}

TEST_F(EngineFenceTest, WhatIsThrownOnTheProjectorsThreadFences) {
  test::InterruptedViews views;
  auto engine = Engine::Start(
      {.log = log_, .stored_log = log_, .views = views, .clock = clock_, .fence = fence_}, {});
  ASSERT_TRUE(engine) << engine.error().message;
  engine_ = std::move(*engine);
  views.AfterWrite([] { throw 1; });
  Submit(Create(1, "one", 10, At(0)), 0);
  channel_.WaitForReplies(1);
  EXPECT_FALSE(Ask<bool>([](const Status& ready) { return ready.has_value(); }));
  EXPECT_TRUE(fence_.raised());
  engine_.reset();  // before the views
}

TEST_F(EngineFenceTest, QueriesThatWaitAtTheStopGetUnavailable) {
  Projector projector(views_, Projection::Load(views_).value(), {});
  QueryRunner runner(projector, [](const Error&) {});
  std::promise<void> running;
  std::promise<void> go_on;
  ASSERT_TRUE(runner.TryRun(Sequence(0), [&](const Status&) {
    running.set_value();
    go_on.get_future().wait();
  }));
  std::promise<ErrorCode> answer;
  ASSERT_TRUE(runner.TryRun(Sequence(0), [&](const Status& ready) {
    answer.set_value(ready ? ErrorCode::kIo : ready.error().code);
  }));
  std::thread thread([&] { runner.Run(); });
  running.get_future().wait();
  runner.Stop();
  EXPECT_FALSE(runner.TryRun(Sequence(0), [](const Status&) {}));
  go_on.set_value();
  EXPECT_EQ(answer.get_future().get(), ErrorCode::kUnavailable);
  thread.join();
}

TEST_F(EngineFenceTest, WatchersLearnOfEverythingBeforeTheStop) {
  Start();
  std::binary_semaphore woken(0);
  WatchedCampaigns watched(engine_->watches(), [&] { woken.release(); });
  watched.Add(Id(1));
  Submit(Create(1, "one", 10, At(0)), 0);
  woken.acquire();
  ASSERT_EQ(watched.TakeChanged().size(), 1U);
  Submit(Issue(1), 1);
  Submit(Issue(1), 2);
  channel_.WaitForReplies(3);
  engine_->Stop();
  const auto changed = watched.TakeChanged();
  ASSERT_EQ(changed.size(), 1U);
  EXPECT_EQ(changed[0]->campaign.issued_coupons, 2);
  EXPECT_EQ(changed[0]->sequence, engine_->durable_sequence());
}

TEST_F(EngineFenceTest, AFencedEngineLeavesTheViewsOnDiskAsTheyAre) {
  Start();
  Submit(Create(1, "one", 10, At(0)), 0);
  channel_.WaitForReplies(1);
  log_.FailAppendAfter(0, Error{ErrorCode::kIo, "disk on fire"});
  Submit(Issue(1), 1);
  channel_.WaitForReplies(2);
  engine_->Stop();
  EXPECT_EQ(views_.flush_calls(), 0U);
}

}  // namespace
}  // namespace coupond
