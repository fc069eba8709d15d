#ifndef COUPOND_ENGINE_SEQUENCER_FENCE_H_
#define COUPOND_ENGINE_SEQUENCER_FENCE_H_

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <utility>

#include "base/error.h"

namespace coupond {

/// The one-way stop after a write with an uncertain outcome (fail-stop; not a fencing token). Once
/// it is raised, this process writes nothing more and should exit with an error; the next start
/// reads from disk what happened. Any thread.
class Fence {
 public:
  /// `on_raise` is called once, on the thread that raises the fence, which is up by then.
  explicit Fence(std::function<void(const Error&)> on_raise = {})
      : on_raise_(std::move(on_raise)) {}

  /// Raises the fence. Only the first reason counts.
  void Raise(const Error& reason) {
    {
      const std::lock_guard lock(mutex_);
      if (reason_) return;
      reason_ = reason;
      raised_.store(true, std::memory_order_release);
    }
    if (on_raise_) on_raise_(reason);
  }
  [[nodiscard]] bool raised() const { return raised_.load(std::memory_order_acquire); }
  /// Returns the reason, or nullopt if the fence is not raised.
  [[nodiscard]] std::optional<Error> reason() const {
    const std::lock_guard lock(mutex_);
    return reason_;
  }

 private:
  std::function<void(const Error&)> on_raise_;
  std::atomic<bool> raised_{false};
  mutable std::mutex mutex_;
  std::optional<Error> reason_;  // guarded by mutex_
};

}  // namespace coupond

#endif  // COUPOND_ENGINE_SEQUENCER_FENCE_H_
