#include "rpc/http/event_loop.h"

#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <limits>
#include <system_error>

#include "base/thread.h"

namespace coupond::http {
namespace {

FileDescriptor Opened(int descriptor, const char* what) {
  if (descriptor < 0) throw std::system_error(errno, std::generic_category(), what);
  return FileDescriptor(descriptor);
}

/// Returns the time to wait in the milliseconds that epoll takes, rounded up: never too short.
int Timeout(EventLoop::Clock::time_point until) {
  using std::chrono::milliseconds;
  const auto now = EventLoop::Clock::now();
  if (until <= now) return 0;
  const auto wait = std::chrono::ceil<milliseconds>(until - now);
  return static_cast<int>(
      std::min<milliseconds::rep>(wait.count(), std::numeric_limits<int>::max()));
}

}  // namespace

EventLoop::EventLoop(std::chrono::nanoseconds busy_wait)
    : busy_wait_(busy_wait),
      epoll_(Opened(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
      alarm_(Opened(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd")) {
  epoll_event event{.events = EPOLLIN | EPOLLET, .data = {.ptr = nullptr}};
  if (::epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, alarm_.number(), &event) != 0) {
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
  }
}

bool EventLoop::Watch(int descriptor, Watcher& watcher) {
  epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data = {.ptr = &watcher}};
  return ::epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, descriptor, &event) == 0;
}

void EventLoop::Resume(Watcher& watcher) { resumed_.push_back(&watcher); }

void EventLoop::Forget(const Watcher& watcher) {
  const auto forget = [&watcher](Watcher*& other) {
    if (other == &watcher) other = nullptr;
  };
  std::ranges::for_each(resumed_, forget);
  std::ranges::for_each(resuming_, forget);
  for (std::size_t i = next_; i < count_; ++i) {
    if (events_[i].data.ptr == &watcher) events_[i].data.ptr = nullptr;
  }
}

void EventLoop::Turn(Clock::time_point until, std::size_t events_max) {
  // After an exception, the rest of the turn before.
  if (next_ == count_ && next_resuming_ == resuming_.size()) Poll(until, events_max);
  CallWatchers();
  state_.store(State::kAwake);
}

void EventLoop::Poll(Clock::time_point until, std::size_t events_max) {
  resuming_.clear();
  resuming_.swap(resumed_);
  next_resuming_ = 0;
  if (resuming_.empty() && busy_wait_.count() > 0) {
    int looks = 0;
    bool has_taken = false;
    BusyWait(std::min<std::chrono::nanoseconds>(busy_wait_, until - Clock::now()), [&] {
      // Looking at the descriptors is a system call, looking whether a thread woke the loop is not.
      constexpr int kLooksPerCall = 32;
      if (++looks % kLooksPerCall == 0) has_taken = Take(events_max);
      return has_taken || state_.load() == State::kWoken;
    });
    if (has_taken) return;
  }
  State awake = State::kAwake;
  const bool waits = resuming_.empty() && state_.compare_exchange_strong(awake, State::kWaiting);
  const int count = ::epoll_wait(epoll_.number(), events_.data(), static_cast<int>(events_max),
                                 waits ? Timeout(until) : 0);
  state_.store(State::kAwake);
  next_ = 0;
  count_ = static_cast<std::size_t>(std::max(count, 0));  // -1: interrupted by a signal
}

bool EventLoop::Take(std::size_t events_max) {
  const int count =
      ::epoll_wait(epoll_.number(), events_.data(), static_cast<int>(events_max), /*timeout=*/0);
  if (count <= 0) return false;
  state_.store(State::kAwake);
  next_ = 0;
  count_ = static_cast<std::size_t>(count);
  return true;
}

void EventLoop::CallWatchers() {
  while (next_resuming_ < resuming_.size()) {
    if (Watcher* watcher = resuming_[next_resuming_++]) watcher->OnReady({});
  }
  while (next_ < count_) {
    const epoll_event& event = events_[next_++];
    auto* watcher = static_cast<Watcher*>(event.data.ptr);
    if (watcher == nullptr) continue;  // the alarm, or forgotten
    const bool failed = (event.events & (EPOLLHUP | EPOLLERR)) != 0;
    const bool ended = failed || (event.events & EPOLLRDHUP) != 0;
    watcher->OnReady({.readable = ended || (event.events & EPOLLIN) != 0,
                      .writable = failed || (event.events & EPOLLOUT) != 0,
                      .ended = ended});
  }
}

void EventLoop::Wake() {
  if (state_.exchange(State::kWoken) != State::kWaiting) return;
  const std::uint64_t one = 1;
  // Fails only if the counter is full, and then the loop has been woken 2^64 times.
  [[maybe_unused]] const auto written = ::write(alarm_.number(), &one, sizeof one);
}

}  // namespace coupond::http
