#ifndef COUPOND_RPC_HTTP_TIMER_QUEUE_H_
#define COUPOND_RPC_HTTP_TIMER_QUEUE_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <utility>

#include "rpc/http/handler.h"
#include "rpc/http/log_hook.h"

namespace coupond::http {

/// Many timers on one alarm. Most timers are deadlines that never come: starting and cancelling one
/// changes a map, and the alarm is set anew only for one that is due before all others.
///
/// One thread. Shared, because timers may outlive the worker; they then never go off.
class TimerQueue : public std::enable_shared_from_this<TimerQueue> {
 public:
  using Clock = std::chrono::steady_clock;
  using Task = std::move_only_function<void()>;
  /// Has RunDue called at that time or soon after it; replaces what was set before.
  using SetAlarm = std::function<void(Clock::time_point)>;

  TimerQueue(SetAlarm set_alarm, LogHook log);

  /// `delay` from `now`; the end of the clock's time if it cannot say when that is. A client may
  /// name a delay of ten thousand years.
  [[nodiscard]] static Clock::time_point DueAfter(Clock::time_point now,
                                                  std::chrono::milliseconds delay);

  [[nodiscard]] std::unique_ptr<Timer> Start(Clock::time_point due, Task task);

  /// The alarm has gone off: runs the tasks that are due at `now`.
  void RunDue(Clock::time_point now);
  /// Drops all tasks, and those that come.
  void Close();

 private:
  class Entry;
  /// The number keeps apart what is due at the same time, in the order of starting.
  using Key = std::pair<Clock::time_point, std::uint64_t>;

  void SetAlarmFor(Clock::time_point due);

  const SetAlarm set_alarm_;
  const LogHook log_;
  std::map<Key, Task> tasks_;
  std::uint64_t started_ = 0;
  Clock::time_point alarm_ = Clock::time_point::max();
  bool closed_ = false;
};

}  // namespace coupond::http

#endif  // COUPOND_RPC_HTTP_TIMER_QUEUE_H_
