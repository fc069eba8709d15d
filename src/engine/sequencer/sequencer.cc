#include "engine/sequencer/sequencer.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "base/error.h"
#include "engine/rules/decide.h"
#include "engine/rules/ledger.h"
#include "engine/rules/limits.h"
#include "engine/sequencer/disputed_decision.h"

namespace coupond {
Sequencer::Sequencer(Parts parts, Ledger ledger)
    : parts_(std::move(parts)),
      ledger_(std::move(ledger)),
      tip_(parts_.log.Tip()),
      time_(tip_.time),
      durable_sequence_(tip_.sequence.value()),
      decision_time_(tip_.time.unix_nanoseconds()) {}

void Sequencer::Run() {
  while (parts_.queue.Wait()) {
    // Everyone in the group has been answered, and what is taken from the queue is not taken again.
    Guarded([this] { ProcessWaiting(); });
    thrown_ = nullptr;
  }
}

bool Sequencer::ProcessWaiting() {
  const auto commands = parts_.queue.Take(limits::kCommandsPerGroupMax, limits::kGroupBytesMax);
  if (commands.empty()) return false;
  if (parts_.fence.raised()) {
    AnswerUnavailable(commands, /*outcome_unknown=*/false);
  } else {
    ProcessGroup(commands);
  }
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
  return true;
}

void Sequencer::ProcessGroup(std::span<QueuedCommand> commands) {
  std::shared_ptr<CommitGroup> group;
  bool durable = false;
  appending_ = false;
  Guarded([&] {
    group = std::make_shared<CommitGroup>();
    durable = Commit(commands, *group);
  });
  // The ledger may now hold what the log does not. Nothing is undone, retried or written again:
  // this ledger decides nothing more, and the next start reads the truth.
  if (!durable) return AnswerUnavailable(commands, /*outcome_unknown=*/appending_);
  ReleaseReplies();
  if (group->events.empty()) return;
  for (CommitListener* listener : parts_.listeners) {
    Guarded([&] { listener->OnCommit(group, tip_); });
  }
}

bool Sequencer::Commit(std::span<QueuedCommand> commands, CommitGroup& group) {
  using SteadyClock = std::chrono::steady_clock;
  GroupMeasures measures{.commands = commands.size()};
  if (parts_.observer != nullptr) {
    measures.longest_wait = SteadyClock::now() - commands.front().queued_at;
  }
  group.number = tip_.group.Next();
  group.first_sequence = tip_.sequence.Next();
  const ClockReading reading = parts_.clock.Read();
  if (limits::kSequenceMax - tip_.sequence.value() < EventsMax(commands)) {
    parts_.fence.Raise({ErrorCode::kIo, "the log is full: it cannot have more events"});
    return false;
  }
  std::optional<Timestamp> accepted;
  group.commit_time = time_;
  if (commands.front().accepts_clock) {
    accepted = DecideAcceptance(commands.front(), reading, group);
  } else if (IsLogAhead(reading)) {
    RefuseAll(commands, reading);
  } else {
    // Whatever the clock does, time here does not go back.
    time_ = std::max(time_, reading.now);
    group.commit_time = time_;
    DecideAll(commands, reading, group);
  }
  SteadyClock::time_point begin;
  if (parts_.observer != nullptr) begin = SteadyClock::now();
  if (!MakeDurable(group)) return false;
  if (accepted) {
    parts_.clock.Accept(*accepted);
    time_ = *accepted;
  }
  if (parts_.observer != nullptr) {
    measures.append_time = SteadyClock::now() - begin;
    measures.events = group.events.size();
    parts_.observer->OnGroup(measures);
  }
  return true;
}

template <typename Step>
void Sequencer::Guarded(Step step) {
  try {
    step();
  } catch (const std::exception&) {
    FailAsThrown();
  } catch (...) {
    FailAsThrown();
    if (!thrown_) thrown_ = std::current_exception();
  }
}

void Sequencer::FailAsThrown() noexcept {
  try {
    parts_.fence.Raise({ErrorCode::kIo, "the sequencer failed: " + DescribeThrown()});
  } catch (...) {
    try {
      parts_.fence.Raise({ErrorCode::kIo, "out of memory"});  // short enough not to allocate
    } catch (...) {                                           // NOLINT(bugprone-empty-catch)
      // Thrown by the fence's callback: the fence is up.
    }
  }
}

std::optional<Timestamp> Sequencer::DecideAcceptance(const QueuedCommand& wish,
                                                     const ClockReading& reading,
                                                     CommitGroup& group) {
  Reply reply{.time = std::max(time_, reading.now),
              .sequence = tip_.sequence,
              .outcome = Done{.changed = false}};
  const Timestamp machine = reading.disputed.value_or(reading.now);
  const bool is_open = reading.disputed || IsLogAhead(reading);
  if (!is_open || !IsStillShown(machine, *wish.accepts_clock)) {
    // The operator must look again before a time is accepted that no one has seen.
    if (is_open) {
      reply.outcome = Refusal{
          .reason = RefusalReason::kClockAhead, .at = machine, .clock = *wish.accepts_clock};
    }
    AddReply(wish, reply);
    return std::nullopt;
  }
  if (machine < time_) {
    reply.sequence = group.first_sequence;
    const Event& reset = group.events.emplace_back(ClockReset{.previous_time = tip_.time});
    group.AddKeys(0, 1, wish.key);
    Apply(ledger_, reset, {.time = machine, .sequence = reply.sequence});
  }
  group.commit_time = reply.time = machine;
  reply.outcome = Done{};
  AddReply(wish, reply);
  return machine;
}

void Sequencer::RefuseAll(std::span<QueuedCommand> commands, const ClockReading& reading) {
  const Refusal refusal{.reason = RefusalReason::kLogAhead,
                        .at = time_,
                        .clock = reading.disputed.value_or(reading.now)};
  for (const QueuedCommand& command : commands) {
    AddReply(command, {.time = time_, .sequence = tip_.sequence, .outcome = refusal});
  }
}

void Sequencer::DecideAll(std::span<QueuedCommand> commands, const ClockReading& reading,
                          CommitGroup& group) {
  group.events.reserve(commands.size());
  std::size_t events = 0;
  for (QueuedCommand& command : commands) {
    // An event is written where it stays; what a refusal leaves unused serves the next command.
    if (group.events.size() == events) group.events.emplace_back();
    Event& event = group.events.back();
    const std::size_t first = events;
    const Decision decision =
        reading.disputed
            ? DecideInDispute(ledger_, std::move(command.command),
                              {.now = group.commit_time, .disputed = reading.disputed}, event,
                              following_)
            : Decide(ledger_, std::move(command.command), group.commit_time, event, following_);
    EventPlace place{.time = group.commit_time, .sequence = tip_.sequence.Plus(events)};
    if (std::holds_alternative<Accepted>(decision)) {
      ++events;
      place.sequence = place.sequence.Next();
      Apply(ledger_, event, place);
    }
    AddReply(command, MakeReply(decision, event, place));
    if (!following_.empty()) events += AddFollowing(group, place);
    group.AddKeys(first, events, command.key);
  }
  if (group.events.size() > events) group.events.pop_back();
}

std::size_t Sequencer::AddFollowing(CommitGroup& group, EventPlace place) {
  const std::size_t added = following_.size();
  for (Event& event : following_) {
    place.sequence = place.sequence.Next();
    Apply(ledger_, group.events.emplace_back(std::move(event)), place);
  }
  following_.clear();
  return added;
}

Reply Sequencer::MakeReply(const Decision& decision, const Event& event, const EventPlace& place) {
  Reply reply{.time = place.time, .sequence = place.sequence, .outcome = Done{}};
  if (const auto* accepted = std::get_if<Accepted>(&decision)) {
    if (const auto* issued = std::get_if<CouponIssued>(&event)) {
      reply.outcome = GrantedCoupon{.campaign = issued->campaign,
                                    .serial = issued->serial,
                                    .issued_at = place.time,
                                    .expire_time = accepted->expire_time};
    } else if (const auto* created = std::get_if<CampaignCreated>(&event)) {
      reply.outcome = Done{.start_time = created->terms.start_time};
    }
  } else if (const auto* refusal = std::get_if<Refusal>(&decision)) {
    reply.outcome = *refusal;
  } else if (const auto* held = std::get_if<HeldCoupon>(&decision)) {
    reply.outcome = GrantedCoupon{.campaign = held->campaign,
                                  .serial = held->serial,
                                  .issued_at = held->issued_at,
                                  .expire_time = held->expire_time,
                                  .state = held->state,
                                  .already_issued = !held->limit_reached,
                                  .found_as_sent = held->found_as_sent,
                                  .limit_reached = held->limit_reached};
  } else if (const auto* repeated = std::get_if<Repeated>(&decision)) {
    reply.sequence = repeated->sequence;
    reply.outcome = Done{.repeated = true};
  } else {
    reply.outcome = Done{.changed = std::holds_alternative<WouldBeAccepted>(decision)};
  }
  return reply;
}

bool Sequencer::MakeDurable(const CommitGroup& group) {
  const bool refusals_alone = group.events.empty();
  appending_ = !refusals_alone;
  const Status done = refusals_alone ? parts_.log.Confirm() : parts_.log.Append(group);
  if (!done) {
    parts_.fence.Raise(done.error());
    return false;
  }
  decision_time_.store(group.commit_time.unix_nanoseconds(), std::memory_order_release);
  if (refusals_alone) return true;
  tip_ = parts_.log.Tip();
  changes_.Mark(group);
  durable_sequence_.store(tip_.sequence.value(), std::memory_order_release);
  return true;
}

void Sequencer::AddReply(const QueuedCommand& command, const Reply& reply) {
  // A handful of workers: looking at each is faster than hashing.
  auto outbox = std::find_if(outboxes_.begin(), outboxes_.end(), [&command](const Outbox& other) {
    return other.channel == command.channel;
  });
  if (outbox == outboxes_.end()) {
    outbox = outboxes_.insert(outboxes_.end(), Outbox{command.channel, {}});
  }
  outbox->replies.push_back(TicketedReply{command.ticket, reply});
}

void Sequencer::ReleaseReplies() {
  for (Outbox& outbox : outboxes_) {
    if (outbox.replies.empty()) continue;
    // If one channel fails, the others still get their replies.
    Guarded([&outbox] { outbox.channel->Deliver(outbox.replies); });
    outbox.replies.clear();
  }
}

void Sequencer::AnswerUnavailable(std::span<QueuedCommand> commands, bool outcome_unknown) {
  for (Outbox& outbox : outboxes_) outbox.replies.clear();
  for (const QueuedCommand& command : commands) {
    const TicketedReply reply{
        .ticket = command.ticket,
        .reply = {
            .time = time_, .sequence = tip_.sequence, .outcome = Unavailable{outcome_unknown}}};
    Guarded([&] { command.channel->Deliver({&reply, 1}); });
  }
}

}  // namespace coupond
