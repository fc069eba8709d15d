#ifndef COUPOND_BENCH_ENGINE_ON_DISK_H_
#define COUPOND_BENCH_ENGINE_ON_DISK_H_

#include <filesystem>
#include <memory>

#include "base/entropy.h"
#include "engine/clock/system_clock.h"
#include "engine/engine.h"
#include "engine/sequencer/fence.h"
#include "storage/store.h"

namespace coupond::bench {

/// An engine with its threads, wired to a store on disk as the server does it. Whatever goes wrong
/// ends the program.
class EngineOnDisk {
 public:
  /// Opens the store in `directory`, or creates one.
  explicit EngineOnDisk(const std::filesystem::path& directory);
  ~EngineOnDisk();
  EngineOnDisk(const EngineOnDisk&) = delete;
  EngineOnDisk& operator=(const EngineOnDisk&) = delete;

  /// Stops the engine and closes the store, which completes the files.
  void Close();

  /// Must not be called after Close.
  [[nodiscard]] Engine& engine() { return *engine_; }

 private:
  SystemClock clock_;
  SystemEntropy entropy_;
  Fence fence_;
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace coupond::bench

#endif  // COUPOND_BENCH_ENGINE_ON_DISK_H_
