#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "engine/rules/decide.h"
#include "engine/sequencer/sequencer.h"
#include "engine/sequencer/sequencer_fixture.h"
#include "support/builders.h"

namespace coupond {
namespace {

using test::At;
using test::Create;
using test::Issue;

constexpr std::int64_t kDay = 24 * 60 * 60;
constexpr std::chrono::minutes kSlack{5};

/// A clock whose readings the test sets.
class DisputedClock final : public Clock {
 public:
  [[nodiscard]] Timestamp Now() const override { return reading.now; }
  [[nodiscard]] ClockReading Read() const override { return reading; }
  void Accept(Timestamp time) const override { reading = {.now = time}; }

  mutable ClockReading reading{.now = At(0)};
};

class ClockDisputeTest : public test::SequencerTest {
 protected:
  void Given(const CreateCampaign& create) {
    Submit(create);
    ASSERT_TRUE(disputing_.ProcessWaiting());
  }
  Reply Ask(Command command) {
    const std::uint64_t ticket = Submit(std::move(command));
    EXPECT_TRUE(disputing_.ProcessWaiting());
    return ReplyTo(ticket);
  }
  Reply Accept(Timestamp seen, KeyId key = kNoKey) {
    const std::uint64_t ticket = next_ticket_++;
    EXPECT_EQ(queue_.TryPush({.command = {},
                              .channel = &channel_,
                              .ticket = ticket,
                              .key = key,
                              .accepts_clock = seen}),
              CommandQueue::Push::kAccepted);
    EXPECT_TRUE(disputing_.ProcessWaiting());
    return ReplyTo(ticket);
  }
  void Glimpse(std::int64_t days) {
    times_.reading.disputed = times_.reading.now.Plus(std::chrono::seconds(days * kDay));
  }
  void ExpectDisputed(const Reply& reply) {
    const auto* const refusal = std::get_if<Refusal>(&reply.outcome);
    ASSERT_NE(refusal, nullptr);
    EXPECT_EQ(*refusal, (Refusal{.reason = RefusalReason::kClockAhead,
                                 .at = *times_.reading.disputed,
                                 .clock = times_.reading.now}));
  }
  static std::optional<RefusalReason> ReasonOf(const Reply& reply) {
    const auto* const refusal = std::get_if<Refusal>(&reply.outcome);
    return refusal == nullptr ? std::nullopt : std::optional(refusal->reason);
  }
  std::vector<Event> LastEvents() { return log_.Groups().back().events; }

  DisputedClock times_;
  Sequencer disputing_{{.log = log_,
                        .queue = queue_,
                        .clock = times_,
                        .fence = fence_,
                        .listeners = {&listener_},
                        .clock_slack = kSlack},
                       Ledger{}};
};

TEST_F(ClockDisputeTest, WhatComesToTheSameAtBothTimesIsCarriedOut) {
  Given(Create(1, "one", 10, At(0)));
  Given(Create(2, "later", 10, At(500 * kDay)));
  Glimpse(400);
  EXPECT_TRUE(std::holds_alternative<GrantedCoupon>(Ask(Issue(1)).outcome));
  EXPECT_EQ(log_.Groups().back().commit_time, At(0)) << "at the time that is followed";
  EXPECT_TRUE(std::holds_alternative<Done>(Ask(test::Redeem(1)).outcome));
  EXPECT_EQ(ReasonOf(Ask(Issue(9))), RefusalReason::kNoSuchCampaign);
  EXPECT_EQ(ReasonOf(Ask(Issue(2))), RefusalReason::kNotStarted);
  EXPECT_TRUE(
      std::holds_alternative<Done>(Ask(Create(3, "much later", 10, At(700 * kDay))).outcome));
  EXPECT_TRUE(std::holds_alternative<Done>(Ask(test::Pause(1)).outcome));
}

TEST_F(ClockDisputeTest, WhatDependsOnTheTimeIsUnavailable) {
  Given(Create(1, "in thirty days", 10, At(30 * kDay)));
  CreateCampaign expiring = Create(2, "expiring", 10, At(0));
  expiring.valid_duration = std::chrono::hours(24);
  Given(expiring);
  ASSERT_TRUE(std::holds_alternative<GrantedCoupon>(Ask(Issue(2)).outcome));
  const LogTip tip = log_.Tip();
  const Ledger before = disputing_.ledger();
  Glimpse(400);
  ExpectDisputed(Ask(Issue(1)));                             // opens in between
  ExpectDisputed(Ask(Create(3, "tomorrow", 10, At(kDay))));  // in the past then
  ExpectDisputed(Ask(Issue(2)));                             // would expire at another time
  ExpectDisputed(Ask(test::Redeem(11)));                     // has expired then
  CreateCampaign relative = Create(4, "relative", 10, At(0));
  relative.start_time = std::chrono::hours(1);
  ExpectDisputed(Ask(relative));  // would start at another time
  EXPECT_EQ(log_.Tip(), tip);
  EXPECT_EQ(disputing_.ledger().live_campaigns(), before.live_campaigns());

  times_.reading.disputed.reset();
  EXPECT_EQ(ReasonOf(Ask(Issue(1))), RefusalReason::kNotStarted);
  EXPECT_TRUE(std::holds_alternative<Done>(Ask(Create(3, "tomorrow", 10, At(kDay))).outcome));
  EXPECT_EQ(log_.Tip().time, At(0));
}

TEST_F(ClockDisputeTest, CommandsOfOneGroupAreJudgedOneByOne) {
  Given(Create(1, "in thirty days", 10, At(30 * kDay)));
  Given(Create(2, "open", 2, At(0)));
  Glimpse(400);
  const auto first = Submit(Issue(2));
  const auto disputed = Submit(Issue(1));
  const auto second = Submit(Issue(2));
  const auto sold_out = Submit(Issue(2));
  ASSERT_TRUE(disputing_.ProcessWaiting());
  EXPECT_EQ(OutcomeOf<GrantedCoupon>(first).serial, Serial(11));
  EXPECT_EQ(OutcomeOf<Refusal>(disputed).reason, RefusalReason::kClockAhead);
  EXPECT_EQ(OutcomeOf<GrantedCoupon>(second).serial, Serial(12));
  EXPECT_EQ(OutcomeOf<Refusal>(sold_out).reason, RefusalReason::kSoldOut);
  EXPECT_EQ(LastEvents().size(), 2U);
}

TEST_F(ClockDisputeTest, ABatchIsCarriedOutOnceOrNotAtAll) {
  Given(Create(1, "open", 10, At(0)));
  Given(Create(2, "in thirty days", 10, At(30 * kDay)));
  Glimpse(400);
  const auto results = std::make_shared<BatchResults>();
  BatchIssueCoupons batch{.campaign_id = test::Id(1),
                          .anonymous = 3,
                          .request = test::RequestOf(5),
                          .results = results};
  EXPECT_TRUE(std::holds_alternative<Done>(Ask(batch).outcome));
  EXPECT_EQ(LastEvents().size(), 4U);
  ASSERT_EQ(results->coupons.size(), 3U);
  EXPECT_EQ(results->coupons[0].coupon->issued_at, At(0));
  EXPECT_EQ(disputing_.ledger().Find(test::Id(1))->ordinals(), 3U);

  batch.campaign_id = test::Id(2);
  batch.request = test::RequestOf(6);
  const LogTip tip = log_.Tip();
  ExpectDisputed(Ask(batch));
  EXPECT_EQ(log_.Tip(), tip);
  // What was left over would become part of the next group.
  times_.reading.disputed.reset();
  ASSERT_TRUE(std::holds_alternative<GrantedCoupon>(Ask(Issue(1)).outcome));
  EXPECT_EQ(LastEvents().size(), 1U);
}

TEST_F(ClockDisputeTest, AcceptingALaterTimeNeedsNoEvent) {
  Given(Create(1, "in thirty days", 10, At(30 * kDay)));
  Glimpse(400);
  const Timestamp seen = *times_.reading.disputed;
  const Reply reply = Accept(seen);
  EXPECT_TRUE(std::get<Done>(reply.outcome).changed);
  EXPECT_EQ(reply.time, seen);
  EXPECT_EQ(reply.sequence, Sequence(1));
  EXPECT_EQ(log_.append_calls(), 1U);
  EXPECT_EQ(times_.reading, ClockReading{seen});
  EXPECT_EQ(disputing_.decision_time(), seen);
  EXPECT_TRUE(std::holds_alternative<GrantedCoupon>(Ask(Issue(1)).outcome));
}

TEST_F(ClockDisputeTest, AnAcceptedEarlierTimeIsAGroupOfItsOwn) {
  times_.reading.now = At(100 * kDay);
  Given(Create(1, "one", 10, At(100 * kDay)));
  Glimpse(-90);
  const auto before = Submit(test::Pause(1));
  const std::uint64_t accepting = next_ticket_++;
  ASSERT_EQ(queue_.TryPush({.command = {},
                            .channel = &channel_,
                            .ticket = accepting,
                            .accepts_clock = At(10 * kDay)}),
            CommandQueue::Push::kAccepted);
  const auto after = Submit(Create(2, "two", 10, At(11 * kDay)));
  for (int group = 0; group < 3; ++group) ASSERT_TRUE(disputing_.ProcessWaiting());
  EXPECT_FALSE(disputing_.ProcessWaiting());

  EXPECT_EQ(ReplyTo(before).time, At(100 * kDay));
  EXPECT_EQ(ReplyTo(accepting).time, At(10 * kDay));
  EXPECT_EQ(ReplyTo(accepting).sequence, Sequence(3));
  EXPECT_TRUE(std::holds_alternative<Done>(ReplyTo(after).outcome));
  EXPECT_EQ(ReplyTo(after).time, At(10 * kDay));
  const auto groups = log_.Groups();
  ASSERT_EQ(groups.size(), 4U);
  EXPECT_EQ(groups[2].commit_time, At(10 * kDay));
  EXPECT_EQ(groups[2].events, std::vector<Event>{ClockReset{.previous_time = At(100 * kDay)}});
  EXPECT_EQ(groups[3].commit_time, At(10 * kDay));
  EXPECT_EQ(disputing_.decision_time(), At(10 * kDay));
}

// Also where only refusals were decided since, which the log does not know.
TEST_F(ClockDisputeTest, TimeGoesBackWithAnEventAlsoBehindRefusals) {
  Given(Create(1, "one", 10, At(0)));
  times_.reading.now = At(100 * kDay);
  Ask(Issue(9));
  Glimpse(-50);
  EXPECT_EQ(Accept(At(50 * kDay)).sequence, Sequence(2));
  EXPECT_EQ(LastEvents(), std::vector<Event>{ClockReset{.previous_time = At(0)}});
  EXPECT_EQ(Ask(Issue(9)).time, At(50 * kDay));
}

TEST_F(ClockDisputeTest, OnlyWhatTheOperatorHasSeenIsAccepted) {
  Given(Create(1, "one", 10, At(0)));
  Glimpse(400);
  const ClockReading reading = times_.reading;
  for (const Timestamp seen : {At(0), At(399 * kDay), At(400 * kDay + 601), kNever, kAlways}) {
    EXPECT_EQ(ReasonOf(Accept(seen)), RefusalReason::kClockAhead);
    EXPECT_EQ(times_.reading, reading);
  }
  EXPECT_TRUE(std::get<Done>(Accept(At(400 * kDay - 600)).outcome).changed);
  EXPECT_FALSE(std::get<Done>(Accept(At(400 * kDay)).outcome).changed) << "nothing is disputed";
  EXPECT_EQ(log_.append_calls(), 1U);
}

TEST_F(ClockDisputeTest, ALogThatEndsAheadOfTheClockIsOnlyRead) {
  times_.reading.now = At(400 * kDay);
  Given(Create(1, "one", 10, At(400 * kDay)));
  times_.reading.now = At(400 * kDay - 300);
  EXPECT_TRUE(std::holds_alternative<GrantedCoupon>(Ask(Issue(1)).outcome)) << "within the slack";
  times_.reading.now = At(0);
  const LogTip tip = log_.Tip();
  const auto issue = Submit(Issue(1));
  const auto unknown = Submit(Issue(9));
  ASSERT_TRUE(disputing_.ProcessWaiting());
  for (const auto ticket : {issue, unknown}) {
    EXPECT_EQ(OutcomeOf<Refusal>(ticket),
              (Refusal{.reason = RefusalReason::kLogAhead, .at = At(400 * kDay), .clock = At(0)}));
  }
  EXPECT_EQ(log_.Tip(), tip);
  const Reply accepted = Accept(At(0), KeyId(5));
  EXPECT_TRUE(std::get<Done>(accepted.outcome).changed);
  EXPECT_EQ(LastEvents(), std::vector<Event>{ClockReset{.previous_time = At(400 * kDay)}});
  EXPECT_EQ(log_.Groups().back().keys, std::vector<KeyId>{KeyId(5)});
  EXPECT_EQ(Ask(test::Pause(1)).time, At(0));
  // The codes go on where they were.
  EXPECT_TRUE(std::holds_alternative<Done>(Ask(test::Resume(1)).outcome));
  EXPECT_EQ(ReasonOf(Ask(Issue(1))), RefusalReason::kNotStarted);
}

TEST_F(ClockDisputeTest, AnUnwrittenAcceptanceChangesNoTime) {
  times_.reading.now = At(100 * kDay);
  Given(Create(1, "one", 10, At(100 * kDay)));
  Glimpse(-90);
  const ClockReading reading = times_.reading;
  log_.FailAppendAfter(0, Error{ErrorCode::kIo, "disk on fire"});
  EXPECT_TRUE(std::get<Unavailable>(Accept(At(10 * kDay)).outcome).outcome_unknown);
  EXPECT_TRUE(fence_.raised());
  EXPECT_EQ(times_.reading, reading);
}

}  // namespace
}  // namespace coupond
