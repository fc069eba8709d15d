#ifndef COUPOND_LOST_FILES_H_
#define COUPOND_LOST_FILES_H_

#include <vector>

#include "engine/ports/clock.h"
#include "engine/ports/error.h"
#include "program/stop_signals.h"
#include "storage/file_guard.h"
#include "storage/store.h"

/// What the server logs and does when another program has touched the files of its store.
namespace coupond {

/// Returns the error that the server stops with, kFileLost.
[[nodiscard]] Error FileLostError(const std::vector<storage::FileLoss>& losses);

/// Logs that views were lost, which does not stop the server.
void WarnOfLostViews(const std::vector<storage::FileLoss>& losses);

/// Saves what was acknowledged, and logs where it is. Until that succeeds, this process's memory
/// may be the only place that has it, so a full or failing disk is tried again and again until a
/// signal comes. See Store::Rescue for when this may be called.
void RescueStore(storage::Store& store, const Clock& clock, const StopSignals& stop_signals);

}  // namespace coupond

#endif  // COUPOND_LOST_FILES_H_
