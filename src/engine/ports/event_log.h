#ifndef COUPOND_ENGINE_PORTS_EVENT_LOG_H_
#define COUPOND_ENGINE_PORTS_EVENT_LOG_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <variant>
#include <vector>

#include "base/error.h"
#include "engine/rules/event.h"
#include "engine/rules/ids.h"
#include "engine/rules/timestamp.h"

/// The append-only log: the truth. The sequencer writes it; recovery, backup and audit read what is
/// stored. The two may be different things when the log is replicated.
namespace coupond {

/// SHA-256 of everything up to and including a group: hash(previous group's hash ‖ payload).
using GroupHash = std::array<std::uint8_t, 32>;

/// The events that share one append and one fsync. Never empty. All of them happened at
/// commit_time, which is not earlier than that of the group before, unless the group's event is a
/// ClockReset. Their sequences are first_sequence, first_sequence + 1, …
struct CommitGroup {
  GroupNumber number;
  Sequence first_sequence;
  Timestamp commit_time;
  std::vector<Event> events;
  /// Those with which the events' commands were allowed, in the same order; none if no event of the
  /// group has a key.
  std::vector<KeyId> keys = {};

  [[nodiscard]] Sequence last_sequence() const {
    return Sequence(first_sequence.value() + events.size() - 1);
  }
  /// Returns the key of the event with this index.
  [[nodiscard]] KeyId KeyOf(std::size_t index) const { return keys.empty() ? kNoKey : keys[index]; }
  /// Sets the key of the events from `first` on and before `end`. Those before `first` must have
  /// got theirs, and those after them none.
  void AddKeys(std::size_t first, std::size_t end, KeyId key) {
    if (first == end || (keys.empty() && key == kNoKey)) return;
    keys.resize(first, kNoKey);
    keys.resize(end, key);
  }

  friend bool operator==(const CommitGroup&, const CommitGroup&) = default;
};

/// Where a log ends.
struct LogTip {
  GroupNumber group;  ///< 0 if the log is empty
  Sequence sequence;  ///< of the last event
  Timestamp time;     ///< of the last group
  GroupHash hash{};   ///< of the last group; all zero before the first

  friend bool operator==(const LogTip&, const LogTip&) = default;
};

/// Reports whether the group's time may follow the end of the log: it is not earlier, or an
/// operator has put time back.
[[nodiscard]] inline bool TimeFollows(const CommitGroup& group, const LogTip& tip) {
  if (tip.group == GroupNumber() || group.commit_time >= tip.time) return true;
  const auto* const reset = std::get_if<ClockReset>(&group.events.front());
  return reset != nullptr && group.events.size() == 1 && reset->previous_time == tip.time;
}

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
  /// sequences have no gap, time does not go back but where a ClockReset says so, and each hash
  /// follows from the one before.
  [[nodiscard]] virtual Status Read(GroupNumber first, const Visitor& visit) const = 0;
};

/// A log in this process, which is both. No other process can append to it, so Confirm is
/// free.
class EventLog : public LogWriter, public LogReader {
 public:
  [[nodiscard]] LogTip Tip() const override = 0;
  [[nodiscard]] Status Confirm() override { return {}; }
};

/// Called with every commit group once it is durable, in order, on the sequencer's thread.
class CommitListener {
 public:
  virtual ~CommitListener() = default;
  /// `tip` is where the log ends with this group. Waiting here holds up all commands.
  virtual void OnCommit(const std::shared_ptr<const CommitGroup>& group, const LogTip& tip) = 0;
};

}  // namespace coupond

#endif  // COUPOND_ENGINE_PORTS_EVENT_LOG_H_
