#ifndef COUPOND_ENGINE_PORTS_EVENT_LOG_H_
#define COUPOND_ENGINE_PORTS_EVENT_LOG_H_

#include <functional>

#include "base/error.h"
#include "engine/ports/commit_group.h"
#include "engine/rules/ids.h"

namespace coupond {

/// The append-only log: the truth. An implementation may be embedded or replicated.
///
/// Threads: Append is called by the sequencer alone. Tip and Read may run beside it, on any thread.
class EventLog {
 public:
  virtual ~EventLog() = default;

  /// Where the log ends.
  [[nodiscard]] virtual LogTip Tip() const = 0;

  /// Adds the group that follows the tip; returns only when it is durable. After an error the
  /// outcome is unknown: the group may or may not be found at the next open. The log then refuses
  /// every further append, and the caller must stop (the fence).
  [[nodiscard]] virtual Status Append(const CommitGroup& group) = 0;

  /// Called with each group and the hash that the log holds for it. An error ends the reading and
  /// is returned by Read.
  using Visitor = std::function<Status(const CommitGroup& group, const GroupHash& hash)>;

  /// Hands out the groups from `first` to the tip in order, checking on the way that numbers and
  /// sequences have no gap, time does not go back and each hash follows from the one before.
  [[nodiscard]] virtual Status Read(GroupNumber first, const Visitor& visit) const = 0;
};

}  // namespace coupond

#endif  // COUPOND_ENGINE_PORTS_EVENT_LOG_H_
