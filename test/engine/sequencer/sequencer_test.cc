#include "engine/sequencer/sequencer.h"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <new>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/builders.h"
#include "support/fake_event_log.h"
#include "support/recording_channel.h"

namespace coupond {
namespace {

using test::At;
using test::Create;
using test::Issue;

class RecordingListener final : public CommitListener {
 public:
  void OnCommit(const std::shared_ptr<const CommitGroup>& group, const LogTip& tip) override {
    groups.push_back(group);
    tips.push_back(tip);
  }
  std::vector<std::shared_ptr<const CommitGroup>> groups;
  std::vector<LogTip> tips;
};

/// The sequencer in the test's own thread: Submit what waits, then Process it as one group.
class SequencerTest : public ::testing::Test {
 protected:
  std::uint64_t Submit(Command command) {
    const std::uint64_t ticket = next_ticket_++;
    EXPECT_EQ(queue_.TryPush({std::move(command), &channel_, ticket}),
              CommandQueue::Push::kAccepted);
    return ticket;
  }
  Reply ReplyTo(std::uint64_t ticket) { return channel_.replies().at(ticket); }
  template <typename T>
  T OutcomeOf(std::uint64_t ticket) {
    return std::get<T>(ReplyTo(ticket).outcome);
  }
  void GivenACampaign(std::int64_t total) {
    Submit(Create(1, "one", total, clock_.Now()));
    ASSERT_TRUE(sequencer_.ProcessWaiting());
  }

  test::FakeClock clock_{At(0)};
  test::FakeEventLog log_;
  CommandQueue queue_;
  Fence fence_;
  RecordingListener listener_;
  test::RecordingChannel channel_;
  Sequencer sequencer_{{log_, queue_, clock_, fence_, {&listener_}}, Ledger{}};
  std::uint64_t next_ticket_ = 1;
};

TEST_F(SequencerTest, WhatWaitsBecomesOneGroupWithOneAppendAndOneDelivery) {
  GivenACampaign(10);
  const auto first = Submit(Issue(1));
  const auto second = Submit(Issue(1));
  EXPECT_TRUE(sequencer_.ProcessWaiting());
  EXPECT_FALSE(sequencer_.ProcessWaiting());

  EXPECT_EQ(log_.append_calls(), 2U);
  EXPECT_EQ(channel_.deliveries(), 2U);
  EXPECT_EQ(OutcomeOf<GrantedCoupon>(first).serial, Serial(1));
  EXPECT_EQ(OutcomeOf<GrantedCoupon>(second).serial, Serial(2));
  EXPECT_EQ(ReplyTo(first).sequence, Sequence(2));
  EXPECT_EQ(ReplyTo(second).sequence, Sequence(3));
  ASSERT_EQ(listener_.groups.size(), 2U);
  EXPECT_EQ(listener_.groups[1]->number, GroupNumber(2));
  EXPECT_EQ(listener_.groups[1]->first_sequence, Sequence(2));
  EXPECT_EQ(listener_.tips[1], log_.Tip());
  EXPECT_EQ(sequencer_.durable_sequence(), Sequence(3));
}

TEST_F(SequencerTest, ExactlyTheTotalIsIssuedWithinOneGroup) {
  GivenACampaign(3);
  for (int i = 0; i < 10; ++i) Submit(Issue(1));
  sequencer_.ProcessWaiting();
  int granted = 0;
  for (const auto& [ticket, reply] : channel_.replies()) {
    granted += std::holds_alternative<GrantedCoupon>(reply.outcome) ? 1 : 0;
  }
  EXPECT_EQ(granted, 3);
  EXPECT_EQ(log_.Tip().sequence, Sequence(4));
}

TEST_F(SequencerTest, RefusalsAloneAreNotWritten) {
  const auto ticket = Submit(Issue(9));
  sequencer_.ProcessWaiting();
  EXPECT_EQ(OutcomeOf<Refusal>(ticket).reason, RefusalReason::kNoSuchCampaign);
  EXPECT_EQ(log_.append_calls(), 0U);
  EXPECT_TRUE(listener_.groups.empty());
}

TEST_F(SequencerTest, TimeInTheLogNeverGoesBack) {
  clock_.Set(At(100));
  GivenACampaign(10);
  clock_.Set(At(50));
  const auto ticket = Submit(Issue(1));
  sequencer_.ProcessWaiting();
  EXPECT_EQ(ReplyTo(ticket).time, At(100));
  EXPECT_EQ(log_.Tip().time, At(100));
}

TEST_F(SequencerTest, TimeDoesNotGoBackBetweenRefusalsEither) {
  clock_.Set(At(0));
  Submit(Create(1, "one", 5, At(10)));
  sequencer_.ProcessWaiting();
  clock_.Set(At(9));
  Submit(Issue(1));
  sequencer_.ProcessWaiting();
  clock_.Set(At(3));
  const auto ticket = Submit(Issue(1));
  sequencer_.ProcessWaiting();
  EXPECT_EQ(ReplyTo(ticket).time, At(9));
}

TEST_F(SequencerTest, AGroupIsBounded) {
  GivenACampaign(10'000);
  for (std::size_t i = 0; i < limits::kCommandsPerGroupMax + 1; ++i) Submit(Issue(1));
  sequencer_.ProcessWaiting();
  EXPECT_EQ(listener_.groups.back()->events.size(), limits::kCommandsPerGroupMax);
  sequencer_.ProcessWaiting();
  EXPECT_EQ(listener_.groups.back()->events.size(), 1U);
}

TEST_F(SequencerTest, AFailedAppendFencesAndNothingIsWrittenAfterwards) {
  GivenACampaign(10);
  log_.FailAppendAfter(0, Error{ErrorCode::kIo, "disk on fire"});
  const auto lost = Submit(Issue(1));
  const auto refused_beside_it = Submit(Issue(9));
  sequencer_.ProcessWaiting();
  EXPECT_TRUE(fence_.raised());
  EXPECT_EQ(fence_.reason()->message, "disk on fire");
  EXPECT_TRUE(OutcomeOf<Unavailable>(lost).outcome_unknown);
  EXPECT_TRUE(OutcomeOf<Unavailable>(refused_beside_it).outcome_unknown);

  const auto late = Submit(Issue(1));
  sequencer_.ProcessWaiting();
  EXPECT_FALSE(OutcomeOf<Unavailable>(late).outcome_unknown);
  EXPECT_EQ(log_.append_calls_after_failure(), 0U);
  EXPECT_EQ(listener_.groups.size(), 1U);
  EXPECT_EQ(sequencer_.durable_sequence(), Sequence(1));
}

TEST_F(SequencerTest, AGroupIsBoundedInBytesToo) {
  const std::string name(limits::kUserIdMaxBytes, 'k');
  GivenACampaign(10'000);
  for (std::size_t i = 0; i < limits::kCommandsPerGroupMax; ++i) {
    Submit(IssueCoupon{.campaign_id = test::Id(1), .claim = {}, .user_id = name});
  }
  std::size_t events = 0;
  std::size_t groups = 0;
  for (; sequencer_.ProcessWaiting(); ++groups) {
    const std::size_t in_group = listener_.groups.back()->events.size();
    EXPECT_LE(in_group * (limits::kEventBytesMaxWithoutTexts + name.size()),
              limits::kGroupBytesMax);
    events += in_group;
  }
  EXPECT_EQ(groups, 2U);
  EXPECT_EQ(events, limits::kCommandsPerGroupMax);
}

/// The ports on the way of a group. The test says what happens in them.
class HookedWorld final : public LogWriter, public Clock, public CommitListener {
 public:
  using Hook = std::function<void()>;

  [[nodiscard]] LogTip Tip() const override {
    if (in_tip) in_tip();
    return log.Tip();
  }
  [[nodiscard]] Status Append(const CommitGroup& group) override {
    if (before_append) before_append();
    Status appended = log.Append(group);
    if (after_append) after_append();
    return appended;
  }
  [[nodiscard]] Status Confirm() override {
    ++confirmations;
    if (in_confirm) in_confirm();
    return confirmed;
  }
  [[nodiscard]] Timestamp Now() const override {
    if (in_clock) in_clock();
    return At(0);
  }
  void OnCommit(const std::shared_ptr<const CommitGroup>&, const LogTip&) override {
    if (in_listener) in_listener();
  }

  test::FakeEventLog log;
  Hook in_tip, before_append, after_append, in_confirm, in_clock, in_listener;
  Status confirmed;
  int confirmations = 0;
};

class SequencerThrowTest : public SequencerTest {
 protected:
  /// Lets one group of an issue and a refusal run into `hook`, on the sequencer's own thread.
  void RunInto(HookedWorld::Hook HookedWorld::* hook, const HookedWorld::Hook& thrower) {
    Sequencer sequencer({world_, queue_, world_, fence_, {&world_, &listener_}}, Ledger{});
    Submit(Create(1, "one", 10, At(0)));
    sequencer.ProcessWaiting();
    issued_ = Submit(Issue(1));
    refused_ = Submit(Issue(9));
    world_.*hook = thrower;
    queue_.Close();
    sequencer.Run();
  }
  /// Both have the same answer, and the fence is up.
  void ExpectUnavailable(bool outcome_unknown) {
    EXPECT_TRUE(fence_.raised());
    EXPECT_FALSE(channel_.answered_twice());
    EXPECT_EQ(OutcomeOf<Unavailable>(issued_).outcome_unknown, outcome_unknown);
    EXPECT_EQ(OutcomeOf<Unavailable>(refused_).outcome_unknown, outcome_unknown);
    EXPECT_EQ(listener_.groups.size(), 1U);
  }

  HookedWorld world_;
  std::uint64_t issued_ = 0;
  std::uint64_t refused_ = 0;
  /// What a port may throw: an exception of the library's, and what no standard handler catches.
  const std::vector<HookedWorld::Hook> throwers_ = {[] { throw std::bad_alloc(); },
                                                    [] { throw 1; }};
};

TEST_F(SequencerThrowTest, BeforeTheAppendTheOutcomeIsKnown) {
  RunInto(&HookedWorld::in_clock, throwers_[0]);
  ExpectUnavailable(/*outcome_unknown=*/false);
  EXPECT_EQ(world_.log.append_calls(), 1U);
}

TEST_F(SequencerThrowTest, WhatTheClockThrowsMayBeAnything) {
  RunInto(&HookedWorld::in_clock, throwers_[1]);
  ExpectUnavailable(/*outcome_unknown=*/false);
}

TEST_F(SequencerThrowTest, InTheAppendTheOutcomeIsUnknown) {
  RunInto(&HookedWorld::before_append, throwers_[0]);
  ExpectUnavailable(/*outcome_unknown=*/true);
  EXPECT_EQ(fence_.reason()->message.find("the sequencer failed: "), 0U);
}

TEST_F(SequencerThrowTest, WhatTheLogThrowsMayBeAnything) {
  RunInto(&HookedWorld::after_append, throwers_[1]);
  ExpectUnavailable(/*outcome_unknown=*/true);
}

TEST_F(SequencerThrowTest, AfterTheAppendTheOutcomeIsUnknown) {
  RunInto(&HookedWorld::in_tip, throwers_[0]);
  ExpectUnavailable(/*outcome_unknown=*/true);
}

TEST_F(SequencerThrowTest, WhatAListenerThrowsComesAfterTheReplies) {
  for (const auto& thrower : throwers_) {
    HookedWorld world;
    Fence fence;
    RecordingListener last;
    CommandQueue queue;
    Sequencer sequencer({world, queue, world, fence, {&world, &last}}, Ledger{});
    world.in_listener = thrower;
    test::RecordingChannel channel;
    ASSERT_EQ(queue.TryPush({Create(1, "one", 10, At(0)), &channel, 1}),
              CommandQueue::Push::kAccepted);
    queue.Close();
    sequencer.Run();
    EXPECT_TRUE(std::holds_alternative<Done>(channel.replies().at(1).outcome));
    EXPECT_TRUE(fence.raised());
    EXPECT_EQ(last.groups.size(), 1U) << "the other listeners hear of the group";
  }
}

TEST_F(SequencerThrowTest, WhatTheFencesCallbackThrowsTakesNoReplyAway) {
  HookedWorld world;
  Fence fence([](const Error&) { throw std::runtime_error("no logging"); });
  Sequencer sequencer({world, queue_, world, fence, {&listener_}}, Ledger{});
  world.before_append = throwers_[0];
  const auto created = Submit(Create(1, "one", 10, At(0)));
  sequencer.ProcessWaiting();
  EXPECT_TRUE(OutcomeOf<Unavailable>(created).outcome_unknown);
  EXPECT_TRUE(fence.raised());
}

TEST_F(SequencerThrowTest, WhatIsNoStandardExceptionIsThrownOnAfterTheReplies) {
  HookedWorld world;
  Sequencer sequencer({world, queue_, world, fence_, {&listener_}}, Ledger{});
  world.before_append = throwers_[1];
  const auto created = Submit(Create(1, "one", 10, At(0)));
  EXPECT_THROW(sequencer.ProcessWaiting(), int);
  EXPECT_TRUE(OutcomeOf<Unavailable>(created).outcome_unknown);
}

/// Cannot take anything.
class ThrowingChannel final : public ReplyChannel {
 public:
  void Deliver(std::span<const TicketedReply>) override { throw std::bad_alloc(); }
};

TEST_F(SequencerTest, AChannelThatThrowsFencesAndTheOthersHearTheirs) {
  ThrowingChannel throwing;
  ASSERT_EQ(queue_.TryPush({Create(2, "two", 10, At(0)), &throwing, 7}),
            CommandQueue::Push::kAccepted);
  const auto created = Submit(Create(1, "one", 10, At(0)));
  sequencer_.ProcessWaiting();
  EXPECT_TRUE(fence_.raised());
  EXPECT_TRUE(std::holds_alternative<Done>(ReplyTo(created).outcome));
  const auto late = Submit(Issue(1));
  sequencer_.ProcessWaiting();
  EXPECT_FALSE(OutcomeOf<Unavailable>(late).outcome_unknown);
}

TEST_F(SequencerTest, RefusalsAloneAreSaidOnceTheEndOfTheLogIsConfirmed) {
  HookedWorld world;
  Sequencer sequencer({world, queue_, world, fence_, {&listener_}}, Ledger{});
  world.in_confirm = [&] { EXPECT_TRUE(channel_.replies().empty()); };
  const auto refused = Submit(Issue(9));
  sequencer.ProcessWaiting();
  EXPECT_EQ(OutcomeOf<Refusal>(refused).reason, RefusalReason::kNoSuchCampaign);
  EXPECT_EQ(world.confirmations, 1);
  world.in_confirm = {};
  Submit(Create(1, "one", 10, At(0)));
  sequencer.ProcessWaiting();
  EXPECT_EQ(world.confirmations, 1) << "an append confirms by itself";

  world.confirmed = MakeError(ErrorCode::kUnavailable, "another writer has taken over");
  const auto late = Submit(Issue(9));
  sequencer.ProcessWaiting();
  EXPECT_FALSE(OutcomeOf<Unavailable>(late).outcome_unknown);
  EXPECT_EQ(fence_.reason()->message, "another writer has taken over");
}

/// Keeps what it is given; its memory is there before.
class RecordingObserver final : public EngineObserver {
 public:
  void OnGroup(const GroupMeasures& measures) override { groups.at(seen++) = measures; }
  void OnProjected(std::size_t) override {}

  std::vector<GroupMeasures> groups = std::vector<GroupMeasures>(8);
  std::size_t seen = 0;
};

TEST_F(SequencerTest, AnObserverIsGivenTheMeasuresOfEachGroup) {
  constexpr std::chrono::milliseconds kAppendTime{2};
  RecordingObserver observer;
  HookedWorld world;
  CommandQueue queue(100, /*measures=*/true);
  Sequencer sequencer({world, queue, world, fence_, {&listener_}, &observer}, Ledger{});
  world.before_append = [&] {
    const auto until = std::chrono::steady_clock::now() + kAppendTime;
    while (std::chrono::steady_clock::now() < until) {
    }
  };
  const auto before = std::chrono::steady_clock::now();
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(queue.TryPush({Create(1, "one", 10, At(0)), &channel_, next_ticket_++}),
              CommandQueue::Push::kAccepted);
  }
  sequencer.ProcessWaiting();
  const auto waited = std::chrono::steady_clock::now() - before;
  ASSERT_EQ(queue.TryPush({Issue(9), &channel_, next_ticket_++}), CommandQueue::Push::kAccepted);
  sequencer.ProcessWaiting();
  ASSERT_EQ(observer.seen, 2U);
  EXPECT_EQ(observer.groups[0].commands, 3U);
  EXPECT_EQ(observer.groups[0].events, 1U);
  EXPECT_GE(observer.groups[0].append_time, kAppendTime);
  EXPECT_GT(observer.groups[0].longest_wait.count(), 0);
  EXPECT_LT(observer.groups[0].longest_wait, waited);
  EXPECT_EQ(observer.groups[1].commands, 1U);
  EXPECT_EQ(observer.groups[1].events, 0U);
  EXPECT_LT(observer.groups[1].append_time, kAppendTime);
}

TEST_F(SequencerTest, NoReplyAndNoListenerHearsOfAGroupBeforeItsSync) {
  log_.HoldSyncs();
  const auto created = Submit(Create(1, "one", 1, At(0)));
  std::thread thread([this] { sequencer_.Run(); });
  log_.WaitUntilHeld();
  EXPECT_TRUE(channel_.replies().empty());
  EXPECT_EQ(sequencer_.durable_sequence(), Sequence(0));
  log_.LetThrough(1);
  channel_.WaitForReplies(1);
  EXPECT_TRUE(std::holds_alternative<Done>(ReplyTo(created).outcome));

  // A sold-out reply rests on the issue beside it, so it waits for that sync as well.
  const auto issued = Submit(Issue(1));
  log_.WaitUntilHeld();
  const auto sold_out = Submit(Issue(1));
  EXPECT_EQ(channel_.replies().size(), 1U);
  EXPECT_EQ(sequencer_.durable_sequence(), Sequence(1));
  log_.ReleaseSyncs();
  channel_.WaitForReplies(3);
  queue_.Close();
  thread.join();
  EXPECT_TRUE(std::holds_alternative<GrantedCoupon>(ReplyTo(issued).outcome));
  EXPECT_EQ(OutcomeOf<Refusal>(sold_out).reason, RefusalReason::kSoldOut);
  EXPECT_EQ(listener_.groups.size(), 2U);
  EXPECT_FALSE(channel_.answered_twice());
}

TEST_F(SequencerTest, RunAnswersEverythingThatWasTakenBeforeItEnds) {
  GivenACampaign(100);
  std::vector<std::uint64_t> tickets;
  for (int i = 0; i < 100; ++i) tickets.push_back(Submit(Issue(1)));
  queue_.Close();
  EXPECT_EQ(queue_.TryPush({Issue(1), &channel_, 999}), CommandQueue::Push::kClosed);
  sequencer_.Run();
  EXPECT_EQ(channel_.replies().size(), 101U);
}

TEST(CommandQueue, IsBounded) {
  test::RecordingChannel channel;
  CommandQueue queue(2);
  EXPECT_EQ(queue.TryPush({Issue(1), &channel, 1}), CommandQueue::Push::kAccepted);
  EXPECT_EQ(queue.TryPush({Issue(1), &channel, 2}), CommandQueue::Push::kAccepted);
  EXPECT_EQ(queue.TryPush({Issue(1), &channel, 3}), CommandQueue::Push::kFull);
  // What was taken but not yet handed out still counts.
  ASSERT_EQ(queue.Take(1).size(), 1U);
  EXPECT_EQ(queue.TryPush({Issue(1), &channel, 4}), CommandQueue::Push::kAccepted);
  EXPECT_EQ(queue.TryPush({Issue(1), &channel, 5}), CommandQueue::Push::kFull);
  EXPECT_EQ(queue.size(), 2U);
}

TEST(CommandQueue, TakesOneCommandHoweverLargeItsEventIs) {
  test::RecordingChannel channel;
  CommandQueue queue;
  for (std::uint64_t ticket = 1; ticket <= 3; ++ticket) {
    ASSERT_EQ(queue.TryPush({Issue(1), &channel, ticket}), CommandQueue::Push::kAccepted);
  }
  EXPECT_EQ(queue.Take(10, 1).size(), 1U);
  EXPECT_EQ(queue.Take(10, 2 * EventBytesMax(Issue(1))).size(), 2U);
  EXPECT_TRUE(queue.Take(10, 1).empty());
}

TEST(CommandQueue, IsFirstInFirstOutAcrossThreads) {
  constexpr std::uint64_t kCommandsPerThread = 20'000;
  test::RecordingChannel channel;
  CommandQueue queue;
  std::vector<std::thread> producers;
  for (std::uint64_t producer = 0; producer < 3; ++producer) {
    producers.emplace_back([&queue, &channel, producer] {
      for (std::uint64_t i = 0; i < kCommandsPerThread;) {
        const QueuedCommand command{Issue(1), &channel, producer << 32 | i};
        if (queue.TryPush(QueuedCommand(command)) == CommandQueue::Push::kAccepted) ++i;
      }
    });
  }
  std::vector<std::uint64_t> next(3);
  for (std::uint64_t taken = 0; taken < 3 * kCommandsPerThread;) {
    ASSERT_TRUE(queue.Wait());
    for (const QueuedCommand& command : queue.Take(100)) {
      ASSERT_EQ(command.ticket & 0xFFFFFFFF, next[command.ticket >> 32]++);
      ++taken;
    }
  }
  for (std::thread& producer : producers) producer.join();
  queue.Close();
  EXPECT_FALSE(queue.Wait());
}

}  // namespace
}  // namespace coupond
