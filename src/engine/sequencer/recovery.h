#ifndef COUPOND_ENGINE_SEQUENCER_RECOVERY_H_
#define COUPOND_ENGINE_SEQUENCER_RECOVERY_H_

#include <cstdint>
#include <functional>

#include "base/error.h"
#include "engine/ports/event_log.h"
#include "engine/ports/view_store.h"
#include "engine/rules/ledger.h"

namespace coupond {

/// Called now and then while the log's tail is read, with the number of groups read so far and of
/// all to be read. Returns whether to go on.
using RecoveryProgress = std::function<bool(std::uint64_t groups_done, std::uint64_t groups)>;

/// Builds the ledger at start: loads it from the views at their checkpoint, then verifies and
/// applies the log from there to its tip. Each group of the tail also goes to `tail_listener` (the
/// projector), which brings the views up to date meanwhile.
///
/// Errors: what the log's reading finds; kLogBehindWatermark when the views contain groups that the
/// log does not, kLogChainBroken when they were made from another history, kUnavailable when
/// `progress` returned false. The log is not changed, whatever the outcome.
[[nodiscard]] Result<Ledger> Recover(const LogReader& log, const ViewStore& views,
                                     CommitListener& tail_listener,
                                     const RecoveryProgress& progress);

}  // namespace coupond

#endif  // COUPOND_ENGINE_SEQUENCER_RECOVERY_H_
