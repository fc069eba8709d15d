#include "engine/sequencer/sequencer.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "engine/rules/limits.h"
#include "engine/sequencer/sequencer_fixture.h"
#include "support/builders.h"
#include "support/fake_event_log.h"
#include "support/recording_channel.h"

namespace coupond {
namespace {

using test::At;
using test::Create;
using test::HookedWorld;
using test::Issue;
using test::RecordingListener;
using test::SequencerTest;

TEST_F(SequencerTest, WaitingCommandsShareOneAppendAndOneDelivery) {
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

TEST_F(SequencerTest, ARepeatedRequestHasTheFirstEvent) {
  GivenACampaign(10);
  Submit(Issue(1));
  const auto first = Submit(test::Redeem(1, test::RequestOf(5)));
  const auto in_the_group = Submit(test::Redeem(1, test::RequestOf(5)));
  Submit(Issue(1));
  sequencer_.ProcessWaiting();
  clock_.Set(At(1));
  const auto later = Submit(test::Redeem(1, test::RequestOf(5)));
  const auto other = Submit(test::Redeem(1));
  sequencer_.ProcessWaiting();
  EXPECT_FALSE(OutcomeOf<Done>(first).repeated);
  for (const auto ticket : {in_the_group, later}) {
    EXPECT_TRUE(OutcomeOf<Done>(ticket).repeated);
    EXPECT_EQ(ReplyTo(ticket).sequence, ReplyTo(first).sequence);
  }
  EXPECT_EQ(ReplyTo(later).time, At(1));
  EXPECT_EQ(OutcomeOf<Refusal>(other).reason, RefusalReason::kCouponAlreadyRedeemed);
  EXPECT_EQ(log_.Tip().sequence, Sequence(4)) << "nothing was written for a repetition";
}

TEST_F(SequencerTest, AHeldCouponIsTheOneOfTheReplyInItsPresentState) {
  GivenACampaign(10);
  Submit(test::IssueTo(1, 7));
  Submit(test::Redeem(1));
  const auto again = Submit(test::IssueTo(1, 7));
  sequencer_.ProcessWaiting();
  EXPECT_EQ(OutcomeOf<GrantedCoupon>(again).state, CouponState::kRedeemed);
  EXPECT_TRUE(OutcomeOf<GrantedCoupon>(again).already_issued);
}

TEST_F(SequencerTest, ACouponIsGrantedWithTheTimeAtWhichItExpires) {
  CreateCampaign create = Create(1, "one", 10, At(0));
  create.valid_duration = std::chrono::seconds(5);
  Submit(create);
  const auto issued = Submit(test::IssueTo(1, 7));
  sequencer_.ProcessWaiting();
  EXPECT_EQ(OutcomeOf<GrantedCoupon>(issued).expire_time, At(5));
  clock_.Set(At(5));
  const auto held = Submit(test::IssueTo(1, 7));
  sequencer_.ProcessWaiting();
  EXPECT_EQ(OutcomeOf<GrantedCoupon>(held).expire_time, At(5));
  EXPECT_EQ(OutcomeOf<GrantedCoupon>(held).state, CouponState::kExpired);
}

TEST_F(SequencerTest, AUserWhoHasAllThatAreAllowedIsToldTheLastOne) {
  CreateCampaign create = Create(1, "one", 10, At(0));
  create.coupons_per_user = 2;
  Submit(create);
  Submit(test::IssueOnRequest(1, 21, 7));
  Submit(test::IssueOnRequest(1, 22, 7));
  const auto third = Submit(test::IssueOnRequest(1, 23, 7));
  const auto again = Submit(test::IssueOnRequest(1, 21, 7));
  sequencer_.ProcessWaiting();
  const auto last = OutcomeOf<GrantedCoupon>(third);
  EXPECT_TRUE(last.limit_reached);
  EXPECT_FALSE(last.already_issued);
  EXPECT_EQ(last.serial, Serial(2));
  const auto held = OutcomeOf<GrantedCoupon>(again);
  EXPECT_FALSE(held.limit_reached);
  EXPECT_TRUE(held.already_issued);
  EXPECT_EQ(held.serial, Serial(1));
  EXPECT_EQ(log_.Tip().sequence, Sequence(3)) << "nothing was written for a refusal";
}

TEST_F(SequencerTest, WhatIsOnlyValidatedIsNotWritten) {
  CreateCampaign create = Create(1, "one", 10, At(5));
  create.validate_only = true;
  const auto validated = Submit(create);
  sequencer_.ProcessWaiting();
  EXPECT_TRUE(OutcomeOf<Done>(validated).changed);
  EXPECT_EQ(OutcomeOf<Done>(validated).start_time, Timestamp()) << "nothing was created";
  EXPECT_EQ(ReplyTo(validated).sequence, Sequence(0));
  EXPECT_EQ(log_.append_calls(), 0U);
}

TEST_F(SequencerTest, ACampaignIsCreatedOnceForARequest) {
  CreateCampaign create = Create(1, "one", 10, At(0));
  create.request = test::RequestOf(5);
  const auto first = Submit(create);
  const auto again = Submit(create);
  sequencer_.ProcessWaiting();
  EXPECT_FALSE(OutcomeOf<Done>(first).repeated);
  EXPECT_TRUE(OutcomeOf<Done>(again).repeated);
  EXPECT_EQ(ReplyTo(again).sequence, ReplyTo(first).sequence);
  EXPECT_EQ(log_.Tip().sequence, Sequence(1));
}

// Events are written where they stay, and refusals between them leave no gap.
TEST_F(SequencerTest, AGroupHoldsTheEventsOfItsAcceptedCommandsAlone) {
  GivenACampaign(10);
  Submit(Issue(9));
  const auto first = Submit(Issue(1));
  Submit(Issue(9));
  Submit(test::Pause(1));
  const auto refused = Submit(Issue(1));
  const auto resumed = Submit(test::Resume(1));
  Submit(Issue(9));
  sequencer_.ProcessWaiting();
  const std::vector<Event> expected = {
      CouponIssued{CampaignNumber(1), Serial(1)},
      CampaignPaused{CampaignNumber(1), {.issuing = true}, {}},
      CampaignResumed{CampaignNumber(1), {.issuing = true}, {}},
  };
  EXPECT_EQ(listener_.groups.back()->events, expected);
  EXPECT_EQ(ReplyTo(first).sequence, Sequence(2));
  EXPECT_EQ(ReplyTo(refused).sequence, Sequence(3)) << "of the last event before it";
  EXPECT_EQ(ReplyTo(resumed).sequence, Sequence(4));
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

TEST_F(SequencerTest, AFailedAppendFencesAndEndsAllWriting) {
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
    Submit(IssueCoupon{.campaign_id = test::Id(1), .user_id = name});
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

TEST_F(SequencerTest, RefusalsAloneWaitForTheConfirmedEndOfTheLog) {
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

/// Keeps the measures, in memory that is reserved before.
class RecordingObserver final : public EngineObserver {
 public:
  void OnGroup(const GroupMeasures& measures) override { groups.at(seen++) = measures; }
  void OnProjected(std::size_t) override {}

  std::vector<GroupMeasures> groups = std::vector<GroupMeasures>(8);
  std::size_t seen = 0;
};

TEST_F(SequencerTest, AnObserverIsGivenTheMeasuresOfEachGroup) {
  // Much longer than what is measured without an append, also if the machine stands still for a
  // moment.
  constexpr std::chrono::milliseconds kAppendTime{300};
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

TEST_F(SequencerTest, NothingLeavesAGroupBeforeItsSync) {
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

/// A log that cannot have another event.
class FullLog final : public LogWriter {
 public:
  [[nodiscard]] LogTip Tip() const override {
    return {.group = GroupNumber(1),
            .sequence = Sequence(limits::kSequenceMax),
            .time = At(0),
            .hash = {}};
  }
  [[nodiscard]] Status Append(const CommitGroup&) override {
    ADD_FAILURE() << "a full log was written to";
    return {};
  }
  [[nodiscard]] Status Confirm() override { return {}; }
};

TEST_F(SequencerTest, AFullLogRaisesTheFence) {
  FullLog full;
  Sequencer sequencer({full, queue_, clock_, fence_, {}}, Ledger{});
  const auto created = Submit(Create(1, "one", 1, At(0)));
  EXPECT_TRUE(sequencer.ProcessWaiting());
  EXPECT_FALSE(OutcomeOf<Unavailable>(created).outcome_unknown);
  EXPECT_TRUE(fence_.raised());
}

TEST_F(SequencerTest, RunAnswersEverythingTakenBeforeItEnds) {
  GivenACampaign(100);
  std::vector<std::uint64_t> tickets;
  for (int i = 0; i < 100; ++i) tickets.push_back(Submit(Issue(1)));
  queue_.Close();
  EXPECT_EQ(queue_.TryPush({Issue(1), &channel_, 999}), CommandQueue::Push::kClosed);
  sequencer_.Run();
  EXPECT_EQ(channel_.replies().size(), 101U);
}

}  // namespace
}  // namespace coupond
