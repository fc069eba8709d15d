#ifndef COUPOND_ENGINE_VIEWS_LOG_LOOKUP_H_
#define COUPOND_ENGINE_VIEWS_LOG_LOOKUP_H_

#include "base/error.h"
#include "engine/ports/event_log.h"
#include "engine/rules/ids.h"

/// Single groups of a stored log. Any thread, as far as the log allows it.
namespace coupond {

/// Returns the group of that number. kLogGap if the log has none; what LogReader::Read returns.
[[nodiscard]] Result<CommitGroup> ReadGroup(const LogReader& log, GroupNumber number);

/// Returns the number of the group that has the event `sequence`, which the log must have. Reads
/// some twenty groups of a log of a million.
[[nodiscard]] Result<GroupNumber> FindGroup(const LogReader& log, Sequence sequence);

}  // namespace coupond

#endif  // COUPOND_ENGINE_VIEWS_LOG_LOOKUP_H_
