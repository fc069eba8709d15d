#include "simulation/simulated_process.h"

#include <utility>

#include "simulation/violation.h"

namespace coupond::simulation {

SimulatedProcess::SimulatedProcess(const World& world)
    : machine_(world.clock),
      clock_(world.clock.since_boot(), world.clock, kClockSlack),
      clock_check_(world.clock.Now(), world.clock.since_boot().Now()) {
  auto engine = Engine::StartStepped({.log = world.log,
                                      .stored_log = world.log,
                                      .views = world.views,
                                      .clock = clock_,
                                      .fence = fence_,
                                      .commit_listener = &world.watermark,
                                      .texts = &world.texts,
                                      .clock_slack = kClockSlack},
                                     {.queue = world.plan.queue_capacity,
                                      .events_per_view_flush = world.plan.events_per_flush,
                                      .found_texts = world.plan.found_texts},
                                     [this, &world](Engine& recovering) {
                                       ++groups_read_;
                                       if (world.random.OneIn(4)) recovering.StepProjector();
                                     });
  Demand(engine.has_value(), "recovery succeeds", [&] { return engine.error().message; });
  engine_ = std::move(*engine);
}

ClockReading SimulatedProcess::ReadClock() {
  const ClockReading reading = clock_.Read();
  clock_check_.OnReading(reading, machine_.since_boot().Now(), machine_.Now());
  return reading;
}

}  // namespace coupond::simulation
