#include "engine/views/log_lookup.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "base/check.h"

namespace coupond {

Result<CommitGroup> ReadGroup(const LogReader& log, GroupNumber number) {
  std::optional<CommitGroup> found;
  const Status read = log.Read(number, [&](const CommitGroup& group, const GroupHash&) -> Status {
    found = group;
    return MakeError(ErrorCode::kUnavailable, "one group is enough");
  });
  if (found) return *std::move(found);
  TRY(read);
  return MakeError(ErrorCode::kLogGap, "the log has no group " + std::to_string(number.value()));
}

Result<GroupNumber> FindGroup(const LogReader& log, Sequence sequence) {
  const LogTip tip = log.Tip();
  COUPOND_CHECK(sequence != Sequence() && sequence <= tip.sequence);
  // Each group has an event, so a group's number is at most its first sequence.
  std::uint64_t low = 1;
  std::uint64_t high = std::min(tip.group.value(), sequence.value());
  while (low < high) {
    const std::uint64_t middle = low + (high - low + 1) / 2;
    const CommitGroup group = TRY(ReadGroup(log, GroupNumber(middle)));
    if (group.first_sequence <= sequence) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return GroupNumber(low);
}

}  // namespace coupond
