#ifndef COUPOND_TOOLS_COUPONCTL_LOAD_EVENT_LOOP_H_
#define COUPOND_TOOLS_COUPONCTL_LOAD_EVENT_LOOP_H_

#include <chrono>
#include <csignal>
#include <cstdint>
#include <system_error>

#include "base/file_descriptor.h"

namespace coupond::ctl {

/// Waits for many sockets, for a moment, and for SIGINT and SIGTERM. A load generator competes with
/// the server for the processor, so a request must cost it no more than one send, one receive and
/// its part of a wait; a general-purpose loop tries to receive before there is anything. Sockets
/// are watched edge-triggered (epoll(7)): after an event, send and receive as much as the socket
/// takes.
///
/// One thread. Blocks the two signals in that thread for its lifetime, so the program must have no
/// other thread that could receive them.
class EventLoop {
 public:
  using Time = std::chrono::steady_clock::time_point;

  class Listener {
   public:
    virtual ~Listener() = default;
    /// Called with the events of epoll(7) that occurred.
    virtual void OnEvents(std::uint32_t events) = 0;
  };

  /// Throws std::system_error if the system has no descriptors left.
  EventLoop();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  /// Calls `listener` whenever the socket becomes readable or writable or is closed by its peer. It
  /// must live until the socket is closed. A listener may close its own socket in a call, but other
  /// sockets must be closed outside of calls.
  [[nodiscard]] std::error_code Add(const FileDescriptor& socket, Listener& listener);
  /// Waits until something happens, but not beyond `until`, and calls the listeners of what did.
  void Wait(Time until);
  /// Reports whether SIGINT or SIGTERM has come. From then on they have their usual effect.
  [[nodiscard]] bool interrupted() const { return interrupted_; }

 private:
  FileDescriptor epoll_;
  FileDescriptor timer_;
  FileDescriptor signals_;
  sigset_t usual_mask_{};
  Time timer_set_to_;
  bool interrupted_ = false;
};

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_LOAD_EVENT_LOOP_H_
