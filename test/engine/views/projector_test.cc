#include "engine/views/projector.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <thread>

#include "engine/views/projection.h"
#include "support/builders.h"
#include "support/fake_view_store.h"

namespace coupond {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using test::At;

/// Counts how often the projector has written.
class WriteCounter final : public ViewListener {
 public:
  void OnViewChanges(const ViewChanges& /*changes*/) override { ++writes; }
  std::atomic<std::size_t> writes = 0;
};

/// A running projector, whose groups create one campaign each.
class ProjectorTest : public testing::Test {
 protected:
  void Start(milliseconds gather_time, std::size_t capacity_events = 1'000) {
    projector_ = std::make_unique<Projector>(
        views_, Projection::Load(views_).value(), [](const Error&) {}, &counter_, capacity_events,
        limits::kEventsPerViewFlush, nullptr, gather_time);
    thread_ = std::thread([this] { projector_->Run(); });
  }
  void TearDown() override {
    projector_->Stop(Projector::Leave::kFlushed);
    thread_.join();
  }
  void Commit() {
    ++last_;
    auto group = std::make_shared<CommitGroup>();
    group->number = GroupNumber(last_);
    group->first_sequence = Sequence(last_);
    group->commit_time = At(1);
    group->events.emplace_back(CampaignCreated{
        .number = CampaignNumber(last_),
        .id = test::Id(static_cast<std::uint8_t>(last_)),
        .terms = {.name = std::to_string(last_), .total_coupons = 1, .start_time = At(0)},
        .first_serial = Serial(last_)});
    projector_->OnCommit(group,
                         {.group = group->number, .sequence = Sequence(last_), .time = At(1)});
  }

  test::FakeViewStore views_;
  WriteCounter counter_;
  std::unique_ptr<Projector> projector_;
  std::thread thread_;
  std::uint64_t last_ = 0;
};

TEST_F(ProjectorTest, GroupsGatherForOneWrite) {
  Start(hours(1));
  for (int i = 0; i < 100; ++i) Commit();
  EXPECT_EQ(counter_.writes, 0U);
  ASSERT_TRUE(projector_->AwaitSequence(Sequence(100)));  // ends the gathering
  while (counter_.writes == 0) std::this_thread::yield();
  EXPECT_EQ(counter_.writes, 1U);
}

TEST_F(ProjectorTest, WhoAwaitsAGroupToComeDoesNotWaitForOthers) {
  Start(hours(1));
  std::thread reader([this] { EXPECT_TRUE(projector_->AwaitSequence(Sequence(2))); });
  Commit();
  Commit();
  reader.join();
}

TEST_F(ProjectorTest, AFullProjectorDoesNotGather) {
  Start(hours(1), /*capacity_events=*/10);
  for (int i = 0; i < 25; ++i) Commit();  // would hang if it went on gathering
  ASSERT_TRUE(projector_->AwaitSequence(Sequence(25)));
}

TEST_F(ProjectorTest, GatheringEndsByItself) {
  Start(milliseconds(1));
  Commit();
  while (counter_.writes == 0) std::this_thread::yield();
}

TEST_F(ProjectorTest, StopEndsTheGathering) {
  Start(hours(1));
  Commit();
}

}  // namespace
}  // namespace coupond
