#include "simulation/judge.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "engine/sequencer/command_queue.h"
#include "simulation/violation.h"

namespace coupond::simulation {
namespace {

constexpr std::size_t kGroupBytesMax = 512 * 1'024;

}  // namespace

Judge::Judge(const SimulatedLog& log, test::Model model, Timestamp created_at, Coverage& coverage,
             Trace& trace)
    : log_(log),
      coverage_(coverage),
      trace_(trace),
      model_(std::move(model)),
      time_reached_(created_at) {}

void Judge::OnSubmitted(std::uint64_t ticket, const Command& command, KeyId key, From from) {
  waiting_.push_back(Submitted{ticket, command, key, std::nullopt, from});
  coverage_.Count(Counter::kCommands);
}

bool Judge::has_erasers_command() const {
  const auto has = [](const std::vector<Submitted>& commands) {
    return std::ranges::any_of(
        commands, [](const Submitted& command) { return command.from == From::kEraser; });
  };
  return has(waiting_) || has(taken_) || has(group_);
}

void Judge::OnGroupBegins(const ClockReading& clock, bool fenced) {
  TakeGroup();
  group_time_ = std::max(time_reached_, clock.now);
  group_clock_ = clock;
  fenced_ = fenced;
  if (!fenced && clock.now < time_reached_ && !group_.empty()) {
    coverage_.Count(Counter::kGroupsAfterTheClockWentBack);
  }
}

void Judge::TakeGroup() {
  if (taken_.empty()) taken_.swap(waiting_);
  std::size_t bytes = 0;
  std::size_t count = 0;
  for (; count < taken_.size(); ++count) {
    bytes += EventBytesMax(taken_[count].command, taken_[count].key);
    if (bytes > kGroupBytesMax && count > 0) break;
  }
  const auto end = taken_.begin() + static_cast<std::ptrdiff_t>(count);
  group_.assign(std::move_iterator(taken_.begin()), std::move_iterator(end));
  taken_.erase(taken_.begin(), end);
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
    Demand(submitted.reply.has_value() || submitted.from == From::kEraser,
           "every command is answered once",
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
    failed_group_clock_ = group_clock_;
    return;
  }
  const bool written = log_.groups().size() > judged_groups_;
  JudgeGroup(group_time_, written ? &log_.groups().back() : nullptr);
}

void Judge::CheckNothingHappened(bool outcome_unknown) const {
  for (const Submitted& submitted : group_) {
    if (submitted.from == From::kEraser) continue;
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
  taken_.clear();
  if (!failed_group_.empty()) {
    // No later command was decided.
    group_ = std::exchange(failed_group_, {});
    group_time_ = failed_group_time_;
    group_clock_ = failed_group_clock_;
  }
  const std::size_t groups = log_.groups().size();
  if (groups > judged_groups_ && accepting_) {
    JudgeReset(log_.groups().back());
  } else if (groups > judged_groups_) {
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
  accepting_.reset();
  // The next process knows only the log's time.
  time_reached_ = log_.groups().back().commit_time;
}

void Judge::OnPutBack(test::Model model) {
  model_ = std::move(model);
  judged_groups_ = log_.groups().size();
  time_reached_ = log_.groups().back().commit_time;
}

void Judge::OnAcceptBegins(Timestamp time) { accepting_ = time; }

std::optional<Timestamp> Judge::OnAccepted(const Reply& reply) {
  if (log_.failed()) return std::nullopt;  // the next start shows its fate
  const Timestamp time = *accepting_;
  const bool goes_back = time < time_reached_;
  const auto* const done = std::get_if<Done>(&reply.outcome);
  Demand(done != nullptr && done->changed && reply.time == time &&
             goes_back == (log_.groups().size() > judged_groups_) &&
             reply.sequence == log_.synced_sequence(),
         "what an operator accepts is gone by", [&] { return test::Describe(reply); });
  if (goes_back) JudgeReset(log_.groups().back());
  accepting_.reset();
  time_reached_ = time;
  coverage_.Count(Counter::kClockAccepted);
  return time;
}

void Judge::JudgeReset(const CommitGroup& group) {
  const CommitGroup& before = log_.groups()[log_.groups().size() - 2];
  Demand(group.commit_time == *accepting_ &&
             group.events == std::vector<Event>{ClockReset{.previous_time = before.commit_time}} &&
             group.keys == std::vector<KeyId>{kOperatorsKey},
         "a reset of the clock says what it resets",
         [&] { return Numbered("group", group.number); });
  model_.ResetClock(group.commit_time);
  ++judged_groups_;
  coverage_.Count(Counter::kGroups);
  coverage_.Count(Counter::kEvents);
  coverage_.Count(Counter::kClockResets);
}

std::optional<test::ModelOutcome> Judge::JudgeInDispute(const Submitted& submitted,
                                                        Timestamp time) {
  const Command& command = submitted.command;
  test::Model then_model = model_;
  const test::ModelOutcome then = then_model.Judge(command, *group_clock_.disputed, submitted.key);
  test::Model now_model = model_;
  test::ModelOutcome now = now_model.Judge(command, time, submitted.key);
  coverage_.Count(Counter::kDecidedInADispute);
  if (!test::IsSameButForTheTime(now, then)) return std::nullopt;
  model_ = std::move(now_model);
  return now;
}

void Judge::CheckRefused(const Submitted& submitted, const Refusal& expected) const {
  if (!submitted.reply || std::holds_alternative<Unavailable>(submitted.reply->outcome)) return;
  const auto* const refusal = std::get_if<Refusal>(&submitted.reply->outcome);
  Demand(refusal != nullptr && *refusal == expected,
         "what depends on a disputed time is refused with both times", [&] {
           return "ticket " + std::to_string(submitted.ticket) + " was answered \"" +
                  test::Describe(*submitted.reply) + "\"";
         });
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
    if (is_log_ahead()) {
      coverage_.Count(Counter::kRefusedLogAhead);
      CheckRefused(submitted, {.reason = RefusalReason::kLogAhead,
                               .at = time_reached_,
                               .clock = group_clock_.disputed.value_or(group_clock_.now)});
      continue;
    }
    const auto judged = group_clock_.disputed
                            ? JudgeInDispute(submitted, time)
                            : std::optional(model_.Judge(submitted.command, time, submitted.key));
    if (!judged) {
      coverage_.Count(Counter::kRefusedClockAhead);
      CheckRefused(
          submitted,
          {.reason = RefusalReason::kClockAhead, .at = *group_clock_.disputed, .clock = time});
      continue;
    }
    const test::ModelOutcome& expected = *judged;
    Count(expected, submitted.command, time);
    if (submitted.reply && !std::holds_alternative<Unavailable>(submitted.reply->outcome)) {
      const auto difference = test::Difference(expected, time, *submitted.reply);
      Demand(!difference, "every reply equals the model's",
             [&] { return "ticket " + std::to_string(submitted.ticket) + ": " + *difference; });
      CheckResults(submitted, expected);
    }
    if (!expected.has_event()) continue;
    const auto expect = [&](const Event& next) {
      Demand(event < events && disk_group->events[event] == next,
             "the log holds exactly what was decided", [&] {
               return "ticket " + std::to_string(submitted.ticket) + ": expected " +
                      test::Describe(expected) +
                      Numbered("; the log is synced up to", log_.synced_sequence());
             });
      Demand(disk_group->KeyOf(event) == submitted.key, "each event has the key of its command",
             [&] {
               return "ticket " + std::to_string(submitted.ticket) +
                      Numbered("; the log is synced up to", log_.synced_sequence());
             });
      if (submitted.key != kNoKey) coverage_.Count(Counter::kEventsWithKeys);
      NoteIssued(next);
      ++event;
    };
    expect(*expected.event);
    std::ranges::for_each(expected.following, expect);
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

void Judge::CheckResults(const Submitted& submitted, const test::ModelOutcome& expected) const {
  const auto* const batch = std::get_if<BatchIssueCoupons>(&submitted.command);
  if (batch == nullptr) return;
  const std::vector<BatchResult>& results = batch->results->coupons;
  const bool is_decided_now = expected.kind == test::ModelOutcome::Kind::kBatch ||
                              expected.kind == test::ModelOutcome::Kind::kUnchanged;
  bool is_right = !is_decided_now || results == expected.results;
  if (!is_decided_now) is_right = std::ranges::none_of(results, &BatchResult::is_new);
  Demand(is_right, "everyone in a batch gets what they would get alone",
         [&] { return "ticket " + std::to_string(submitted.ticket); });
  if (expected.kind != test::ModelOutcome::Kind::kRepeated) return;
  Demand(results.size() == batch->users.size(), "a repeated batch shows what everyone has",
         [&] { return "ticket " + std::to_string(submitted.ticket); });
  const test::ModelCampaign& campaign = *model_.Find(batch->campaign_id);
  for (std::size_t i = 0; i < results.size(); ++i) {
    const auto held = campaign.FindHeld(batch->users[i]);
    const std::optional<HeldCoupon>& shown = results[i].coupon;
    const bool is_theirs = shown && !results[i].refusal;
    Demand(held ? is_theirs && shown->serial == campaign.coupons[held->ordinal].serial : !is_theirs,
           "a repeated batch shows what everyone has",
           [&] { return "ticket " + std::to_string(submitted.ticket); });
  }
}

void Judge::NoteIssued(const Event& event) {
  const auto* const issued = std::get_if<CouponIssued>(&event);
  if (issued == nullptr) return;
  Demand(issued_.insert(issued->serial).second, "no history issues a serial of another one",
         [&] { return Numbered("serial", issued->serial); });
}

}  // namespace coupond::simulation
