#include "rpc/http/mailbox.h"

#include <exception>
#include <utility>

namespace coupond::http {
Mailbox::Mailbox(std::function<void()> wake, TimerQueue::SetAlarm set_alarm, LogHook log)
    : wake_(std::move(wake)),
      log_(std::move(log)),
      timers_(std::make_shared<TimerQueue>(std::move(set_alarm), log_)) {}

std::unique_ptr<Timer> Mailbox::StartTimer(std::chrono::milliseconds delay, Task task) {
  return timers_->Start(TimerQueue::DueAfter(TimerQueue::Clock::now(), delay), std::move(task));
}

void Mailbox::Post(Task task) {
  // A task that is turned away dies with the parameter, after the lock is released: what it holds
  // may post again.
  const std::lock_guard lock(mutex_);
  if (closed_) return;
  waiting_.push_back(std::move(task));
  // Under the lock, so that Close can promise that nobody is still waking a worker that has gone.
  if (waiting_.size() == 1) wake_();
}

void Mailbox::OpenHere() { thread_.store(std::this_thread::get_id(), std::memory_order_relaxed); }

bool Mailbox::IsHere() const {
  return thread_.load(std::memory_order_relaxed) == std::this_thread::get_id();
}

void Mailbox::RunTasks() {
  {
    const std::lock_guard lock(mutex_);
    running_.swap(waiting_);
  }
  for (Task& task : running_) {
    try {
      task();
    } catch (const std::exception& error) {
      log_(std::string("a posted task threw: ") + error.what());
    } catch (...) {
      log_("a posted task threw something that is not a std::exception");
    }
    task = nullptr;
  }
  running_.clear();
}

void Mailbox::Close() {
  timers_->Close();
  std::vector<Task> dropped;
  const std::lock_guard lock(mutex_);
  closed_ = true;
  thread_.store({}, std::memory_order_relaxed);
  dropped.swap(waiting_);
}

}  // namespace coupond::http
