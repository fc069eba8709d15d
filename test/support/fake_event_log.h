#ifndef COUPOND_TEST_SUPPORT_FAKE_EVENT_LOG_H_
#define COUPOND_TEST_SUPPORT_FAKE_EVENT_LOG_H_

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "engine/ports/event_log.h"

namespace coupond::test {

/// An event log in memory whose syncs the test can hold or fail.
///
/// Any thread may call anything. A held Append blocks its caller until the test releases it; all
/// must have returned when the log is destroyed. The hashes are not SHA-256, but each depends on
/// the previous one and on the group.
class FakeEventLog final : public EventLog {
 public:
  FakeEventLog() = default;
  /// Creates a log that already contains `groups`, as after a restart.
  explicit FakeEventLog(const std::vector<CommitGroup>& groups);

  [[nodiscard]] LogTip Tip() const override;
  [[nodiscard]] Status Append(const CommitGroup& group) override;
  [[nodiscard]] Status Read(GroupNumber first, const Visitor& visit) const override;

  /// Makes every further Append stop in its "sync", before the group is in the log.
  void HoldSyncs();
  /// Releases exactly `count` held or future appends, and holds the others.
  void LetThrough(std::size_t count);
  /// Releases all appends.
  void ReleaseSyncs();
  /// Waits until an Append has stopped in its sync.
  void WaitUntilHeld();

  /// What is on the disk after a failed append, whose outcome the caller does not know.
  enum class AfterFailure { kGroupLost, kGroupKept };
  /// Makes the append after `successes` further ones fail with `error`, and all later ones with
  /// kUnavailable.
  void FailAppendAfter(std::size_t successes, Error error,
                       AfterFailure after = AfterFailure::kGroupLost);
  /// Makes reading this group fail with `error`.
  void FailReadAt(GroupNumber group, Error error);
  /// Makes the next reading of this group throw std::bad_alloc.
  void ThrowAtNextReadOf(GroupNumber group);

  /// Makes Read leave out the texts of these coupons' users, until ShowTexts.
  void HideTexts(std::span<const Serial> coupons);
  void ShowTexts(std::span<const Serial> coupons);
  /// Removes the hidden texts of these groups from the disk. The hashes do not depend on them.
  void RemoveHiddenTexts(std::span<const GroupNumber> groups);

  /// Returns what is on the disk: after a failure with kGroupKept, one group more than Tip says.
  [[nodiscard]] std::vector<CommitGroup> Groups() const;
  /// Returns the number of calls of Append so far, including failed ones.
  [[nodiscard]] std::size_t append_calls() const;
  /// Returns the number of calls of Append after the failed one. A fenced writer makes none.
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
  void RemoveHiddenTexts(CommitGroup& group) const;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<CommitGroup> groups_;
  std::vector<GroupHash> hashes_;
  std::set<Serial> hidden_texts_;
  bool holding_ = false;
  std::size_t let_through_ = 0;
  std::size_t held_ = 0;
  std::optional<Failure> failure_;
  std::optional<ReadFailure> read_failure_;
  mutable std::optional<GroupNumber> throws_at_;  // one that is read
  bool failed_ = false;
  std::size_t append_calls_ = 0;
  std::size_t append_calls_after_failure_ = 0;
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_SUPPORT_FAKE_EVENT_LOG_H_
