#ifndef COUPOND_ENGINE_PORTS_CLOCK_H_
#define COUPOND_ENGINE_PORTS_CLOCK_H_

#include <chrono>
#include <optional>

#include "engine/rules/timestamp.h"

namespace coupond {

/// How far the clocks that a server knows of may be apart, by default, before an operator has to
/// say which of them is right.
inline constexpr std::chrono::minutes kClockSlack{5};

/// How far the machine's clock may have gone on, or been corrected, since an operator looked at it
/// who accepts what it shows.
inline constexpr std::chrono::minutes kClockAcceptance{10};

/// The time, and the other time that may be the right one.
struct ClockReading {
  Timestamp now;
  /// What the machine's clock shows, if it differs from `now` by so much that nothing may be
  /// decided that depends on which of the two is right.
  std::optional<Timestamp> disputed = {};

  friend bool operator==(const ClockReading&, const ClockReading&) = default;
};

/// Reports whether the machine's clock still shows what an operator has seen and accepts.
[[nodiscard]] constexpr bool IsStillShown(Timestamp machine, Timestamp seen) {
  return machine >= seen.PlusUpToTheEnds(-kClockAcceptance) &&
         machine <= seen.PlusUpToTheEnds(kClockAcceptance);
}

/// The time by which commands are decided. It may stand still or jump; the sequencer ensures that
/// log time does not go back. Any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Timestamp Now() const = 0;
  /// Returns Now(), and the time that may be right instead.
  [[nodiscard]] virtual ClockReading Read() const { return {.now = Now()}; }
  /// Goes on from `time`, which was disputed in a reading a moment ago, as an operator wishes. For
  /// clocks that have no dispute it does nothing.
  virtual void Accept(Timestamp /*time*/) const {}
};

}  // namespace coupond

#endif  // COUPOND_ENGINE_PORTS_CLOCK_H_
