#ifndef COUPOND_ENGINE_PORTS_EVENT_LOG_H_
#define COUPOND_ENGINE_PORTS_EVENT_LOG_H_

#include <functional>

#include "base/error.h"
#include "engine/ports/commit_group.h"
#include "engine/rules/ids.h"

/// The append-only log: the truth. The sequencer writes it; recovery, backup and audit read what is
/// stored. The two may be different things when the log is replicated.
namespace coupond {

/// The log as its one writer sees it. The sequencer's thread alone calls Append and Confirm; Tip
/// may run beside them, on any thread.
class LogWriter {
 public:
  virtual ~LogWriter() = default;

  /// Returns where the log ends.
  [[nodiscard]] virtual LogTip Tip() const = 0;

  /// Adds the group that follows the tip; returns only when it is durable. After an error the
  /// outcome is unknown: the group may or may not be found at the next open. The log then refuses
  /// every further append, and the caller must stop (the fence).
  [[nodiscard]] virtual Status Append(const CommitGroup& group) = 0;

  /// Returns when it is certain that the tip is still the end of the log, so that what rests on it
  /// may be said. A group of refusals alone appends nothing, but a writer that another one has
  /// replaced must not answer it either. After an error the caller must stop.
  [[nodiscard]] virtual Status Confirm() = 0;
};

/// The log as it is stored. Any thread, also beside the writer.
class LogReader {
 public:
  virtual ~LogReader() = default;

  /// Returns where the stored log ends.
  [[nodiscard]] virtual LogTip Tip() const = 0;

  /// Called with each group and the hash that the log holds for it. An error ends the reading and
  /// is returned by Read.
  using Visitor = std::function<Status(const CommitGroup& group, const GroupHash& hash)>;

  /// Hands out the groups from `first` to the tip in order, checking on the way that numbers and
  /// sequences have no gap, time does not go back and each hash follows from the one before.
  [[nodiscard]] virtual Status Read(GroupNumber first, const Visitor& visit) const = 0;
};

/// A log in this process, which is both. No other process can append to it, so Confirm is
/// free.
class EventLog : public LogWriter, public LogReader {
 public:
  [[nodiscard]] LogTip Tip() const override = 0;
  [[nodiscard]] Status Confirm() override { return {}; }
};

}  // namespace coupond

#endif  // COUPOND_ENGINE_PORTS_EVENT_LOG_H_
