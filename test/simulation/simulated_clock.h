#ifndef COUPOND_TEST_SIMULATION_SIMULATED_CLOCK_H_
#define COUPOND_TEST_SIMULATION_SIMULATED_CLOCK_H_

#include <chrono>
#include <cstdint>

#include "simulation/coverage.h"
#include "simulation/plan.h"
#include "simulation/random.h"
#include "simulation/trace.h"
#include "support/builders.h"

namespace coupond::simulation {

/// A wall clock that ticks, stands still, and jumps forward and back by a day. One thread.
class SimulatedClock final : public Clock {
 public:
  SimulatedClock(const Plan& plan, Random& random, Coverage& coverage, Trace& trace)
      : plan_(plan), random_(random), coverage_(coverage), trace_(trace) {}

  [[nodiscard]] Timestamp Now() const override { return now_; }

  /// Lets a moment pass.
  void Move() {
    if (random_.OneIn(plan_.clock_jump_one_in)) Jump();
    if (still_moments_ > 0) {
      --still_moments_;
      return;
    }
    if (random_.OneIn(kMomentsPerStandstill) && random_.Percent(plan_.clock_stands_still_percent)) {
      still_moments_ = random_.Between(1, 2 * kMomentsPerStandstill);
      coverage_.Count(Counter::kClockStandsStill);
    }
    now_ = now_.Plus(std::chrono::nanoseconds(random_.Below(plan_.clock_tick_ns_max + 1)));
  }

 private:
  static constexpr std::uint64_t kMomentsPerStandstill = 50;
  static constexpr std::chrono::hours kDay{24};

  void Jump() {
    const bool forth = random_.OneIn(2);
    coverage_.Count(forth ? Counter::kClockJumpsForth : Counter::kClockJumpsBack);
    trace_.Add(forth ? "the clock jumps a day forth" : "the clock jumps a day back");
    now_ = now_.Plus(forth ? kDay : -kDay);
  }

  const Plan& plan_;
  Random& random_;
  Coverage& coverage_;
  Trace& trace_;
  Timestamp now_ = test::At(0);
  std::uint64_t still_moments_ = 0;
};

}  // namespace coupond::simulation

#endif  // COUPOND_TEST_SIMULATION_SIMULATED_CLOCK_H_
