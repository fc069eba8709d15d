#ifndef COUPOND_PROGRAM_STOP_SIGNALS_H_
#define COUPOND_PROGRAM_STOP_SIGNALS_H_

#include <chrono>
#include <csignal>
#include <functional>
#include <string>
#include <utility>

namespace coupond {

/// The signals of a server. SIGTERM, SIGINT, SIGQUIT, SIGPWR and SIGXCPU ask it to stop. SIGHUP
/// asks it to read again what it has read from files, if there is anything. The other signals that
/// would end a process by default, the real-time signals among them, are ignored with a line in the
/// log. SIGABRT and the signals that the processor raises (SIGSEGV and the like) end it as usual.
///
/// Construct it before any thread is started: the signals are blocked in
/// all threads, and received in Wait and WaitFor, which only one thread may call. Signals that the
/// parent ignored or blocked are received as well.
class StopSignals {
 public:
  /// `log` is called with a line for each ignored signal, from Wait and WaitFor.
  explicit StopSignals(std::function<void(const std::string& line)> log);

  /// Sets what SIGHUP does, from Wait and WaitFor. Without it, SIGHUP is ignored.
  void OnHangUp(std::function<void()> reload) { reload_ = std::move(reload); }

  /// Waits for a signal to stop.
  void Wait() const;
  /// Waits for a signal to stop, at most for `patience`. Returns whether one came.
  bool WaitFor(std::chrono::nanoseconds patience) const;
  /// Returns whether Wait would return at once. Any thread.
  [[nodiscard]] bool pending() const;
  /// Makes Wait return, as a signal would. Any thread.
  static void Raise();

 private:
  /// Deals with a signal that does not stop the server.
  void Receive(int signal) const;

  const std::function<void(const std::string&)> log_;
  std::function<void()> reload_;
  sigset_t all_{};
};

}  // namespace coupond

#endif  // COUPOND_PROGRAM_STOP_SIGNALS_H_
