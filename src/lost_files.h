#ifndef COUPOND_LOST_FILES_H_
#define COUPOND_LOST_FILES_H_

#include <vector>

#include "engine/ports/clock.h"
#include "engine/ports/error.h"
#include "program/stop_signals.h"
#include "storage/file_guard.h"
#include "storage/store.h"

/// What the server says and does when somebody else has touched the files of its store.
namespace coupond {

/// The reason to stop; kFileLost.
[[nodiscard]] Error FileLostError(const std::vector<storage::FileLoss>& losses);

/// Logs that views were lost, which is no reason to stop.
void WarnOfLostViews(const std::vector<storage::FileLoss>& losses);

/// Saves what was acknowledged, and logs where it is. As long as the disk does not take it, this
/// process's memory may be the only place that has it, so it is tried again and again until it
/// succeeds or a signal comes. Store::Rescue says when this may be called.
void RescueStore(storage::Store& store, const Clock& clock, const StopSignals& stop_signals);

}  // namespace coupond

#endif  // COUPOND_LOST_FILES_H_
