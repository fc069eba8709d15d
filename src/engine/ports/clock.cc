#include "engine/ports/clock.h"

#include <cstdint>
#include <ctime>
#include <limits>

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

}  // namespace coupond
