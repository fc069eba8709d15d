#ifndef COUPOND_API_READINESS_H_
#define COUPOND_API_READINESS_H_

#include <atomic>

#include "engine/engine.h"

namespace coupond::service {

/// Whether the server takes commands: one answer for all who ask, be it /readyz or the health
/// service. Any thread.
class Readiness {
 public:
  enum class State {
    kReady,
    kFenced,    ///< a write failed
    kStopping,  ///< told to stop
  };

  /// The engine must outlive this.
  explicit Readiness(const Engine& engine) : engine_(engine) {}

  [[nodiscard]] State state() const {
    if (engine_.fenced()) return State::kFenced;
    return stopping_.load(std::memory_order_relaxed) ? State::kStopping : State::kReady;
  }
  void BeginStop() { stopping_.store(true, std::memory_order_relaxed); }

 private:
  const Engine& engine_;
  std::atomic<bool> stopping_{false};
};

}  // namespace coupond::service

#endif  // COUPOND_API_READINESS_H_
