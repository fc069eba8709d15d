#ifndef COUPOND_ENGINE_CLOCK_STEERED_CLOCK_H_
#define COUPOND_ENGINE_CLOCK_STEERED_CLOCK_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>

#include "engine/ports/clock.h"
#include "engine/rules/timestamp.h"

namespace coupond {

/// Receives what SteeredClock finds out about the machine's clock. Called on the thread that reads
/// the clock, once each time; the callbacks must not read it.
struct ClockObserver {
  /// The machine's clock shows a year that cannot be right.
  std::function<void(Timestamp reading)> on_implausible = {};
  /// The machine's clock was set by more than the slack, or agrees again (then without a dispute).
  std::function<void(const ClockReading& reading)> on_dispute = {};
};

/// A clock that goes on by itself, and follows the machine's clock as far as that can be believed.
///
/// It runs with the time since boot, which no one can set and which also counts while the machine
/// sleeps. It is set once, to what the machine's clock shows at the start. When that is set forward
/// later, this one follows at once, and when it is set back, this one runs at half speed until the
/// two agree, so it never goes back; but only if they differ by no more than the slack. Otherwise
/// this one goes on as before, and shows the machine's time as disputed until they agree again, or
/// until Accept. Readings that are not plausible (system_clock.h) change nothing and dispute
/// nothing.
///
/// Threads: any. As long as the machine's clock is not set, a reading takes no lock.
class SteeredClock final : public Clock {
 public:
  /// How far the two clocks may be apart without anything being done. A machine's clock that is
  /// slewed (as by NTP) takes the time since boot with it, so nothing but setting it counts.
  static constexpr std::chrono::microseconds kTolerance{500};

  /// `since_boot` shows the time since the machine was started (BootClock), `machine` the machine's
  /// clock, whose present reading must be plausible. Both must outlive this.
  SteeredClock(const Clock& since_boot, const Clock& machine, std::chrono::nanoseconds slack,
               ClockObserver observer = {});

  [[nodiscard]] Timestamp Now() const override { return Read().now; }
  [[nodiscard]] ClockReading Read() const override;
  void Accept(Timestamp time) const override;

 private:
  /// How far this clock and the machine's are ahead of the time since boot, in nanoseconds.
  using Offset = std::int64_t;

  [[nodiscard]] Offset offset() const { return offset_.load(std::memory_order_acquire); }
  [[nodiscard]] Timestamp At(std::int64_t since_boot) const {
    return Timestamp::FromUnixNanoseconds(since_boot + offset());
  }
  /// Reads the clocks when they do not agree.
  [[nodiscard]] ClockReading ReadSteering() const;
  /// Moves this clock towards the machine's, which is `ahead` of it. Call with the lock.
  void Follow(std::int64_t since_boot, std::int64_t ahead) const;

  const Clock& since_boot_;
  const Clock& machine_;
  const std::int64_t slack_;
  const ClockObserver observer_;

  // Reading steers the clock, so this is no part of what the clock is to those who read it.
  mutable std::atomic<Offset> offset_;
  mutable std::atomic<bool> steering_{false};  // slewed, disputed or implausible when last read
  mutable std::mutex mutex_;
  mutable bool implausible_ = false;               // guarded by mutex_
  mutable bool disputed_ = false;                  // guarded by mutex_
  mutable std::optional<std::int64_t> slewed_at_;  // guarded by mutex_; since boot
};

}  // namespace coupond

#endif  // COUPOND_ENGINE_CLOCK_STEERED_CLOCK_H_
