#ifndef COUPOND_RPC_HTTP_MAILBOX_H_
#define COUPOND_RPC_HTTP_MAILBOX_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "rpc/http/handler.h"

/// What a worker's thread has to do besides its sockets: tasks posted to it, and timers.
namespace coupond::http {

/// Many timers on one alarm. Most timers are deadlines that are never reached: starting and
/// cancelling one only changes a map, and the alarm is set again only for a timer that is due
/// before all others.
///
/// For one thread. Held by shared_ptr, because timers may outlive the worker; they then never fire.
class TimerQueue : public std::enable_shared_from_this<TimerQueue> {
 public:
  using Clock = std::chrono::steady_clock;
  using Task = std::move_only_function<void()>;
  /// Arranges that RunDue is called at that time or soon after it. Replaces the alarm set before.
  using SetAlarm = std::function<void(Clock::time_point)>;

  TimerQueue(SetAlarm set_alarm, LogHook log);

  /// Returns `now` plus `delay`, or the end of the clock's range if the sum is beyond it: a client
  /// may name a delay of ten thousand years.
  [[nodiscard]] static Clock::time_point DueAfter(Clock::time_point now,
                                                  std::chrono::milliseconds delay);

  [[nodiscard]] std::unique_ptr<Timer> Start(Clock::time_point due, Task task);

  /// Runs the tasks that are due at `now`. Call it when the alarm goes off.
  void RunDue(Clock::time_point now);
  /// Drops all tasks, and every task that is started later.
  void Close();

 private:
  class Entry;
  /// The number tells timers with the same due time apart, in the order of starting.
  using Key = std::pair<Clock::time_point, std::uint64_t>;

  void SetAlarmFor(Clock::time_point due);

  const SetAlarm set_alarm_;
  const LogHook log_;
  std::map<Key, Task> tasks_;
  std::uint64_t started_ = 0;
  Clock::time_point alarm_ = Clock::time_point::max();
  bool closed_ = false;
};

/// The Executor of one worker. However many tasks are posted before the worker looks, it is woken
/// once. After Close, tasks are destroyed where they are posted and never run.
///
/// Held by shared_ptr, because exchanges that were never answered may outlive the worker.
class Mailbox final : public Executor {
 public:
  using Task = std::move_only_function<void()>;

  /// `wake` makes the worker call RunTasks soon. It is called from any thread, never after Close.
  /// `set_alarm` makes the worker call timers().RunDue; it is called on the worker's thread, never
  /// after Close.
  Mailbox(std::function<void()> wake, TimerQueue::SetAlarm set_alarm, LogHook log);

  void Post(Task task) override;
  [[nodiscard]] std::unique_ptr<Timer> StartTimer(std::chrono::milliseconds delay,
                                                  Task task) override;

  /// Makes the calling thread the worker's. Called before all else on that thread.
  void OpenHere();
  /// Reports whether the caller is on the worker's thread. Any thread may call it.
  [[nodiscard]] bool IsHere() const;

  // On the worker's thread:
  [[nodiscard]] TimerQueue& timers() { return *timers_; }
  /// Runs the tasks that have been posted so far.
  void RunTasks();
  /// Destroys the tasks that have not been run, and all timers' tasks.
  void Close();

 private:
  const std::function<void()> wake_;
  const LogHook log_;
  const std::shared_ptr<TimerQueue> timers_;
  std::atomic<std::thread::id> thread_;
  std::mutex mutex_;
  std::vector<Task> waiting_;  // guarded by mutex_
  bool closed_ = false;        // guarded by mutex_
  std::vector<Task> running_;  // worker's thread only; kept for its capacity
};

}  // namespace coupond::http

#endif  // COUPOND_RPC_HTTP_MAILBOX_H_
