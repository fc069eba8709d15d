#ifndef COUPOND_TOOLS_COUPON_AUDIT_BOUNDED_QUEUE_H_
#define COUPOND_TOOLS_COUPON_AUDIT_BOUNDED_QUEUE_H_

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace coupond::audit {

/// Hands things from thread to thread in order, and makes the thread that is ahead wait. Any thread
/// may call any function at any time.
template <typename T>
class BoundedQueue {
 public:
  explicit BoundedQueue(std::size_t size_max) : size_max_(size_max) {}

  /// Adds a thing, waiting while the queue is full. Returns false, and drops the thing, if the
  /// queue is closed.
  bool Push(T thing) {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [this] { return closed_ || things_.size() < size_max_; });
    if (closed_) return false;
    things_.push_back(std::move(thing));
    lock.unlock();
    more_.notify_one();
    return true;
  }

  /// Takes the oldest thing, waiting while the queue is empty. Returns nullopt if it is empty and
  /// closed.
  [[nodiscard]] std::optional<T> Pop() {
    std::unique_lock lock(mutex_);
    more_.wait(lock, [this] { return closed_ || !things_.empty(); });
    if (things_.empty()) return std::nullopt;
    T thing = std::move(things_.front());
    things_.pop_front();
    lock.unlock();
    room_.notify_one();
    return thing;
  }

  /// Accepts nothing more. What is in the queue can still be taken.
  void Close() { End(false); }
  /// Accepts nothing more, and drops what is in the queue.
  void Abandon() { End(true); }

 private:
  void End(bool clear) {
    std::deque<T> dropped;
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
      if (clear) dropped.swap(things_);
    }
    room_.notify_all();
    more_.notify_all();
  }

  const std::size_t size_max_;
  std::mutex mutex_;
  std::condition_variable room_;
  std::condition_variable more_;
  std::deque<T> things_;  // guarded by mutex_
  bool closed_ = false;   // guarded by mutex_
};

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_BOUNDED_QUEUE_H_
