#include "couponctl/load/generator_use.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <fstream>

#include "base/duration_text.h"

namespace coupond::ctl {
namespace {

constexpr double kBusyShareMax = 0.95;
constexpr double kLateShareMax = 0.01;

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

void GeneratorUse::AddSent(std::chrono::nanoseconds lateness) {
  if (lateness > kLateAfter) ++late;
  lateness_max = std::max(lateness_max, lateness);
}

double GeneratorUse::ShareOf(std::chrono::nanoseconds part) const {
  if (elapsed.count() <= 0) return 0;
  return static_cast<double>(part.count()) / static_cast<double>(elapsed.count());
}

std::optional<std::string> GeneratorUse::WhyLimit() const {
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
  const double late_share = sent == 0 ? 0 : static_cast<double>(late) / static_cast<double>(sent);
  if (late_share >= kLateShareMax) {
    return fmt::format(
        "it sent {:.1f} % of the requests more than {} late, up to {}, although a connection was "
        "free; run it on a machine with less other work",
        100 * late_share, FormatDuration(kLateAfter), FormatDuration(lateness_max));
  }
  return std::nullopt;
}

}  // namespace coupond::ctl
