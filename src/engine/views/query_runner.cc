#include "engine/views/query_runner.h"

#include <utility>

#include "base/error.h"

namespace coupond {

QueryRunner::QueryRunner(Projector& projector, std::function<void(const Error&)> on_failure,
                         std::size_t capacity, EngineObserver* observer)
    : projector_(projector),
      on_failure_(std::move(on_failure)),
      capacity_(capacity),
      observer_(observer) {}

bool QueryRunner::TryRun(Sequence durable, Query query) {
  Waiting asked{.durable = durable, .query = std::move(query)};
  if (observer_ != nullptr) asked.asked_at = std::chrono::steady_clock::now();
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || waiting_.size() >= capacity_) return false;
    waiting_.push_back(std::move(asked));
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
    RunOne(next, stopping);
  }
}

bool QueryRunner::RunWaiting() {
  Waiting next;
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.empty()) return false;
    next = std::move(waiting_.front());
    waiting_.pop_front();
  }
  RunOne(next, /*stopping=*/false);
  return true;
}

void QueryRunner::RunOne(Waiting& next, bool stopping) {
  try {
    // Stopping must not take as long as the queue is.
    next.query(stopping
                   ? Status(MakeError(ErrorCode::kUnavailable, "the server is stopping; retry"))
                   : projector_.AwaitSequence(next.durable));
  } catch (...) {
    on_failure_({ErrorCode::kIo, "a query failed: " + DescribeThrown()});
  }
  if (observer_ != nullptr) observer_->OnQuery(std::chrono::steady_clock::now() - next.asked_at);
}

std::size_t QueryRunner::size() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

void QueryRunner::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
}

}  // namespace coupond
