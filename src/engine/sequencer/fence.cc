#include "engine/sequencer/fence.h"

#include <utility>

namespace coupond {

Fence::Fence(std::function<void(const Error&)> on_raise) : on_raise_(std::move(on_raise)) {}

void Fence::Raise(const Error& reason) {
  {
    const std::lock_guard lock(mutex_);
    if (reason_) return;
    reason_ = reason;
    raised_.store(true, std::memory_order_release);
  }
  if (on_raise_) on_raise_(reason);
}

std::optional<Error> Fence::reason() const {
  const std::lock_guard lock(mutex_);
  return reason_;
}

}  // namespace coupond
