#ifndef COUPOND_TEST_SIMULATION_SIMULATED_LOG_H_
#define COUPOND_TEST_SIMULATION_SIMULATED_LOG_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "engine/ports/event_log.h"
#include "simulation/crash_points.h"

namespace coupond::simulation {

/// The event log on a simulated disk. A group that was written but not synced may or may not be
/// there after a crash; one that was synced is there. Texts that are hidden are left out by Read
/// until the process ends; those that are removed are gone for good. One thread.
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

  /// Hides the texts of these coupons' users from readers, or shows them again.
  void Hide(std::span<const Serial> coupons) { hidden_.insert(coupons.begin(), coupons.end()); }
  void Show(std::span<const Serial> coupons) {
    for (const Serial coupon : coupons) hidden_.erase(coupon);
  }
  [[nodiscard]] bool Hides(Serial coupon) const { return hidden_.contains(coupon); }
  /// Removes the texts that are hidden from a group on the disk.
  void RemoveHiddenTexts(GroupNumber group);

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
  /// Reports whether users were erased; also true if they only were in a log that was put back.
  [[nodiscard]] bool may_have_erasures() const { return may_have_erasures_; }
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
  /// Returns the coupon of an event if its text is hidden, or null.
  [[nodiscard]] const CouponIssued* FindHidden(const Event& event) const;

  CrashPoints& crash_points_;
  Coverage& coverage_;
  Trace& trace_;
  Contents contents_;
  std::set<Serial> hidden_;  // in this process
  bool may_have_erasures_ = false;
  std::optional<CommitGroup> unsynced_;
  std::optional<Fault> fault_;
  bool failed_ = false;
};

}  // namespace coupond::simulation

#endif  // COUPOND_TEST_SIMULATION_SIMULATED_LOG_H_
