#include "rpc/http/mailbox.h"

#include <string>

#include "base/error.h"

namespace coupond::http {

/// One timer as its owner holds it. Its task may be gone already: run, or dropped with the others.
class TimerQueue::Entry final : public Timer {
 public:
  Entry(std::weak_ptr<TimerQueue> queue, Key key) : queue_(std::move(queue)), key_(key) {}
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;
  ~Entry() override {
    // Removed from the map before it is destroyed: the task may own timers, whose destructors
    // change the map.
    if (const auto queue = queue_.lock()) queue->tasks_.extract(key_);
  }

 private:
  const std::weak_ptr<TimerQueue> queue_;
  const Key key_;
};

TimerQueue::TimerQueue(SetAlarm set_alarm, LogHook log)
    : set_alarm_(std::move(set_alarm)), log_(std::move(log)) {}

TimerQueue::Clock::time_point TimerQueue::DueAfter(Clock::time_point now,
                                                   std::chrono::milliseconds delay) {
  const auto left = std::chrono::floor<std::chrono::milliseconds>(Clock::time_point::max() - now);
  return delay < left ? now + delay : Clock::time_point::max();
}

std::unique_ptr<Timer> TimerQueue::Start(Clock::time_point due, Task task) {
  const Key key(due, ++started_);
  if (!closed_) {
    tasks_.emplace(key, std::move(task));
    SetAlarmFor(due);
  }
  return std::make_unique<Entry>(weak_from_this(), key);
}

void TimerQueue::SetAlarmFor(Clock::time_point due) {
  if (due >= alarm_) return;
  alarm_ = due;
  set_alarm_(due);
}

void TimerQueue::RunDue(Clock::time_point now) {
  alarm_ = Clock::time_point::max();
  while (!tasks_.empty() && tasks_.begin()->first.first <= now) {
    // Removed from the map first: the task may start and cancel timers, its own among them.
    auto node = tasks_.extract(tasks_.begin());
    try {
      node.mapped()();
    } catch (...) {
      log_("a timer's task threw: " + DescribeThrown());
    }
  }
  if (!tasks_.empty()) SetAlarmFor(tasks_.begin()->first.first);
}

void TimerQueue::Close() {
  closed_ = true;
  // One by one: a task may own timers, whose destructors look into the map.
  while (!tasks_.empty()) tasks_.extract(tasks_.begin());
}

Mailbox::Mailbox(std::function<void()> wake, TimerQueue::SetAlarm set_alarm, LogHook log)
    : wake_(std::move(wake)),
      log_(std::move(log)),
      timers_(std::make_shared<TimerQueue>(std::move(set_alarm), log_)) {}

std::unique_ptr<Timer> Mailbox::StartTimer(std::chrono::milliseconds delay, Task task) {
  return timers_->Start(TimerQueue::DueAfter(TimerQueue::Clock::now(), delay), std::move(task));
}

void Mailbox::Post(Task task) {
  // A task that is not taken is destroyed with the parameter, after the lock is released: what it
  // owns may post again.
  const std::lock_guard lock(mutex_);
  if (closed_) return;
  waiting_.push_back(std::move(task));
  // Under the lock, so that after Close no thread is still waking a worker that has gone.
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
    } catch (...) {
      log_("a posted task threw: " + DescribeThrown());
    }
    task = nullptr;
  }
  running_.clear();
}

void Mailbox::Close() {
  timers_->Close();
  std::vector<Task> dropped;  // destroyed after the lock is released
  const std::lock_guard lock(mutex_);
  closed_ = true;
  thread_.store({}, std::memory_order_relaxed);
  dropped.swap(waiting_);
}

}  // namespace coupond::http
