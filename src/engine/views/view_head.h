#ifndef COUPOND_ENGINE_VIEWS_VIEW_HEAD_H_
#define COUPOND_ENGINE_VIEWS_VIEW_HEAD_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <utility>

#include "engine/ports/view_store.h"
#include "engine/rules/ids.h"

namespace coupond {

/// How far the views have come, for one that follows the log and needs the views beside it.
///
/// Threads: OnViewChanges on the projector's; the rest from any.
class ViewHead final : public ViewListener {
 public:
  explicit ViewHead(Sequence sequence) : sequence_(sequence.value()) {}

  /// Returns the last sequence that the views contain.
  [[nodiscard]] Sequence sequence() const {
    return Sequence(sequence_.load(std::memory_order_acquire));
  }

  /// Has `wake` called whenever the sequence has grown, on the projector's thread: it must not
  /// wait, throw, or set another one. Null ends the calls: none is in progress after the return.
  void SetListener(std::function<void()> wake) {
    const std::lock_guard lock(mutex_);
    wake_ = std::move(wake);
  }

  void OnViewChanges(const ViewChanges& changes) override {
    sequence_.store(changes.checkpoint.tip.sequence.value(), std::memory_order_release);
    const std::lock_guard lock(mutex_);
    if (wake_) wake_();
  }

 private:
  std::atomic<std::uint64_t> sequence_;
  std::mutex mutex_;
  std::function<void()> wake_;  // guarded by mutex_
};

}  // namespace coupond

#endif  // COUPOND_ENGINE_VIEWS_VIEW_HEAD_H_
