#include "engine/rules/issue_times.h"

#include <algorithm>
#include <cstdint>
#include <iterator>

#include "base/check.h"

namespace coupond {

Timestamp IssueTimes::Of(std::uint32_t ordinal) const {
  const auto chunk = std::partition_point(
      chunks_.begin(), chunks_.end(),
      [ordinal](const Chunk& candidate) { return candidate.front().first <= ordinal; });
  COUPOND_CHECK(chunk != chunks_.begin());
  const Chunk& runs = *std::prev(chunk);
  const auto after = std::partition_point(
      runs.begin(), runs.end(), [ordinal](const Run& run) { return run.first <= ordinal; });
  return std::prev(after)->time();
}

}  // namespace coupond
