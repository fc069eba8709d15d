#ifndef COUPOND_COUPOND_KEPT_STORE_H_
#define COUPOND_COUPOND_KEPT_STORE_H_

#include <chrono>
#include <cstdint>
#include <memory>

#include "base/entropy.h"
#include "base/error.h"
#include "coupond/options.h"
#include "engine/engine.h"
#include "engine/ports/clock.h"
#include "engine/ports/store_copier.h"
#include "engine/sequencer/fence.h"
#include "program/stop_signals.h"
#include "storage/store.h"
#include "storage/store_backup.h"

namespace coupond {

/// The store of the running server with all that protects it: the fence, the watermark, and the
/// guard that notices when another program touches the files. If a write fails or a file is lost,
/// logs it and asks the server to stop, as a signal would.
///
/// Used by the main thread. Must outlive the engine that runs on it.
class KeptStore {
 public:
  /// Opens the store and, if the options name one, the directory for backups. A refused directory
  /// for backups leaves no new store behind. `clock` and `stop_signals` must outlive the store.
  [[nodiscard]] static Result<std::unique_ptr<KeptStore>> Open(const ServerOptions& options,
                                                               Entropy& entropy, const Clock& clock,
                                                               const StopSignals& stop_signals);

  KeptStore(const KeptStore&) = delete;
  KeptStore& operator=(const KeptStore&) = delete;

  [[nodiscard]] Engine::Ports ports();
  [[nodiscard]] const CodeKey& code_key() const { return store_->identity().code_key; }
  [[nodiscard]] const StoreId& store_id() const { return store_->identity().store_id; }
  /// Returns null if backups are off.
  [[nodiscard]] StoreCopier* copier() const { return backup_.get(); }
  /// Returns the size of the torn write that opening left out.
  [[nodiscard]] std::uint64_t left_out_bytes() const { return store_->left_out_bytes(); }
  /// Reports whether a write has failed or a file is lost; it has been logged then.
  [[nodiscard]] bool failed() const;
  /// Reports whether a file is lost, so that Close must save what was acknowledged.
  [[nodiscard]] bool file_lost() const { return store_->guard().sealed(); }

  /// Brings everything to disk after the engine has stopped. After a lost file, saves all
  /// acknowledged events to a new log instead. Returns whether all is well; if not, the reason has
  /// been logged.
  [[nodiscard]] bool Close();

 private:
  KeptStore(const Clock& clock, std::chrono::nanoseconds clock_slack,
            const StopSignals& stop_signals);

  void WatchFiles();
  /// Saves all acknowledged events, and logs where they are. Until that succeeds, the memory of
  /// this process may hold the only copy, so a full or failing disk is retried until a signal
  /// arrives.
  void Rescue();

  const Clock& clock_;
  const std::chrono::nanoseconds clock_slack_;
  const StopSignals& stop_signals_;
  Fence fence_;
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<storage::StoreBackup> backup_;
};

}  // namespace coupond

#endif  // COUPOND_COUPOND_KEPT_STORE_H_
