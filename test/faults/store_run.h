#ifndef COUPOND_TEST_FAULTS_STORE_RUN_H_
#define COUPOND_TEST_FAULTS_STORE_RUN_H_

#include <filesystem>
#include <latch>
#include <memory>
#include <span>
#include <string>
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

/// A process of the server without its sockets: the real store and the real engine, wired and
/// stopped as the server does it. One thread.
class StoreRun {
 public:
  /// The origin of the ports; must outlive the run.
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

  /// Submits all of them at once and waits for all replies, which are returned in the same order.
  [[nodiscard]] std::vector<Reply> Submit(std::span<const Command> commands);
  /// Returns the answer of a query, all live campaigns, or its error. It includes everything that
  /// was acknowledged before.
  [[nodiscard]] Result<std::vector<Campaign>> ListCampaigns();
  /// Has a user erased, and waits for the answer.
  [[nodiscard]] ErasureOutcome Erase(const std::string& user_id);
  /// Ends the process. Returns the reason that it would print for exiting with 1, or ok.
  [[nodiscard]] Status Stop();

  /// Waits until any thread raises the fence.
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
