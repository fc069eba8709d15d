#include "engine/clock/system_clock.h"

#include <cstdint>
#include <ctime>
#include <limits>

#include "base/time_text.h"

namespace coupond {
namespace {

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;
constexpr std::int64_t kSecondsMax =
    std::numeric_limits<std::int64_t>::max() / kNanosecondsPerSecond - 1;

Timestamp ReadClock(clockid_t id) {
  timespec now{};
  ::clock_gettime(id, &now);
  // The kernel's clock reaches further than a Timestamp, which must not wrap around.
  if (now.tv_sec > kSecondsMax) {
    return Timestamp::FromUnixNanoseconds(kSecondsMax * kNanosecondsPerSecond);
  }
  if (now.tv_sec < -kSecondsMax) {
    return Timestamp::FromUnixNanoseconds(-kSecondsMax * kNanosecondsPerSecond);
  }
  return Timestamp::FromUnixNanoseconds(now.tv_sec * kNanosecondsPerSecond + now.tv_nsec);
}

}  // namespace

Timestamp SystemClock::Now() const { return ReadClock(CLOCK_REALTIME); }
Timestamp BootClock::Now() const { return ReadClock(CLOCK_BOOTTIME); }

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

}  // namespace coupond
