#include "engine/sequencer/sequencer.h"

#include <algorithm>
#include <exception>
#include <string>
#include <utility>
#include <variant>

#include "base/thrown.h"
#include "engine/rules/apply.h"
#include "engine/rules/decide.h"
#include "engine/rules/limits.h"

namespace coupond {

Sequencer::Sequencer(Parts parts, Ledger ledger)
    : parts_(std::move(parts)),
      ledger_(std::move(ledger)),
      tip_(parts_.log.Tip()),
      time_(tip_.time),
      durable_sequence_(tip_.sequence.value()) {}

void Sequencer::Run() {
  while (parts_.queue.Wait()) {
    // What is taken from the queue is not taken again, so going on comes to an end. Everyone who
    // still waits is told.
    try {
      ProcessWaiting();
    } catch (...) {
      Fail(DescribeThrown());
    }
  }
}

bool Sequencer::ProcessWaiting() {
  const auto commands = parts_.queue.Take(limits::kCommandsPerGroupMax);
  if (commands.empty()) return false;
  if (parts_.fence.raised()) {
    AnswerUnavailable(commands, /*outcome_unknown=*/false);
    ReleaseReplies();
    return true;
  }
  const auto group = std::make_shared<CommitGroup>();
  const bool durable = Commit(commands, *group);
  if (!durable) AnswerUnavailable(commands, /*outcome_unknown=*/true);
  ReleaseReplies();
  if (durable && !group->events.empty()) {
    for (CommitListener* listener : parts_.listeners) listener->OnCommit(group, tip_);
  }
  return true;
}

bool Sequencer::Commit(std::span<QueuedCommand> commands, CommitGroup& group) {
  try {
    group.number = tip_.group.Next();
    group.first_sequence = tip_.sequence.Next();
    // Whatever the wall clock does, time here does not go back.
    time_ = std::max(time_, parts_.clock.Now());
    group.commit_time = time_;
    DecideAll(commands, group);
    // Refusals alone need no write: all that they rest on was durable before this group.
    return group.events.empty() || MakeDurable(group);
  } catch (const std::exception& error) {
    // The ledger may hold an event that was never appended, so nobody may decide by it again.
    Fail(error.what());
    return false;
  }
}

void Sequencer::Fail(const std::string& why) {
  parts_.fence.Raise({ErrorCode::kIo, "the sequencer failed: " + why});
}

void Sequencer::DecideAll(std::span<QueuedCommand> commands, CommitGroup& group) {
  group.events.reserve(commands.size());
  for (const QueuedCommand& command : commands) {
    Reply::Outcome outcome = DecideOne(command.command, group);
    AddReply(command, Reply{.time = group.commit_time,
                            .sequence = tip_.sequence.Plus(group.events.size()),
                            .outcome = outcome});
  }
}

Reply::Outcome Sequencer::DecideOne(const Command& command, CommitGroup& group) {
  Decision decision = Decide(ledger_, command, group.commit_time);
  if (const auto* refusal = std::get_if<Refusal>(&decision)) return *refusal;
  if (const auto* held = std::get_if<HeldCoupon>(&decision)) {
    return GrantedCoupon{.campaign = held->campaign,
                         .serial = held->serial,
                         .issued_at = held->issued_at,
                         .already_issued = true,
                         .found_as_sent = held->found_as_sent};
  }
  Event& event = std::get<Event>(decision);
  Apply(ledger_, event, group.commit_time);
  Reply::Outcome outcome = Done{};
  if (const auto* created = std::get_if<CampaignCreated>(&event)) {
    outcome = Done{.start_time = created->start_time};
  } else if (const auto* issued = std::get_if<CouponIssued>(&event)) {
    outcome = GrantedCoupon{
        .campaign = issued->campaign, .serial = issued->serial, .issued_at = group.commit_time};
  }
  group.events.push_back(std::move(event));
  return outcome;
}

bool Sequencer::MakeDurable(const CommitGroup& group) {
  if (const Status appended = parts_.log.Append(group); !appended) {
    // The ledger now holds what may not be on disk. Nothing is undone, retried or written again:
    // nobody gets to see this ledger, and the next start reads the truth.
    parts_.fence.Raise(appended.error());
    return false;
  }
  tip_ = parts_.log.Tip();
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

void Sequencer::AnswerUnavailable(std::span<QueuedCommand> commands, bool outcome_unknown) {
  for (Outbox& outbox : outboxes_) outbox.replies.clear();
  const Reply reply{
      .time = time_, .sequence = tip_.sequence, .outcome = Unavailable{outcome_unknown}};
  for (const QueuedCommand& command : commands) AddReply(command, reply);
}

void Sequencer::ReleaseReplies() {
  for (Outbox& outbox : outboxes_) {
    if (outbox.replies.empty()) continue;
    try {
      outbox.channel->Deliver(outbox.replies);
    } catch (const std::exception& error) {
      Fail(error.what());  // the others are to hear theirs all the same
    }
    outbox.replies.clear();
  }
}

}  // namespace coupond
