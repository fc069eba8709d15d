#include "couponctl/load/generator_use.h"

#include <fmt/format.h>

#include <ctime>
#include <fstream>

#include "base/duration_text.h"

namespace coupond::ctl {
namespace {

constexpr double kBusyShareMax = 0.95;

}  // namespace

ThreadTimes ThreadTimes::OfThisThread() {
  ThreadTimes times;
  timespec used{};
  if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used) == 0) {
    times.on_processor = std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
  }
  // The second number is what the thread has waited (Documentation/scheduler/sched-stats.rst).
  std::ifstream statistics("/proc/thread-self/schedstat");
  std::int64_t on_processor = 0;
  std::int64_t waited = 0;
  if (statistics >> on_processor >> waited) times.waited = std::chrono::nanoseconds(waited);
  return times;
}

void GeneratorUse::AddSent(std::chrono::nanoseconds its_lateness) {
  lateness.Add(its_lateness);
  if (its_lateness > kLateAfter) ++late;
}

double GeneratorUse::ShareOf(std::chrono::nanoseconds part) const {
  if (elapsed.count() <= 0) return 0;
  return static_cast<double>(part.count()) / static_cast<double>(elapsed.count());
}

std::optional<std::string> GeneratorUse::WhyLimit(const LatencyRecord& latency) const {
  if (BusyShare() >= kBusyShareMax) {
    return fmt::format("its thread was busy {:.0f} % of the time; run several at once",
                       100 * BusyShare());
  }
  if (BusyShare() + WaitedShare() >= kBusyShareMax) {
    return fmt::format(
        "its thread was busy {:.0f} % of the time, and waited for a processor {:.0f} %; run it on "
        "another machine than the server",
        100 * BusyShare(), 100 * WaitedShare());
  }
  const std::chrono::nanoseconds own = lateness.Percentile(99);
  const std::chrono::nanoseconds measured = latency.Percentile(99);
  if (own > kLateAfter && own >= measured / 2) {
    return fmt::format(
        "it sent {:.1f} % of the requests more than {} late although a connection was free, so of "
        "the p99 of {} up to {} are its own; run it on a machine with less other work",
        100 * static_cast<double>(late) / static_cast<double>(lateness.count()),
        FormatDuration(kLateAfter), FormatDuration(measured), FormatDuration(own));
  }
  return std::nullopt;
}

}  // namespace coupond::ctl
