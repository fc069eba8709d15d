#include "simulation/simulated_log.h"

#include <algorithm>
#include <new>
#include <utility>
#include <variant>

#include "simulation/violation.h"
#include "support/event_hash.h"

namespace coupond::simulation {
LogTip SimulatedLog::Tip() const {
  if (groups().empty()) return {};
  const CommitGroup& last = groups().back();
  return {last.number, last.last_sequence(), last.commit_time, contents_.hashes.back()};
}

Sequence SimulatedLog::synced_sequence() const {
  return groups().empty() ? Sequence(0) : groups().back().last_sequence();
}

void SimulatedLog::CheckOrder(const CommitGroup& group) const {
  const LogTip tip = Tip();
  Demand(!failed_, "nothing is written after a failed append",
         [&] { return Numbered("an append of group", group.number); });
  Demand(!group.events.empty(), "groups are never empty",
         [&] { return Numbered("an empty group", group.number); });
  Demand(group.number == tip.group.Next() && group.first_sequence == tip.sequence.Next(),
         "the log has no gap", [&] {
           return Numbered("group", group.number) +
                  Numbered(" begins with sequence", group.first_sequence) +
                  Numbered(" after group", tip.group) + Numbered(", sequence", tip.sequence);
         });
  Demand(TimeFollows(group, tip), "time in the log never goes back", [&] {
    return Numbered("group", group.number) + " is at " +
           std::to_string(group.commit_time.unix_nanoseconds()) + ", the one before at " +
           std::to_string(tip.time.unix_nanoseconds());
  });
}

Status SimulatedLog::Append(const CommitGroup& group) {
  CheckOrder(group);
  crash_points_.Pass(Counter::kCrashesBeforeAppend);
  const auto fault = std::exchange(fault_, std::nullopt);
  failed_ = fault.has_value();
  if (fault == Fault::kNoSpace || fault == Fault::kSyncFails) {
    coverage_.Count(Counter::kAppendsFailed);
  } else if (fault) {
    coverage_.Count(Counter::kAppendsThatThrew);
  }
  if (fault)
    trace_.Add("append of group {} fails (fault {})", group.number.value(),
               static_cast<std::uint64_t>(*fault));
  if (fault == Fault::kNoSpace) return MakeError(ErrorCode::kNoSpace, "simulated: disk full");
  if (fault == Fault::kThrowsBeforeWrite) throw std::bad_alloc();
  unsynced_ = group;
  crash_points_.Pass(Counter::kCrashesBeforeSync);
  if (fault == Fault::kSyncFails) return MakeError(ErrorCode::kIo, "simulated: sync failed");
  if (fault == Fault::kThrowsBeforeSync) throw std::bad_alloc();
  unsynced_.reset();
  Keep(group);
  crash_points_.Pass(Counter::kCrashesBeforeReply);
  return {};
}

void SimulatedLog::Keep(const CommitGroup& group) {
  std::vector<GroupHash>& hashes = contents_.hashes;
  hashes.push_back(test::FakeHashAfter(hashes.empty() ? GroupHash{} : hashes.back(), group));
  contents_.groups.push_back(group);
  may_have_erasures_ =
      may_have_erasures_ || std::ranges::any_of(group.events, [](const Event& event) {
        return std::holds_alternative<UserErased>(event);
      });
}

Status SimulatedLog::Read(GroupNumber first, const Visitor& visit) const {
  for (std::size_t place = first.value() - 1; place < groups().size(); ++place) {
    crash_points_.Pass(Counter::kCrashesWhileReadingTheLog);
    const CommitGroup& group = groups()[place];
    std::optional<CommitGroup> shown;
    for (std::size_t i = 0; i < group.events.size(); ++i) {
      if (FindHidden(group.events[i]) == nullptr) continue;
      if (!shown) shown = group;
      std::get<CouponIssued>(shown->events[i]).user_id.clear();
    }
    if (Status visited = visit(shown ? *shown : group, contents_.hashes[place]); !visited) {
      return visited;
    }
  }
  return {};
}

const CouponIssued* SimulatedLog::FindHidden(const Event& event) const {
  if (hidden_.empty()) return nullptr;
  const auto* const issued = std::get_if<CouponIssued>(&event);
  const bool is_hidden = issued != nullptr && !issued->user_id.empty() && Hides(issued->serial);
  return is_hidden ? issued : nullptr;
}

void SimulatedLog::RemoveHiddenTexts(GroupNumber group) {
  for (Event& event : contents_.groups.at(group.value() - 1).events) {
    if (FindHidden(event) == nullptr) continue;
    std::get<CouponIssued>(event).user_id.clear();
    coverage_.Count(Counter::kTextsRemovedFromTheLog);
  }
}

void SimulatedLog::Restart(bool unsynced_group_is_there) {
  if (unsynced_) {
    coverage_.Count(unsynced_group_is_there ? Counter::kUnsyncedTailsKept
                                            : Counter::kUnsyncedTailsLost);
    trace_.Add(
        unsynced_group_is_there ? "unsynced group {} is on disk" : "unsynced group {} is lost",
        unsynced_->number.value());
    if (unsynced_group_is_there) Keep(*unsynced_);
  }
  unsynced_.reset();
  hidden_.clear();
  fault_.reset();
  failed_ = false;
}

void SimulatedLog::PutBack(const Contents& contents, const CommitGroup& group) {
  contents_ = contents;
  hidden_.clear();
  Keep(group);
}

const CommitGroup* SimulatedLog::GroupOf(Sequence sequence) const {
  if (sequence == Sequence(0) || sequence > synced_sequence()) return nullptr;
  const auto after = std::partition_point(
      groups().begin(), groups().end(),
      [sequence](const CommitGroup& group) { return group.first_sequence <= sequence; });
  return &*std::prev(after);
}

}  // namespace coupond::simulation
