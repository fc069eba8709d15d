#include "simulation/simulated_process.h"

#include <utility>

#include "simulation/violation.h"

namespace coupond::simulation {

SimulatedProcess::SimulatedProcess(const World& world) {
  auto engine = Engine::StartStepped(
      {.log = world.log,
       .stored_log = world.log,
       .views = world.views,
       .clock = world.clock,
       .fence = fence_,
       .commit_listener = &world.watermark},
      {.queue = world.plan.queue_capacity, .events_per_view_flush = world.plan.events_per_flush},
      [this, &world](Engine& recovering) {
        ++groups_read_;
        if (world.random.OneIn(4)) recovering.StepProjector();
      });
  Demand(engine.has_value(), "recovery succeeds", [&] { return engine.error().message; });
  engine_ = std::move(*engine);
}

}  // namespace coupond::simulation
