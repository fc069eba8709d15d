#include "engine/sequencer/command_queue.h"

#include <algorithm>
#include <utility>

namespace coupond {

CommandQueue::CommandQueue(std::size_t capacity) : capacity_(capacity) {}

CommandQueue::Push CommandQueue::TryPush(QueuedCommand&& command) {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return Push::kClosed;
    if (waiting_.size() + taken_left_.load(std::memory_order_relaxed) >= capacity_) {
      return Push::kFull;
    }
    waiting_.push_back(std::move(command));
    wake = std::exchange(consumer_sleeps_, false);
  }
  if (wake) arrived_.notify_one();
  return Push::kAccepted;
}

void CommandQueue::Close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  arrived_.notify_one();
}

bool CommandQueue::Wait() {
  if (handed_out_ < taken_.size()) return true;
  std::unique_lock lock(mutex_);
  while (waiting_.empty() && !closed_) {
    consumer_sleeps_ = true;
    arrived_.wait(lock);
  }
  consumer_sleeps_ = false;
  return !waiting_.empty();
}

std::span<QueuedCommand> CommandQueue::Take(std::size_t max) {
  if (handed_out_ == taken_.size()) {
    taken_.clear();
    handed_out_ = 0;
    const std::lock_guard lock(mutex_);
    taken_.swap(waiting_);
    taken_left_.store(taken_.size(), std::memory_order_relaxed);
  }
  const std::size_t count = std::min(max, taken_.size() - handed_out_);
  const std::span<QueuedCommand> next(taken_.data() + handed_out_, count);
  handed_out_ += count;
  taken_left_.store(taken_.size() - handed_out_, std::memory_order_relaxed);
  return next;
}

std::size_t CommandQueue::size() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size() + taken_left_.load(std::memory_order_relaxed);
}

}  // namespace coupond
