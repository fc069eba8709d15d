#include "engine/clock/system_clock.h"

#include <cstdint>
#include <ctime>
#include <limits>
#include <utility>

#include "base/time_text.h"

namespace coupond {
namespace {

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;
constexpr std::int64_t kSecondsMax =
    std::numeric_limits<std::int64_t>::max() / kNanosecondsPerSecond - 1;

}  // namespace

Timestamp SystemClock::Now() const {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  // The kernel's clock reaches further than a Timestamp, which must not wrap around.
  if (now.tv_sec > kSecondsMax) {
    return Timestamp::FromUnixNanoseconds(kSecondsMax * kNanosecondsPerSecond);
  }
  if (now.tv_sec < -kSecondsMax) {
    return Timestamp::FromUnixNanoseconds(-kSecondsMax * kNanosecondsPerSecond);
  }
  return Timestamp::FromUnixNanoseconds(now.tv_sec * kNanosecondsPerSecond + now.tv_nsec);
}

std::string ImplausibleText(Timestamp reading) {
  UtcTime time = FromUnixNanoseconds(reading.unix_nanoseconds());
  time.nanoseconds = 0;
  return "this machine's clock says " + FormatTime(time) + ", which is not between 2020 and 2199";
}

Status CheckIsPlausible(Timestamp now) {
  if (IsPlausible(now)) return {};
  return MakeError(ErrorCode::kClockImplausible,
                   ImplausibleText(now) +
                       ". Coupons would keep the wrong time forever, so nothing was started or "
                       "changed; set the clock (timedatectl, chronyc makestep) and try again");
}

PlausibleClock::PlausibleClock(const Clock& clock, Timestamp start,
                               std::function<void(Timestamp reading)> on_implausible)
    : clock_(clock),
      on_implausible_(std::move(on_implausible)),
      last_nanoseconds_(start.unix_nanoseconds()) {}

Timestamp PlausibleClock::Now() const {
  const Timestamp now = clock_.Now();
  if (IsPlausible(now)) {
    last_nanoseconds_.store(now.unix_nanoseconds(), std::memory_order_relaxed);
    implausible_.store(false, std::memory_order_relaxed);
    return now;
  }
  if (!implausible_.exchange(true)) on_implausible_(now);
  return Timestamp::FromUnixNanoseconds(last_nanoseconds_.load(std::memory_order_relaxed));
}

}  // namespace coupond
