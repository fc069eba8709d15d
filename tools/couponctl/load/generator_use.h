#ifndef COUPOND_TOOLS_COUPONCTL_LOAD_GENERATOR_USE_H_
#define COUPOND_TOOLS_COUPONCTL_LOAD_GENERATOR_USE_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace coupond::ctl {

/// What the calling thread has had of the processors since it began.
struct ThreadTimes {
  std::chrono::nanoseconds on_processor{0};
  /// Ready to run, while others had the processors; 0 if the system does not tell.
  std::chrono::nanoseconds waited{0};

  [[nodiscard]] static ThreadTimes OfThisThread();
};

/// How busy a load generator was. A server cannot be judged by a load whose generator was the
/// limit.
struct GeneratorUse {
  /// A request that is sent this long after it was due, although a connection was free, is late.
  /// The timers of the system are exact to 0.1 ms.
  static constexpr std::chrono::milliseconds kLateAfter{1};

  /// Counts a request that a free connection sent `lateness` after it was due.
  void AddSent(std::chrono::nanoseconds lateness);

  [[nodiscard]] double BusyShare() const { return ShareOf(times.on_processor); }
  [[nodiscard]] double WaitedShare() const { return ShareOf(times.waited); }
  /// Returns why the generator, or its machine, was the limit and not the server, for people; or
  /// nullopt if it was not: the thread had nothing to do for more than 5 % of the time, and less
  /// than 1 % of the requests were late.
  [[nodiscard]] std::optional<std::string> WhyLimit() const;

  std::chrono::nanoseconds elapsed{0};  ///< while requests were sent
  ThreadTimes times = {};               ///< of its thread in that time
  std::uint64_t sent = 0;  ///< all requests, including those that found no free connection
  std::uint64_t late = 0;
  std::chrono::nanoseconds lateness_max{0};

 private:
  [[nodiscard]] double ShareOf(std::chrono::nanoseconds part) const;
};

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_LOAD_GENERATOR_USE_H_
