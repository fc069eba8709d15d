#include "engine/views/query_runner.h"

#include <utility>

namespace coupond {

QueryRunner::QueryRunner(const Projector& projector, std::size_t capacity)
    : projector_(projector), capacity_(capacity) {}

bool QueryRunner::TryRun(Sequence durable, Query query) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || waiting_.size() >= capacity_) return false;
    waiting_.push_back(Waiting{durable, std::move(query)});
  }
  changed_.notify_one();
  return true;
}

void QueryRunner::Run() {
  while (true) {
    Waiting next;
    bool stopping = false;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return !waiting_.empty() || stopping_; });
      if (waiting_.empty()) return;
      next = std::move(waiting_.front());
      waiting_.pop_front();
      stopping = stopping_;
    }
    // Stopping must not take as long as the queue is.
    next.query(stopping
                   ? Status(MakeError(ErrorCode::kUnavailable, "the server is stopping; retry"))
                   : projector_.AwaitSequence(next.durable));
  }
}

void QueryRunner::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
}

}  // namespace coupond
