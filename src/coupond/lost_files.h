#ifndef COUPOND_COUPOND_LOST_FILES_H_
#define COUPOND_COUPOND_LOST_FILES_H_

#include <vector>

#include "base/error.h"
#include "engine/ports/clock.h"
#include "program/stop_signals.h"
#include "storage/files/file_guard.h"
#include "storage/store.h"

/// The response of the server when another program has touched the files of its store: what it
/// logs, and how it saves its data.
namespace coupond {

/// Returns the error with which the server stops, kFileLost.
[[nodiscard]] Error FileLostError(const std::vector<storage::FileLoss>& losses);

/// Logs that views were lost, which does not stop the server.
void WarnOfLostViews(const std::vector<storage::FileLoss>& losses);

/// Saves all acknowledged events, and logs where they are. Until that succeeds, the memory of this
/// process may hold the only copy, so a full or failing disk is retried until a signal arrives.
/// Store::Rescue says when this may be called.
void RescueStore(storage::Store& store, const Clock& clock, const StopSignals& stop_signals);

}  // namespace coupond

#endif  // COUPOND_COUPOND_LOST_FILES_H_
