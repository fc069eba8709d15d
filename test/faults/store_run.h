#ifndef COUPOND_TEST_FAULTS_STORE_RUN_H_
#define COUPOND_TEST_FAULTS_STORE_RUN_H_

#include <filesystem>
#include <latch>
#include <memory>
#include <span>
#include <vector>

#include "base/entropy.h"
#include "engine/engine.h"
#include "engine/ports/clock.h"
#include "engine/rules/command.h"
#include "engine/sequencer/fence.h"
#include "engine/sequencer/reply.h"
#include "storage/store.h"

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace coupond::test {

/// A process of the server but for its sockets: the real store and the real engine, wired and
/// stopped as coupond.cc does it. One thread.
class StoreRun {
 public:
  /// What the ports come from; must outlive the run.
  struct World {
    Entropy& entropy;
    const Clock& clock;
    rocksdb::Env* env = nullptr;
  };

  [[nodiscard]] static Result<std::unique_ptr<StoreRun>> Start(const std::filesystem::path& path,
                                                               const World& world);
  ~StoreRun();
  StoreRun(const StoreRun&) = delete;
  StoreRun& operator=(const StoreRun&) = delete;

  /// Submits all of them at once and waits for all replies, which are in the same order.
  [[nodiscard]] std::vector<Reply> Submit(std::span<const Command> commands);
  /// Whether a query is answered, and what with: all live campaigns. Everything that was
  /// acknowledged before is in it.
  [[nodiscard]] Result<std::vector<CampaignRow>> ListCampaigns();
  /// The process's exit: what it would print as its reason to exit with 1, or nothing.
  [[nodiscard]] Status Stop();

  /// Until the fence is raised, by whichever thread.
  void AwaitFence();

  [[nodiscard]] Engine& engine() { return *engine_; }
  [[nodiscard]] storage::Store& store() { return *store_; }
  [[nodiscard]] const Fence& fence() const { return fence_; }

 private:
  explicit StoreRun(std::unique_ptr<storage::Store> store)
      : store_(std::move(store)), fence_([this](const Error&) { fenced_.count_down(); }) {}

  std::unique_ptr<storage::Store> store_;
  std::latch fenced_{1};
  Fence fence_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_FAULTS_STORE_RUN_H_
