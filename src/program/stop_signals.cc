#include "program/stop_signals.h"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <ctime>
#include <utility>

namespace coupond {
namespace {

constexpr std::array kStopping = {SIGTERM, SIGINT, SIGQUIT, SIGPWR, SIGXCPU};
constexpr std::array kIgnored = {SIGHUP,    SIGUSR1, SIGUSR2, SIGALRM,
                                 SIGVTALRM, SIGPROF, SIGIO,   SIGSTKFLT};

bool Stops(int signal) { return std::ranges::find(kStopping, signal) != kStopping.end(); }

std::string NameOf(int signal) {
  if (const char* name = sigabbrev_np(signal)) return std::string("SIG") + name;
  return "SIGRTMIN+" + std::to_string(signal - SIGRTMIN);
}

}  // namespace

StopSignals::StopSignals(std::function<void(const std::string& line)> log) : log_(std::move(log)) {
  sigemptyset(&all_);
  for (const int signal : kStopping) sigaddset(&all_, signal);
  for (const int signal : kIgnored) sigaddset(&all_, signal);
  for (int signal = SIGRTMIN; signal <= SIGRTMAX; ++signal) sigaddset(&all_, signal);
  pthread_sigmask(SIG_BLOCK, &all_, nullptr);
  // POSIX leaves open whether a signal that is ignored and blocked can be waited for.
  for (const int signal : kStopping) std::signal(signal, SIG_DFL);
  for (const int signal : kIgnored) std::signal(signal, SIG_DFL);
}

void StopSignals::Wait() const {
  for (;;) {
    int signal = 0;
    if (sigwait(&all_, &signal) != 0) continue;
    if (Stops(signal)) return;
    Receive(signal);
  }
}

bool StopSignals::WaitFor(std::chrono::nanoseconds patience) const {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  for (;;) {
    const auto left =
        std::max(std::chrono::nanoseconds(0),
                 std::chrono::nanoseconds(deadline - std::chrono::steady_clock::now()));
    const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
    const timespec timeout{.tv_sec = seconds.count(), .tv_nsec = (left - seconds).count()};
    const int signal = sigtimedwait(&all_, nullptr, &timeout);
    if (signal > 0 && Stops(signal)) return true;
    if (signal > 0) {
      Receive(signal);
    } else if (std::chrono::steady_clock::now() >= deadline) {
      return false;
    }
  }
}

bool StopSignals::pending() const {
  sigset_t waiting{};
  sigpending(&waiting);
  return std::ranges::any_of(kStopping,
                             [&waiting](int signal) { return sigismember(&waiting, signal) == 1; });
}

void StopSignals::Raise() { kill(getpid(), SIGTERM); }

void StopSignals::Receive(int signal) const {
  if (signal == SIGHUP && reload_) return reload_();
  log_(NameOf(signal) + " ignored: " +
       (signal == SIGHUP ? "there is nothing to reload" : "it means nothing to this server") +
       "; SIGTERM stops it");
}

}  // namespace coupond
