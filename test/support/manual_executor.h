#ifndef COUPOND_TEST_SUPPORT_MANUAL_EXECUTOR_H_
#define COUPOND_TEST_SUPPORT_MANUAL_EXECUTOR_H_

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

#include "rpc/http/handler.h"
#include "rpc/http/mailbox.h"

namespace coupond::test {

/// A worker whose tasks run, and whose time passes, when the test says so, on the test's thread.
/// Any thread may post tasks.
class ManualExecutor final : public http::Executor {
 public:
  void Post(std::move_only_function<void()> task) override {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
    arrived_.notify_all();
  }
  std::unique_ptr<http::Timer> StartTimer(std::chrono::milliseconds delay,
                                          std::move_only_function<void()> task) override {
    return timers_->Start(http::TimerQueue::DueAfter(now_, delay), std::move(task));
  }

  /// Waits for a task and runs it.
  void RunNext() {
    static_cast<void>(RunUntil([ran = 0]() mutable { return ran++ > 0; }));
  }
  /// Runs tasks as they arrive until `done` is true. Returns false if that takes too long.
  [[nodiscard]] bool RunUntil(std::move_only_function<bool()> done) {
    while (!done()) {
      std::unique_lock lock(mutex_);
      if (!arrived_.wait_for(lock, std::chrono::seconds(60), [&] { return !tasks_.empty(); })) {
        return false;
      }
      auto task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      task();
    }
    return true;
  }
  void RunWaiting() {
    while (tasks_waiting() > 0) RunNext();
  }
  [[nodiscard]] std::size_t tasks_waiting() {
    const std::lock_guard lock(mutex_);
    return tasks_.size();
  }

  /// Advances the time, and fires the timers that become due.
  void Advance(std::chrono::milliseconds time) {
    now_ += time;
    timers_->RunDue(now_);
  }

 private:
  http::TimerQueue::Clock::time_point now_;
  const std::shared_ptr<http::TimerQueue> timers_ = std::make_shared<http::TimerQueue>(
      [](http::TimerQueue::Clock::time_point) {}, [](const std::string&) {});
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<std::move_only_function<void()>> tasks_;  // guarded by mutex_
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_SUPPORT_MANUAL_EXECUTOR_H_
