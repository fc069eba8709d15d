#ifndef COUPOND_TEST_SIMULATION_SIMULATED_PROCESS_H_
#define COUPOND_TEST_SIMULATION_SIMULATED_PROCESS_H_

#include <memory>
#include <optional>

#include "engine/ports/clock.h"
#include "engine/sequencer/command_queue.h"
#include "engine/sequencer/fence.h"
#include "engine/sequencer/sequencer.h"
#include "engine/views/projector.h"
#include "simulation/plan.h"
#include "simulation/random.h"
#include "simulation/simulated_log.h"
#include "simulation/simulated_views.h"
#include "simulation/simulated_watermark.h"

namespace coupond::simulation {

/// One life of the engine, from recovery to a stop or a crash: the parts that Engine puts on
/// threads, here on one thread, each with its turn when the simulation says so.
class SimulatedProcess {
 public:
  struct World {
    const Plan& plan;
    Random& random;
    const Clock& clock;
    SimulatedLog& log;
    SimulatedViews& views;
    SimulatedWatermark& watermark;
  };

  /// Recovers from what the disk holds. The projector has its turn in between, as it does in life.
  explicit SimulatedProcess(const World& world);

  SimulatedProcess(const SimulatedProcess&) = delete;
  SimulatedProcess& operator=(const SimulatedProcess&) = delete;

  [[nodiscard]] CommandQueue& queue() { return queue_; }
  [[nodiscard]] const Fence& fence() const { return fence_; }
  [[nodiscard]] Sequencer& sequencer() { return *sequencer_; }
  [[nodiscard]] Projector& projector() { return *projector_; }
  /// How many groups recovery had to read.
  [[nodiscard]] std::uint64_t groups_read() const { return groups_read_; }

 private:
  CommandQueue queue_;
  Fence fence_;
  std::optional<Projector> projector_;
  std::optional<Sequencer> sequencer_;
  std::uint64_t groups_read_ = 0;
};

}  // namespace coupond::simulation

#endif  // COUPOND_TEST_SIMULATION_SIMULATED_PROCESS_H_
