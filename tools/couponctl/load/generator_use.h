#ifndef COUPOND_TOOLS_COUPONCTL_LOAD_GENERATOR_USE_H_
#define COUPOND_TOOLS_COUPONCTL_LOAD_GENERATOR_USE_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "couponctl/load/load_tally.h"

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

  /// Counts a request that a free connection sent `lateness` after it was due; 0 for one that had
  /// to wait for a connection, because that is the server's lateness.
  void AddSent(std::chrono::nanoseconds lateness);

  [[nodiscard]] double BusyShare() const { return ShareOf(times.on_processor); }
  [[nodiscard]] double WaitedShare() const { return ShareOf(times.waited); }
  /// Returns why the generator, or its machine, was the limit and not the server, for people; or
  /// nullopt if it was not. It was if its thread had nothing to do for less than 5 % of the time,
  /// or if its lateness makes up at least half of what it measured: the 99th percentile of
  /// `latency`.
  [[nodiscard]] std::optional<std::string> WhyLimit(const LatencyRecord& latency) const;

  std::chrono::nanoseconds elapsed{0};  ///< while requests were sent
  ThreadTimes times = {};               ///< of its thread in that time
  LatencyRecord lateness = {};          ///< of all requests
  std::uint64_t late = 0;

 private:
  [[nodiscard]] double ShareOf(std::chrono::nanoseconds part) const;
};

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_LOAD_GENERATOR_USE_H_
