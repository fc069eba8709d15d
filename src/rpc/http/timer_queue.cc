#include "rpc/http/timer_queue.h"

#include <exception>
#include <string>

namespace coupond::http {

/// One timer as its owner holds it. Its task may be gone already: run, or dropped with the others.
class TimerQueue::Entry final : public Timer {
 public:
  Entry(std::weak_ptr<TimerQueue> queue, Key key) : queue_(std::move(queue)), key_(key) {}
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;
  ~Entry() override {
    // Out of the map before its end, because the task may own timers, whose ends change the map.
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
    // Out of the map first, because the task may start and cancel timers, its own among them.
    auto node = tasks_.extract(tasks_.begin());
    try {
      node.mapped()();
    } catch (const std::exception& error) {
      log_(std::string("a timer's task threw: ") + error.what());
    } catch (...) {
      log_("a timer's task threw something that is not a std::exception");
    }
  }
  if (!tasks_.empty()) SetAlarmFor(tasks_.begin()->first.first);
}

void TimerQueue::Close() {
  closed_ = true;
  // One by one, because a task may own timers, whose ends look into the map.
  while (!tasks_.empty()) tasks_.extract(tasks_.begin());
}

}  // namespace coupond::http
