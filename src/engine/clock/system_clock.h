#ifndef COUPOND_ENGINE_CLOCK_SYSTEM_CLOCK_H_
#define COUPOND_ENGINE_CLOCK_SYSTEM_CLOCK_H_

#include <string>

#include "base/error.h"
#include "engine/ports/clock.h"
#include "engine/rules/timestamp.h"

namespace coupond {

/// The clock of this machine (CLOCK_REALTIME). Any thread.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] Timestamp Now() const override;
};

/// The time since this machine was started (CLOCK_BOOTTIME), as if that had been the beginning of
/// 1970. It also counts while the machine sleeps, and cannot be set. Any thread.
class BootClock final : public Clock {
 public:
  [[nodiscard]] Timestamp Now() const override;
};

/// The years that a clock may show: 2020 to 2199. A clock that shows another year is wrong, and its
/// timestamps would stay wrong for good.
inline constexpr Timestamp kClockMin =
    Timestamp::FromUnixNanoseconds(1'577'836'800'000'000'000);  // 2020-01-01T00:00:00Z
inline constexpr Timestamp kClockEnd =
    Timestamp::FromUnixNanoseconds(7'258'118'400'000'000'000);  // 2200-01-01T00:00:00Z

[[nodiscard]] constexpr bool IsPlausible(Timestamp now) {
  return now >= kClockMin && now < kClockEnd;
}

/// Returns "this machine's clock says 1970-01-01T00:00:09Z, which is not between 2020 and 2199".
[[nodiscard]] std::string ImplausibleText(Timestamp reading);

/// Refuses to do something that writes times with an implausible clock. kClockImplausible.
[[nodiscard]] Status CheckIsPlausible(Timestamp now);

}  // namespace coupond

#endif  // COUPOND_ENGINE_CLOCK_SYSTEM_CLOCK_H_
