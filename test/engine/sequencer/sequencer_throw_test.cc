#include "engine/sequencer/sequencer.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <new>
#include <span>
#include <stdexcept>
#include <variant>
#include <vector>

#include "engine/sequencer/sequencer_fixture.h"
#include "support/builders.h"
#include "support/recording_channel.h"

namespace coupond {
namespace {

using test::At;
using test::Create;
using test::HookedWorld;
using test::Issue;
using test::RecordingListener;
using test::SequencerTest;

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
  /// Checks that both have the same answer, and that the fence is raised.
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
  /// Exceptions that a port may throw: one of the library, and one that no standard handler
  /// catches.
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

TEST_F(SequencerThrowTest, AListenerThrowsAfterTheReplies) {
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
    EXPECT_EQ(last.groups.size(), 1U) << "the other listeners learn of the group";
  }
}

TEST_F(SequencerThrowTest, AThrowingFenceCallbackCostsNoReply) {
  HookedWorld world;
  Fence fence([](const Error&) { throw std::runtime_error("no logging"); });
  Sequencer sequencer({world, queue_, world, fence, {&listener_}}, Ledger{});
  world.before_append = throwers_[0];
  const auto created = Submit(Create(1, "one", 10, At(0)));
  sequencer.ProcessWaiting();
  EXPECT_TRUE(OutcomeOf<Unavailable>(created).outcome_unknown);
  EXPECT_TRUE(fence.raised());
}

TEST_F(SequencerThrowTest, WhateverIsThrownComesAfterReplies) {
  HookedWorld world;
  Sequencer sequencer({world, queue_, world, fence_, {&listener_}}, Ledger{});
  world.before_append = throwers_[1];
  const auto created = Submit(Create(1, "one", 10, At(0)));
  EXPECT_THROW(sequencer.ProcessWaiting(), int);
  EXPECT_TRUE(OutcomeOf<Unavailable>(created).outcome_unknown);
}

/// Accepts nothing.
class ThrowingChannel final : public ReplyChannel {
 public:
  void Deliver(std::span<const TicketedReply>) override { throw std::bad_alloc(); }
};

TEST_F(SequencerThrowTest, AThrowingChannelFencesAndOthersGetReplies) {
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

}  // namespace
}  // namespace coupond
