#include "engine/ports/plausible_clock.h"

#include <utility>

namespace coupond {

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
