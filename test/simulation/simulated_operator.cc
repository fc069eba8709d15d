#include "simulation/simulated_operator.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "engine/rules/decide_restore.h"
#include "simulation/erasure_check.h"
#include "simulation/log_replay.h"

namespace coupond::simulation {
namespace {

// Few, so that some are used twice.
constexpr std::size_t kBackupsMax = 3;

/// Reports whether files may have a text by the log, and not by a backup, or the other way round.
bool DifferInErasures(const SimulatedLog& log, const std::vector<CommitGroup>& backup) {
  const LoggedErasures now(log.groups());
  const LoggedErasures then(backup);
  return std::ranges::any_of(then.coupons(), [&](const auto& entry) {
    const auto found = now.coupons().find(entry.first);
    return found != now.coupons().end() &&
           (found->second.erased.has_value() != entry.second.erased.has_value() ||
            now.IsFinished(found->second) != then.IsFinished(entry.second));
  });
}

}  // namespace

void SimulatedOperator::MakeBackup() {
  if (!world_.judge.has_judged_all()) return;
  if (backups_.size() == kBackupsMax) {
    backups_.erase(backups_.begin() +
                   static_cast<std::ptrdiff_t>(world_.random.Below(kBackupsMax)));
  }
  backups_.push_back({.log = world_.log.contents(),
                      .model = world_.judge.model(),
                      .history = world_.histories.present()});
  world_.trace.Add("a backup up to sequence {}", world_.log.synced_sequence().value());
}

void SimulatedOperator::PutBack() {
  const std::size_t newest = backups_.size() - 1;
  Backup& backup = backups_[world_.random.OneIn(2) ? newest : world_.random.Below(newest + 1)];
  const CommitGroup& last = backup.log.groups.back();
  LogReplay replay;
  replay.Follow(backup.log.groups);
  const auto restored = DecideRestore(replay.ledger(), world_.random.Next());
  if (!restored) return;
  const CommitGroup group{.number = last.number.Next(),
                          .first_sequence = last.last_sequence().Next(),
                          .commit_time = std::max(last.commit_time, world_.clock.Now()),
                          .events = {*restored}};
  test::Model model = backup.model;
  model.PutBack(restored->first_serial, group.commit_time);

  // Views of a store that has erased other users are no use: rows may lack texts, or have too many.
  const bool keeps_views =
      !world_.random.OneIn(2) && !DifferInErasures(world_.log, backup.log.groups);
  world_.log.PutBack(backup.log, group);
  world_.views.PutBack(keeps_views ? world_.random.Next() : 0);
  world_.watermark.PutBack();
  world_.histories.Branch(backup.history, last.last_sequence());
  world_.clients.OnPutBack(model);
  world_.judge.OnPutBack(std::move(model));
  world_.coverage.Count(std::exchange(backup.used, true) ? Counter::kPutBackToTheSameBackup
                                                         : Counter::kPutBack);
  world_.trace.Add("the store is put back to sequence {}, with serials from {} on",
                   last.last_sequence().value(), restored->first_serial.value());
}

}  // namespace coupond::simulation
