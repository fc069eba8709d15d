#ifndef COUPOND_RPC_HTTP_MAILBOX_H_
#define COUPOND_RPC_HTTP_MAILBOX_H_

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "rpc/http/handler.h"
#include "rpc/http/log_hook.h"
#include "rpc/http/timer_queue.h"

namespace coupond::http {

/// Tasks for one worker's thread, in the order posted, and its timers. However many tasks are
/// posted before the worker looks, it is woken once. After Close, tasks are destroyed where they
/// are posted and never run.
///
/// Shared, because exchanges that nobody answered may outlive the worker.
class Mailbox final : public Executor {
 public:
  using Task = std::move_only_function<void()>;

  /// `wake` makes the worker call RunTasks soon. It is called from any thread, never after Close.
  /// `set_alarm` makes the worker call timers().RunDue; worker's thread, never after Close.
  Mailbox(std::function<void()> wake, TimerQueue::SetAlarm set_alarm, LogHook log);

  void Post(Task task) override;
  [[nodiscard]] std::unique_ptr<Timer> StartTimer(std::chrono::milliseconds delay,
                                                  Task task) override;

  /// Says which thread is the worker's; called on it, first of all.
  void OpenHere();
  /// Whether the caller is on the worker's thread.
  [[nodiscard]] bool IsHere() const;

  /// Worker's thread.
  [[nodiscard]] TimerQueue& timers() { return *timers_; }
  /// Worker's thread: runs what has been posted so far.
  void RunTasks();
  /// Worker's thread: destroys what has not been run.
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
