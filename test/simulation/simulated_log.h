#ifndef COUPOND_TEST_SIMULATION_SIMULATED_LOG_H_
#define COUPOND_TEST_SIMULATION_SIMULATED_LOG_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/ports/event_log.h"
#include "simulation/crash_points.h"

namespace coupond::simulation {

/// The event log on a simulated disk. A group that was written but not synced may or may not be
/// there after a crash; one that was synced is there. One thread.
class SimulatedLog final : public EventLog {
 public:
  SimulatedLog(CrashPoints& crash_points, Coverage& coverage, Trace& trace)
      : crash_points_(crash_points), coverage_(coverage), trace_(trace) {}

  [[nodiscard]] LogTip Tip() const override;
  /// Also checks that the sequencer keeps the log's rules: dense numbers, time that does not go
  /// back, nothing after a failure.
  [[nodiscard]] Status Append(const CommitGroup& group) override;
  [[nodiscard]] Status Read(GroupNumber first, const Visitor& visit) const override;

  enum class Fault : std::uint8_t { kNoSpace, kSyncFails, kThrowsBeforeWrite, kThrowsBeforeSync };
  /// Makes the next Append fail in this way.
  void FailNextAppend(Fault fault) { fault_ = fault; }

  /// The process died, and the next one opens the log: an unsynced group has reached the disk, or
  /// not.
  void Restart(bool unsynced_group_is_there);

  /// All groups that are synced, and their hashes.
  struct Contents {
    std::vector<CommitGroup> groups;
    std::vector<GroupHash> hashes;
  };
  [[nodiscard]] const Contents& contents() const { return contents_; }
  /// Replaces everything by what the log once contained, and a group after it. No process has it
  /// open.
  void PutBack(const Contents& contents, const CommitGroup& group);

  [[nodiscard]] const std::vector<CommitGroup>& groups() const { return contents_.groups; }
  /// Returns the sequence up to which the log is synced.
  [[nodiscard]] Sequence synced_sequence() const;
  [[nodiscard]] const GroupHash& hash(GroupNumber group) const {
    return contents_.hashes[group.value() - 1];
  }
  /// Reports whether the log contains the group that ends there.
  [[nodiscard]] bool Has(const LogTip& tip) const {
    return tip.group.value() >= 1 && tip.group.value() <= groups().size() &&
           hash(tip.group) == tip.hash;
  }
  /// Returns the group that the event is in, or nullptr if there is no such event.
  [[nodiscard]] const CommitGroup* GroupOf(Sequence sequence) const;
  /// Reports whether an append failed in this process.
  [[nodiscard]] bool failed() const { return failed_; }

 private:
  void CheckOrder(const CommitGroup& group) const;
  void Keep(const CommitGroup& group);

  CrashPoints& crash_points_;
  Coverage& coverage_;
  Trace& trace_;
  Contents contents_;
  std::optional<CommitGroup> unsynced_;
  std::optional<Fault> fault_;
  bool failed_ = false;
};

}  // namespace coupond::simulation

#endif  // COUPOND_TEST_SIMULATION_SIMULATED_LOG_H_
