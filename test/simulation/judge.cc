#include "simulation/judge.h"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>

#include "simulation/violation.h"

namespace coupond::simulation {

Judge::Judge(const SimulatedLog& log, test::Model model, Timestamp created_at, Coverage& coverage,
             Trace& trace)
    : log_(log),
      coverage_(coverage),
      trace_(trace),
      model_(std::move(model)),
      time_reached_(created_at) {}

void Judge::OnSubmitted(std::uint64_t ticket, const Command& command) {
  waiting_.push_back(Submitted{ticket, command, std::nullopt});
  coverage_.Count(Counter::kCommands);
}

void Judge::OnGroupBegins(Timestamp clock_now, bool fenced) {
  group_.swap(waiting_);
  waiting_.clear();
  group_time_ = std::max(time_reached_, clock_now);
  fenced_ = fenced;
  if (!fenced && clock_now < time_reached_ && !group_.empty()) {
    coverage_.Count(Counter::kGroupsAfterTheClockWentBack);
  }
}

void Judge::OnReply(const TicketedReply& ticketed) {
  const auto place = ticketed.ticket - (group_.empty() ? 0 : group_.front().ticket);
  Demand(place < group_.size(), "only commands that were asked are answered",
         [&] { return "ticket " + std::to_string(ticketed.ticket); });
  Submitted& submitted = group_[place];
  Demand(!submitted.reply, "every command is answered once",
         [&] { return "ticket " + std::to_string(ticketed.ticket) + " twice"; });
  submitted.reply = ticketed.reply;
  Demand(ticketed.reply.sequence <= log_.synced_sequence(), "durable before said", [&] {
    return "ticket " + std::to_string(ticketed.ticket) + " was answered \"" +
           test::Describe(ticketed.reply) +
           Numbered("\", the log is synced up to", log_.synced_sequence());
  });
}

void Judge::OnGroupEnds() {
  for (const Submitted& submitted : group_) {
    Demand(submitted.reply.has_value(), "every command is answered once",
           [&] { return "ticket " + std::to_string(submitted.ticket) + " was not answered"; });
  }
  if (fenced_) {
    CheckNothingHappened(/*outcome_unknown=*/false);
    coverage_.Count(Counter::kRefusedByTheFence, group_.size());
    group_.clear();
    return;
  }
  if (log_.failed()) {
    CheckNothingHappened(/*outcome_unknown=*/true);
    failed_group_ = std::exchange(group_, {});
    failed_group_time_ = group_time_;
    return;
  }
  const bool written = log_.groups().size() > judged_groups_;
  JudgeGroup(group_time_, written ? &log_.groups().back() : nullptr);
}

void Judge::CheckNothingHappened(bool outcome_unknown) const {
  for (const Submitted& submitted : group_) {
    const auto* unavailable = std::get_if<Unavailable>(&submitted.reply->outcome);
    Demand(unavailable != nullptr && unavailable->outcome_unknown == outcome_unknown,
           "after a failed append callers are answered \"unavailable\"", [&] {
             return "ticket " + std::to_string(submitted.ticket) + " was answered \"" +
                    test::Describe(*submitted.reply) + "\"";
           });
  }
}

void Judge::OnRestart() {
  waiting_.clear();
  if (!failed_group_.empty()) {
    // No later command was decided.
    group_ = std::exchange(failed_group_, {});
    group_time_ = failed_group_time_;
  }
  const std::size_t groups = log_.groups().size();
  if (groups > judged_groups_) {
    Demand(!group_.empty(), "the log holds only what was asked for",
           [&] { return Numbered("group", log_.groups().back().number); });
    JudgeGroup(group_time_, &log_.groups().back());
  } else if (std::any_of(group_.begin(), group_.end(), [](const Submitted& submitted) {
               return submitted.reply &&
                      !std::holds_alternative<Unavailable>(submitted.reply->outcome);
             })) {
    // Answered, and not on the disk: correct only for a group of refusals alone.
    JudgeGroup(group_time_, nullptr);
  }
  group_.clear();
  // The next process knows only the log's time.
  time_reached_ = log_.groups().back().commit_time;
}

void Judge::OnPutBack(test::Model model) {
  model_ = std::move(model);
  judged_groups_ = log_.groups().size();
  time_reached_ = log_.groups().back().commit_time;
}

void Judge::JudgeGroup(Timestamp time, const CommitGroup* disk_group) {
  trace_.Add("group of {} commands, log ends at sequence {}, time {}", group_.size(),
             log_.synced_sequence().value(), static_cast<std::uint64_t>(time.unix_nanoseconds()));
  if (disk_group != nullptr) {
    Demand(disk_group->commit_time == time, "a group's time is max(last time, clock)", [&] {
      return Numbered("group", disk_group->number) + " is at " +
             std::to_string(disk_group->commit_time.unix_nanoseconds()) + " instead of " +
             std::to_string(time.unix_nanoseconds());
    });
  }
  const std::size_t events = disk_group == nullptr ? 0 : disk_group->events.size();
  std::size_t event = 0;
  for (const Submitted& submitted : group_) {
    const test::ModelOutcome expected = model_.Judge(submitted.command, time);
    Count(expected, submitted.command, time);
    if (submitted.reply && !std::holds_alternative<Unavailable>(submitted.reply->outcome)) {
      const auto difference = test::Difference(expected, time, *submitted.reply);
      Demand(!difference, "every reply equals the model's",
             [&] { return "ticket " + std::to_string(submitted.ticket) + ": " + *difference; });
    }
    if (!expected.has_event()) continue;
    Demand(event < events && disk_group->events[event] == *expected.event,
           "the log holds exactly what was decided", [&] {
             return "ticket " + std::to_string(submitted.ticket) + ": expected " +
                    test::Describe(expected) +
                    Numbered("; the log is synced up to", log_.synced_sequence());
           });
    if (const auto* issued = std::get_if<CouponIssued>(&*expected.event)) {
      Demand(issued_.insert(issued->serial).second, "no history issues a serial of another one",
             [&] { return Numbered("serial", issued->serial); });
    }
    ++event;
  }
  Demand(event == events, "the log holds exactly what was decided",
         [&] { return std::to_string(events) + " events instead of " + std::to_string(event); });
  if (disk_group != nullptr) {
    ++judged_groups_;
    coverage_.Count(Counter::kGroups);
    coverage_.Count(Counter::kEvents, events);
  } else {
    coverage_.Count(Counter::kGroupsOfRefusalsAlone);
  }
  time_reached_ = time;
  group_.clear();
}

}  // namespace coupond::simulation
