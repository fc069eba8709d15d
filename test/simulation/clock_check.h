#ifndef COUPOND_TEST_SIMULATION_CLOCK_CHECK_H_
#define COUPOND_TEST_SIMULATION_CLOCK_CHECK_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "engine/ports/clock.h"
#include "engine/rules/timestamp.h"
#include "simulation/violation.h"

namespace coupond::simulation {

/// Checks the readings of a process's clock against the two clocks of its machine. Written from
/// docs/ARCHITECTURE.md, not from the clock. One thread.
class ClockCheck {
 public:
  /// `start` is the first reading, and `since_boot` when it was.
  ClockCheck(Timestamp start, Timestamp since_boot) : now_(start), since_boot_(since_boot) {}

  void OnAccept(Timestamp time) { now_ = time; }

  void OnReading(const ClockReading& reading, Timestamp since_boot, Timestamp machine) {
    const std::int64_t passed = since_boot.Since(since_boot_).count();
    const std::int64_t moved = reading.now.Since(now_).count();
    const std::int64_t ahead = machine.Since(now_.Plus(since_boot.Since(since_boot_))).count();
    const auto demand = [&](bool holds, const char* what) {
      Demand(holds, what, [&] {
        return "the clock moved by " + std::to_string(moved) + " ns while " +
               std::to_string(passed) + " ns passed, and the machine's was " +
               std::to_string(ahead) + " ns ahead";
      });
    };
    constexpr std::int64_t kSlack = std::chrono::nanoseconds(kClockSlack).count();
    constexpr std::int64_t kNear = std::chrono::nanoseconds(std::chrono::milliseconds(1)).count();
    const bool too_far = ahead > kSlack || ahead < -kSlack;
    demand(reading.disputed == (too_far ? std::optional(machine) : std::nullopt),
           "a time is disputed if the machine's clock was set too far");
    if (too_far) {
      demand(moved == passed, "the machine's clock is not followed too far");
    } else if (ahead > kNear) {
      demand(moved == passed + ahead, "the machine's clock is followed forward");
    } else if (ahead >= -kNear) {
      demand(moved >= passed - kNear && moved <= passed + kNear,
             "time goes on as the machine's clock does");
    } else {
      demand(moved <= passed && moved >= passed / 2, "time is slowed down, and does not go back");
    }
    now_ = reading.now;
    since_boot_ = since_boot;
  }

 private:
  Timestamp now_;
  Timestamp since_boot_;
};

}  // namespace coupond::simulation

#endif  // COUPOND_TEST_SIMULATION_CLOCK_CHECK_H_
