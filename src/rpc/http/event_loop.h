#ifndef COUPOND_RPC_HTTP_EVENT_LOOP_H_
#define COUPOND_RPC_HTTP_EVENT_LOOP_H_

#include <sys/epoll.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <vector>

#include "base/file_descriptor.h"

namespace coupond::http {

/// Waits for the descriptors of one thread (epoll(7), edge-triggered). A descriptor is registered
/// once, not for each operation, and its watcher remembers what it may do, so a request costs one
/// read and one write and no system call besides.
///
/// Threads: Wake from any; everything else on the loop's own.
class EventLoop {
 public:
  using Clock = std::chrono::steady_clock;

  /// What has become possible since the last report.
  struct Readiness {
    bool readable = false;  ///< there are bytes, or it has ended
    bool writable = false;
    bool ended = false;  ///< the other end has closed its half, or the connection has failed
  };

  class Watcher {
   public:
    virtual void OnReady(Readiness ready) = 0;

   protected:
    ~Watcher() = default;
  };

  /// A turn stays awake for `busy_wait` before it sleeps. Throws std::system_error if the system
  /// has no more descriptors.
  explicit EventLoop(std::chrono::nanoseconds busy_wait = std::chrono::nanoseconds(0));
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;
  ~EventLoop() = default;

  /// Reports to `watcher` when the descriptor becomes readable or writable, beginning with what it
  /// is now. Returns false if the system cannot watch it.
  [[nodiscard]] bool Watch(int descriptor, Watcher& watcher);
  /// Calls the watcher in the next turn, without new readiness: it could not do everything in this
  /// one. Once at most for each turn.
  void Resume(Watcher& watcher);
  /// Calls the watcher no more. Call it before the watcher is destroyed and the descriptor closed,
  /// which ends the registration.
  void Forget(const Watcher& watcher);

  static constexpr std::size_t kEventsMax = 256;
  /// Waits until a watcher can be called, Wake was called, or `until` has come; then calls the
  /// watchers of at most `events_max` descriptors, which is at most kEventsMax. An exception from
  /// one of them leaves the others for the next turn.
  void Turn(Clock::time_point until, std::size_t events_max = kEventsMax);

  /// Ends the waiting of the present turn or, after it, of the next. The caller of Turn looks then
  /// for what it was woken for. Costs a system call only if the loop is waiting.
  void Wake();

 private:
  enum class State : int { kAwake, kWaiting, kWoken };

  void Poll(Clock::time_point until, std::size_t events_max);
  /// Takes what has happened, without waiting. Returns whether there was anything.
  bool Take(std::size_t events_max);
  void CallWatchers();

  const std::chrono::nanoseconds busy_wait_;
  const FileDescriptor epoll_;
  const FileDescriptor alarm_;  // an eventfd, which is never read: each write is reported
  std::atomic<State> state_{State::kAwake};

  std::array<epoll_event, kEventsMax> events_{};
  std::size_t next_ = 0;   // of events_
  std::size_t count_ = 0;  // of events_
  std::vector<Watcher*> resumed_;
  std::vector<Watcher*> resuming_;  // resumed_ of the turn before; kept for its capacity
  std::size_t next_resuming_ = 0;
};

}  // namespace coupond::http

#endif  // COUPOND_RPC_HTTP_EVENT_LOOP_H_
