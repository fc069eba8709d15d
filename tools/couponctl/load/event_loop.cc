#include "couponctl/load/event_loop.h"

#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>

#include <array>
#include <cerrno>

#include "base/check.h"

namespace coupond::ctl {
namespace {

/// The number of events that one wait returns at most. With more, the first answers of a batch
/// would be long read before the last requests are sent.
constexpr int kEventsMax = 256;

FileDescriptor Opened(int number, const char* what) {
  if (number < 0) throw std::system_error(errno, std::generic_category(), what);
  return FileDescriptor(number);
}

sigset_t StopSignals() {
  sigset_t signals{};
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

timespec ToTimespec(EventLoop::Time time) {
  const auto since_boot = time.time_since_epoch();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since_boot);
  return {.tv_sec = seconds.count(), .tv_nsec = (since_boot - seconds).count()};
}

}  // namespace

EventLoop::EventLoop()
    : epoll_(Opened(epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
      timer_(
          Opened(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC), "timerfd_create")) {
  const sigset_t stop = StopSignals();
  signals_ = Opened(signalfd(-1, &stop, SFD_NONBLOCK | SFD_CLOEXEC), "signalfd");
  for (const FileDescriptor* own : {&timer_, &signals_}) {
    // Edge-triggered, so an expiry need not be read. A null pointer tells them from listeners.
    epoll_event event{.events = EPOLLIN | EPOLLET, .data = {.ptr = nullptr}};
    COUPOND_CHECK(epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, own->number(), &event) == 0);
  }
  pthread_sigmask(SIG_BLOCK, &stop, &usual_mask_);
}

EventLoop::~EventLoop() {
  if (!interrupted_) pthread_sigmask(SIG_SETMASK, &usual_mask_, nullptr);
}

std::error_code EventLoop::Add(const FileDescriptor& socket, Listener& listener) {
  epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                    .data = {.ptr = &listener}};
  if (epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, socket.number(), &event) == 0) return {};
  return {errno, std::generic_category()};
}

void EventLoop::Wait(Time until) {
  if (until != timer_set_to_) {
    const itimerspec setting{.it_interval = {}, .it_value = ToTimespec(until)};
    COUPOND_CHECK(timerfd_settime(timer_.number(), TFD_TIMER_ABSTIME, &setting, nullptr) == 0);
    timer_set_to_ = until;
  }
  std::array<epoll_event, kEventsMax> events;
  const int count = epoll_wait(epoll_.number(), events.data(), kEventsMax, -1);
  COUPOND_CHECK(count >= 0 || errno == EINTR);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    if (event.data.ptr != nullptr) {
      static_cast<Listener*>(event.data.ptr)->OnEvents(event.events);
      continue;
    }
    signalfd_siginfo signal;
    if (!interrupted_ && read(signals_.number(), &signal, sizeof(signal)) == sizeof(signal)) {
      interrupted_ = true;
      pthread_sigmask(SIG_SETMASK, &usual_mask_, nullptr);
    }
  }
}

}  // namespace coupond::ctl
