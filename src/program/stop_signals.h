#ifndef COUPOND_PROGRAM_STOP_SIGNALS_H_
#define COUPOND_PROGRAM_STOP_SIGNALS_H_

#include <chrono>
#include <csignal>
#include <functional>
#include <string>

namespace coupond {

/// The signals of a server. SIGTERM, SIGINT, SIGQUIT, SIGPWR and SIGXCPU ask it to stop. The others
/// that would end a process by default, SIGHUP and the real-time signals among them, are ignored
/// with a line in the log. SIGABRT and what the processor raises (SIGSEGV and the like) end it as
/// ever.
///
/// Construct it before any thread is started: the signals are blocked in all of them and arrive in
/// Wait and WaitFor, which belong to one thread. What the parent ignored or blocked does not
/// matter.
class StopSignals {
 public:
  /// `log` takes a line for each signal that is ignored, in Wait and WaitFor.
  explicit StopSignals(std::function<void(const std::string& line)> log);

  /// Waits for a signal to stop.
  void Wait() const;
  /// Waits for a signal to stop, at most so long. Returns whether one came.
  bool WaitFor(std::chrono::nanoseconds patience) const;
  /// Returns whether Wait would return at once. Any thread.
  [[nodiscard]] bool pending() const;
  /// Makes Wait return. Any thread.
  static void Raise();

 private:
  void Ignore(int signal) const;

  const std::function<void(const std::string&)> log_;
  sigset_t all_{};
};

}  // namespace coupond

#endif  // COUPOND_PROGRAM_STOP_SIGNALS_H_
