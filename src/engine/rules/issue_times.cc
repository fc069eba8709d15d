#include "engine/rules/issue_times.h"

#include <cstddef>
#include <cstdint>

#include "base/check.h"

namespace coupond {

Timestamp IssueTimes::Of(std::uint32_t ordinal) const {
  const std::size_t after =
      runs_.PartitionPoint([ordinal](const Run& run) { return run.first <= ordinal; });
  COUPOND_CHECK(after > 0);
  return runs_[after - 1].time();
}

}  // namespace coupond
