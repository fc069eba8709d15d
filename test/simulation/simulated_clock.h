#ifndef COUPOND_TEST_SIMULATION_SIMULATED_CLOCK_H_
#define COUPOND_TEST_SIMULATION_SIMULATED_CLOCK_H_

#include <chrono>
#include <cstdint>
#include <utility>

#include "simulation/coverage.h"
#include "simulation/plan.h"
#include "simulation/random.h"
#include "simulation/trace.h"
#include "support/builders.h"

namespace coupond::simulation {

/// The two clocks of a machine: the time since its boot ticks and stands still; the machine's clock
/// does so too, and is set: by a few minutes, or by a day, often only for some moments. One thread.
class SimulatedClock final : public Clock {
 public:
  SimulatedClock(const Plan& plan, Random& random, Coverage& coverage, Trace& trace)
      : plan_(plan), random_(random), coverage_(coverage), trace_(trace) {}

  /// What the machine's clock shows.
  [[nodiscard]] Timestamp Now() const override { return since_boot_.Now().Plus(set_by_); }
  [[nodiscard]] const Clock& since_boot() const { return since_boot_; }

  /// Lets a moment pass.
  void Move() {
    if (glimpse_moments_ > 0 && --glimpse_moments_ == 0) Set(std::exchange(glimpse_, {}));
    if (random_.OneIn(plan_.clock_jump_one_in)) Jump();
    if (still_moments_ > 0) {
      --still_moments_;
      return;
    }
    if (random_.OneIn(kMomentsPerStandstill) && random_.Percent(plan_.clock_stands_still_percent)) {
      still_moments_ = random_.Between(1, 2 * kMomentsPerStandstill);
      coverage_.Count(Counter::kClockStandsStill);
    }
    since_boot_.Pass(std::chrono::nanoseconds(random_.Below(plan_.clock_tick_ns_max + 1)));
  }

 private:
  class SinceBoot final : public Clock {
   public:
    [[nodiscard]] Timestamp Now() const override { return now_; }
    void Pass(std::chrono::nanoseconds time) { now_ = now_.Plus(time); }

   private:
    Timestamp now_;
  };

  static constexpr std::uint64_t kMomentsPerStandstill = 50;
  static constexpr std::uint64_t kMomentsOfAGlimpseMax = 30;
  static constexpr std::chrono::hours kDay{24};

  void Set(std::chrono::nanoseconds by) {
    set_by_ += by;
    const bool forth = by.count() > 0;
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(forth ? by : -by);
    trace_.Add(forth ? "the machine's clock is set forth by {} ms"
                     : "the machine's clock is set back by {} ms",
               static_cast<std::uint64_t>(ms.count()));
  }

  void Jump() {
    const bool forth = random_.OneIn(2);
    coverage_.Count(forth ? Counter::kClockJumpsForth : Counter::kClockJumpsBack);
    if (random_.OneIn(3)) {
      const std::chrono::nanoseconds step(random_.Below(2 * kClockSlackNs));
      return Set(forth ? step : -step);
    }
    Set(forth ? kDay : -kDay);
    if (glimpse_moments_ > 0 || random_.OneIn(3)) return;
    glimpse_ = forth ? -kDay : kDay;
    glimpse_moments_ = random_.Between(1, kMomentsOfAGlimpseMax);
  }

  static constexpr auto kClockSlackNs =
      static_cast<std::uint64_t>(std::chrono::nanoseconds(kClockSlack).count());

  const Plan& plan_;
  Random& random_;
  Coverage& coverage_;
  Trace& trace_;
  SinceBoot since_boot_;
  std::chrono::nanoseconds set_by_ = test::At(0).Since(Timestamp());
  std::chrono::nanoseconds glimpse_{0};  // after glimpse_moments_
  std::uint64_t glimpse_moments_ = 0;
  std::uint64_t still_moments_ = 0;
};

}  // namespace coupond::simulation

#endif  // COUPOND_TEST_SIMULATION_SIMULATED_CLOCK_H_
