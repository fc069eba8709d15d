#ifndef COUPOND_BASE_CPU_BUDGET_H_
#define COUPOND_BASE_CPU_BUDGET_H_

#include <algorithm>
#include <chrono>
#include <ctime>

namespace coupond {

/// Returns the CPU time that the calling thread has taken so far.
[[nodiscard]] inline std::chrono::nanoseconds ThreadCpuTime() {
  ::timespec time{};
  static_cast<void>(::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time));
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

/// Limits the CPU time of a kind of work to a share of the time that passes. What is not used is
/// kept, up to `burst`. If a piece of work takes more than is left, the next one waits until that
/// is recovered. One thread.
class CpuBudget {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// `share` is between 0 and 1. The budget begins with `burst`.
  CpuBudget(double share, std::chrono::nanoseconds burst, Time now)
      : share_(share), burst_(burst), left_(burst), as_of_(now) {}

  /// Subtracts work that was done.
  void Spend(std::chrono::nanoseconds cpu_time) { left_ -= cpu_time; }
  /// Adds time that nothing else needs.
  void Add(std::chrono::nanoseconds cpu_time) { left_ = std::min(burst_, left_ + cpu_time); }

  /// Returns how long to wait before the next piece of work; zero if it may be done now.
  [[nodiscard]] std::chrono::nanoseconds WaitAt(Time now) {
    const std::chrono::duration<double, std::nano> earned = (now - as_of_) * share_;
    left_ = std::min(burst_, left_ + std::chrono::duration_cast<std::chrono::nanoseconds>(earned));
    as_of_ = now;
    if (left_ > std::chrono::nanoseconds(0)) return std::chrono::nanoseconds(0);
    const std::chrono::duration<double, std::nano> wait = (kPiece - left_) / share_;
    return std::chrono::duration_cast<std::chrono::nanoseconds>(wait);
  }

 private:
  /// The least that is waited for, because each wait costs a wake-up.
  static constexpr std::chrono::duration<double, std::nano> kPiece = std::chrono::microseconds(500);

  const double share_;
  const std::chrono::nanoseconds burst_;
  std::chrono::nanoseconds left_;
  Time as_of_;
};

}  // namespace coupond

#endif  // COUPOND_BASE_CPU_BUDGET_H_
