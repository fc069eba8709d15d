#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "engine/engine.h"
#include "support/builders.h"
#include "support/fake_event_log.h"
#include "support/fake_view_store.h"
#include "support/recording_channel.h"

namespace coupond {
namespace {

using test::At;
using test::Create;
using test::Issue;

constexpr std::int64_t kDay = 24 * 60 * 60;

/// A clock that misbehaves with every reading: it ticks, stands still, and jumps forward or back by
/// a day, more often forward. Only the sequencer reads it.
class JumpingClock final : public Clock {
 public:
  [[nodiscard]] Timestamp Now() const override {
    static constexpr std::int64_t kJumps[] = {0, 0, kDay, 0, 0, -kDay, 0, 0, kDay, 0};
    const std::uint64_t look = looks_++;
    seconds_ += kJumps[look % std::size(kJumps)];
    if (look % 3 == 0) ++seconds_;
    return At(seconds_);
  }

 private:
  mutable std::uint64_t looks_ = 0;
  mutable std::int64_t seconds_ = 0;
};

/// The engine with its threads, on a log and views in memory.
class ClockTest : public ::testing::Test {
 protected:
  void Start(const Clock& clock) {
    auto engine = Engine::Start(
        {.log = log_, .stored_log = log_, .views = views_, .clock = clock, .fence = fence_}, {});
    ASSERT_TRUE(engine) << engine.error().message;
    engine_ = std::move(*engine);
  }
  /// Starts the engine on a log that ends a day ahead of the clock, with a campaign that opens
  /// then.
  void StartBehindTheLog() {
    clock_.Set(At(kDay));
    ASSERT_NO_FATAL_FAILURE(Start(clock_));
    Ask(Create(1, "one", 10, At(kDay)));
    engine_->Stop();
    clock_.Set(At(0));
    auto engine = Engine::Start({.log = log_,
                                 .stored_log = log_,
                                 .views = views_,
                                 .clock = clock_,
                                 .fence = fence_,
                                 .clock_slack = kClockSlack},
                                {});
    ASSERT_TRUE(engine) << engine.error().message;
    engine_ = std::move(*engine);
  }
  void Submit(Command command, std::uint64_t ticket) {
    ASSERT_EQ(engine_->Submit({std::move(command), &channel_, ticket}),
              CommandQueue::Push::kAccepted);
  }
  /// Submits one command and waits for its reply.
  Reply Ask(Command command) {
    const std::uint64_t ticket = ++asked_;
    Submit(std::move(command), ticket);
    channel_.WaitForReplies(ticket);
    return channel_.replies().at(ticket);
  }
  Timestamp IssuedAt(const Reply& reply) {
    EXPECT_TRUE(std::holds_alternative<GrantedCoupon>(reply.outcome));
    return reply.time;
  }
  void ExpectNotStarted(const Reply& reply, Timestamp start_time) {
    const auto* refusal = std::get_if<Refusal>(&reply.outcome);
    ASSERT_NE(refusal, nullptr);
    EXPECT_EQ(*refusal, (Refusal{RefusalReason::kNotStarted, start_time}));
  }

  test::FakeClock clock_{At(0)};
  test::FakeEventLog log_;
  test::FakeViewStore views_;
  Fence fence_;
  test::RecordingChannel channel_;
  std::uint64_t asked_ = 0;
  std::unique_ptr<Engine> engine_;
};

TEST_F(ClockTest, AStartedCampaignStaysOpenWhenTheClockGoesBack) {
  Start(clock_);
  Ask(Create(1, "one", 10, At(100)));
  clock_.Set(At(99));
  ExpectNotStarted(Ask(Issue(1)), At(100));
  clock_.Set(At(100));
  EXPECT_EQ(IssuedAt(Ask(Issue(1))), At(100));
  clock_.Set(At(100 - kDay));
  EXPECT_EQ(IssuedAt(Ask(Issue(1))), At(100));
  EXPECT_EQ(log_.Tip().time, At(100));
}

TEST_F(ClockTest, AfterAJumpTimeStandsUntilTheClockCatchesUp) {
  Start(clock_);
  Ask(Create(1, "one", 10, At(0)));
  Ask(Create(2, "after tomorrow", 10, At(kDay + 50)));
  clock_.Set(At(kDay));
  EXPECT_EQ(IssuedAt(Ask(Issue(1))), At(kDay));
  clock_.Set(At(10));
  EXPECT_EQ(IssuedAt(Ask(Issue(1))), At(kDay));
  ExpectNotStarted(Ask(Issue(2)), At(kDay + 50));
  clock_.Set(At(kDay + 50));
  EXPECT_EQ(IssuedAt(Ask(Issue(2))), At(kDay + 50));
}

TEST_F(ClockTest, AStandingClockKeepsOrderAndStartsNothing) {
  Start(clock_);
  Ask(Create(1, "now", 100, At(0)));
  Ask(Create(2, "in a moment", 100, At(0).Plus(std::chrono::nanoseconds(1))));
  Sequence last;
  for (int i = 0; i < 50; ++i) {
    const Reply reply = Ask(Issue(1));
    EXPECT_EQ(IssuedAt(reply), At(0));
    EXPECT_GT(reply.sequence, last);
    last = reply.sequence;
    ExpectNotStarted(Ask(Issue(2)), At(0).Plus(std::chrono::nanoseconds(1)));
  }
}

TEST_F(ClockTest, AStartContinuesTheTimeOfTheLog) {
  Start(clock_);
  clock_.Set(At(100));
  Ask(Create(1, "one", 10, At(100)));
  engine_->Stop();
  clock_.Set(At(100 - kDay));
  Start(clock_);
  EXPECT_EQ(IssuedAt(Ask(Issue(1))), At(100));
  EXPECT_EQ(log_.Tip().time, At(100));
}

TEST_F(ClockTest, TimeCountsAnewFromAResetAlsoAfterAStart) {
  clock_.Set(At(400 * kDay));
  Start(clock_);
  Ask(Create(1, "one", 10, At(400 * kDay)));
  Ask(Issue(1));
  clock_.Dispute(At(0));
  EXPECT_EQ(engine_->clock().Read(), (ClockReading{At(400 * kDay), At(0)}));
  const std::uint64_t ticket = ++asked_;
  ASSERT_EQ(engine_->Submit(
                {.command = {}, .channel = &channel_, .ticket = ticket, .accepts_clock = At(0)}),
            CommandQueue::Push::kAccepted);
  channel_.WaitForReplies(ticket);
  for (int start = 0; start < 3; ++start) {
    EXPECT_EQ(engine_->clock().Read(), ClockReading{At(start)});
    ExpectNotStarted(Ask(Issue(1)), At(400 * kDay));
    const auto number = static_cast<std::uint8_t>(2 + start);
    EXPECT_EQ(Ask(Create(number, std::to_string(number), 10, At(100))).time, At(start));
    EXPECT_EQ(log_.Tip().time, At(start));
    engine_->Stop();
    if (start == 1) {
      ASSERT_TRUE(views_.Clear());  // the next start reads the reset once more
    }
    clock_.Set(At(start + 1));
    Start(clock_);
  }
}

TEST_F(ClockTest, ALogThatEndsAheadOfTheClockIsSaidSo) {
  ASSERT_NO_FATAL_FAILURE(StartBehindTheLog());
  EXPECT_TRUE(engine_->log_is_ahead());
  EXPECT_EQ(engine_->clock().Read(), (ClockReading{At(kDay), At(0)}));
  const Reply reply = Ask(Issue(1));
  EXPECT_EQ(std::get<Refusal>(reply.outcome).reason, RefusalReason::kLogAhead);
  clock_.Set(At(kDay - 300));  // it has caught up
  EXPECT_FALSE(engine_->log_is_ahead());
  EXPECT_EQ(IssuedAt(Ask(Issue(1))), At(kDay));
}

TEST_F(ClockTest, AClockThatIsSetPastTheLogEndsReadingOnly) {
  ASSERT_NO_FATAL_FAILURE(StartBehindTheLog());
  EXPECT_FALSE(engine_->clock_has_caught_up());
  clock_.Dispute(At(kDay - 1));  // set, but not far enough
  EXPECT_FALSE(engine_->clock_has_caught_up());
  engine_->AcceptClockThatCaughtUp();
  EXPECT_EQ(std::get<Refusal>(Ask(Issue(1)).outcome).reason, RefusalReason::kLogAhead);
  clock_.Dispute(At(kDay + 1));
  EXPECT_TRUE(engine_->clock_has_caught_up());
  engine_->AcceptClockThatCaughtUp();
  EXPECT_FALSE(engine_->log_is_ahead());
  EXPECT_EQ(engine_->clock().Read(), ClockReading{At(kDay + 1)});
  EXPECT_EQ(IssuedAt(Ask(Issue(1))), At(kDay + 1));
  // Any other dispute is an operator's to end.
  clock_.Dispute(At(3 * kDay));
  EXPECT_FALSE(engine_->clock_has_caught_up());
  engine_->AcceptClockThatCaughtUp();
  EXPECT_EQ(clock_.Now(), At(kDay + 1));
}

TEST_F(ClockTest, NoJumpIssuesEarlyOrTurnsTimeBackUnderLoad) {
  constexpr std::uint64_t kClients = 3;
  constexpr std::uint64_t kPerClient = 2'000;
  constexpr std::uint8_t kCampaigns = 8;
  constexpr std::uint64_t kLooksUntilAllHasStarted = 100;
  const JumpingClock clock;
  Start(clock);
  // They start one after the other while the clock jumps.
  std::map<CampaignNumber, Timestamp> start_times;
  for (std::uint8_t campaign = 1; campaign <= kCampaigns; ++campaign) {
    const Timestamp start_time = At((campaign - 1) * kDay / 4 + 4 * kDay);
    ASSERT_TRUE(std::holds_alternative<Done>(
        Ask(Create(campaign, std::to_string(campaign), 1'000'000, start_time)).outcome));
    start_times[CampaignNumber(campaign)] = start_time;
    ExpectNotStarted(Ask(Issue(campaign)), start_time);
  }
  std::vector<std::thread> clients;
  for (std::uint64_t client = 0; client < kClients; ++client) {
    clients.emplace_back([this, client] {
      for (std::uint64_t i = 0; i < kPerClient; ++i) {
        Submit(Issue(static_cast<std::uint8_t>(1 + i % kCampaigns)),
               1'000 + client * kPerClient + i);
      }
    });
  }
  for (std::thread& client : clients) client.join();
  channel_.WaitForReplies(asked_ + kClients * kPerClient);
  // However few groups there were: in the end every campaign has started.
  const std::uint64_t last_ticket = 1'000 + kClients * kPerClient;
  for (std::uint64_t i = 0; i < kLooksUntilAllHasStarted; ++i) {
    Submit(Issue(kCampaigns), last_ticket + i);
    channel_.WaitForReplies(asked_ + kClients * kPerClient + i + 1);
  }
  engine_->Stop();

  Timestamp time;
  std::map<Sequence, Timestamp> logged;
  for (const CommitGroup& group : log_.Groups()) {
    EXPECT_GE(group.commit_time, time);
    time = group.commit_time;
    for (const Event& event : group.events) {
      logged[Sequence(logged.size() + 1)] = time;
      if (const auto* issued = std::get_if<CouponIssued>(&event)) {
        EXPECT_GE(time, start_times.at(issued->campaign));
      }
    }
  }
  for (const auto& [ticket, reply] : channel_.replies()) {
    if (const auto* refusal = std::get_if<Refusal>(&reply.outcome)) {
      EXPECT_EQ(refusal->reason, RefusalReason::kNotStarted);
      EXPECT_LT(reply.time, refusal->at);
    } else {
      EXPECT_EQ(reply.time, logged.at(reply.sequence));
    }
  }
  const Reply last = channel_.replies().at(last_ticket + kLooksUntilAllHasStarted - 1);
  EXPECT_TRUE(std::holds_alternative<GrantedCoupon>(last.outcome));
}

}  // namespace
}  // namespace coupond
