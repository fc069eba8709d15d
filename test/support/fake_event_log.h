#ifndef COUPOND_TEST_SUPPORT_FAKE_EVENT_LOG_H_
#define COUPOND_TEST_SUPPORT_FAKE_EVENT_LOG_H_

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <vector>

#include "engine/ports/event_log.h"

namespace coupond::test {

/// An event log in memory whose sync the test holds back or fails.
///
/// Any thread may call anything; a held Append blocks its caller until the test lets go. Hold
/// nothing when the log is destroyed: a caller inside Append must have come back. The hashes are
/// not SHA-256, but each depends on the one before and on the group.
class FakeEventLog final : public EventLog {
 public:
  FakeEventLog() = default;
  /// A log that already contains `groups`, as after a restart.
  explicit FakeEventLog(const std::vector<CommitGroup>& groups);

  [[nodiscard]] LogTip Tip() const override;
  [[nodiscard]] Status Append(const CommitGroup& group) override;
  [[nodiscard]] Status Read(GroupNumber first, const Visitor& visit) const override;

  /// From now on every Append stops in its "sync": the group is not in the log yet.
  void HoldSyncs();
  /// Lets exactly `count` held or future appends through, and holds the rest.
  void LetThrough(std::size_t count);
  /// Ends the holding.
  void ReleaseSyncs();
  /// Returns when an Append has stopped in its sync.
  void WaitUntilHeld();

  /// What the disk holds after an append that failed: the outcome is unknown to the caller.
  enum class AfterFailure { kGroupLost, kGroupKept };
  /// The append after `successes` more fails with `error`, and every one after it with
  /// kUnavailable.
  void FailAppendAfter(std::size_t successes, Error error,
                       AfterFailure after = AfterFailure::kGroupLost);
  /// Reading fails with `error` when it comes to this group.
  void FailReadAt(GroupNumber group, Error error);

  /// What the disk holds: after a failure with kGroupKept this is one more than Tip says.
  [[nodiscard]] std::vector<CommitGroup> Groups() const;
  /// Calls of Append so far, with those that failed.
  [[nodiscard]] std::size_t append_calls() const;
  /// Calls of Append after the one that failed: a fenced writer makes none.
  [[nodiscard]] std::size_t append_calls_after_failure() const;

 private:
  struct Failure {
    std::size_t successes_before;
    Error error;
    AfterFailure after;
  };
  struct ReadFailure {
    GroupNumber group;
    Error error;
  };

  [[nodiscard]] LogTip TipLocked() const;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<CommitGroup> groups_;
  std::vector<GroupHash> hashes_;
  bool holding_ = false;
  std::size_t let_through_ = 0;
  std::size_t held_ = 0;
  std::optional<Failure> failure_;
  std::optional<ReadFailure> read_failure_;
  bool failed_ = false;
  std::size_t append_calls_ = 0;
  std::size_t append_calls_after_failure_ = 0;
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_SUPPORT_FAKE_EVENT_LOG_H_
