#ifndef COUPOND_ACCESS_KEY_RING_H_
#define COUPOND_ACCESS_KEY_RING_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "access/key.h"

namespace coupond::access {

/// The keys that a server accepts, which can be exchanged while it runs. Any thread.
///
/// A thread that checks keys makes a table of its own from them, and rebuilds it when the version
/// has changed, so that checking shares no memory between threads.
class KeyRing {
 public:
  using Keys = std::shared_ptr<const std::vector<Key>>;

  explicit KeyRing(std::vector<Key> keys)
      : keys_(std::make_shared<const std::vector<Key>>(std::move(keys))) {}

  void Replace(std::vector<Key> keys) {
    auto replacement = std::make_shared<const std::vector<Key>>(std::move(keys));
    const std::scoped_lock lock(mutex_);
    keys_.swap(replacement);
    version_.fetch_add(1, std::memory_order_release);
  }

  /// Returns a number that differs from the one before after each Replace. Ask for it before the
  /// keys.
  [[nodiscard]] std::uint64_t version() const { return version_.load(std::memory_order_acquire); }
  [[nodiscard]] Keys keys() const {
    const std::scoped_lock lock(mutex_);
    return keys_;
  }

 private:
  mutable std::mutex mutex_;
  Keys keys_;  // guarded by mutex_
  std::atomic<std::uint64_t> version_{1};
};

}  // namespace coupond::access

#endif  // COUPOND_ACCESS_KEY_RING_H_
