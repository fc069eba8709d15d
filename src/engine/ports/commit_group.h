#ifndef COUPOND_ENGINE_PORTS_COMMIT_GROUP_H_
#define COUPOND_ENGINE_PORTS_COMMIT_GROUP_H_

#include <array>
#include <cstdint>
#include <vector>

#include "engine/rules/event.h"
#include "engine/rules/ids.h"
#include "engine/rules/timestamp.h"

namespace coupond {

/// SHA-256 of everything up to and including a group: hash(previous group's hash ‖ payload).
using GroupHash = std::array<std::uint8_t, 32>;

/// The events that share one append and one fsync. Never empty. All of them happened at
/// commit_time, which is never earlier than that of the group before. Their sequences are
/// first_sequence, first_sequence + 1, …
struct CommitGroup {
  GroupNumber number;
  Sequence first_sequence;
  Timestamp commit_time;
  std::vector<Event> events;

  [[nodiscard]] Sequence last_sequence() const {
    return Sequence(first_sequence.value() + events.size() - 1);
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

}  // namespace coupond

#endif  // COUPOND_ENGINE_PORTS_COMMIT_GROUP_H_
