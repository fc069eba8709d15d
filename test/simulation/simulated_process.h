#ifndef COUPOND_TEST_SIMULATION_SIMULATED_PROCESS_H_
#define COUPOND_TEST_SIMULATION_SIMULATED_PROCESS_H_

#include <cstdint>
#include <memory>

#include "engine/clock/steered_clock.h"
#include "engine/engine.h"
#include "engine/ports/clock.h"
#include "engine/sequencer/fence.h"
#include "simulation/clock_check.h"
#include "simulation/plan.h"
#include "simulation/random.h"
#include "simulation/simulated_clock.h"
#include "simulation/simulated_log.h"
#include "simulation/simulated_texts.h"
#include "simulation/simulated_views.h"
#include "simulation/simulated_watermark.h"

namespace coupond::simulation {

/// One life of the engine that ships, from recovery to a stop or a crash. It has no threads: the
/// simulation decides which of its parts takes the next step.
class SimulatedProcess {
 public:
  struct World {
    const Plan& plan;
    Random& random;
    const SimulatedClock& clock;
    SimulatedLog& log;
    SimulatedViews& views;
    SimulatedWatermark& watermark;
    SimulatedTexts& texts;
  };

  /// Recovers from the disk. The projector takes steps in between, as it does in reality.
  explicit SimulatedProcess(const World& world);

  SimulatedProcess(const SimulatedProcess&) = delete;
  SimulatedProcess& operator=(const SimulatedProcess&) = delete;

  [[nodiscard]] Engine& engine() { return *engine_; }
  /// Returns what its clock shows, which is checked.
  [[nodiscard]] ClockReading ReadClock();
  /// Takes note that an operator has made it go by what the machine's clock shows.
  void OnAccept(Timestamp time) { clock_check_.OnAccept(time); }
  /// Returns the number of groups that recovery had to read.
  [[nodiscard]] std::uint64_t groups_read() const { return groups_read_; }

 private:
  const SimulatedClock& machine_;
  SteeredClock clock_;
  ClockCheck clock_check_;
  Fence fence_;
  std::uint64_t groups_read_ = 0;
  std::unique_ptr<Engine> engine_;
};

}  // namespace coupond::simulation

#endif  // COUPOND_TEST_SIMULATION_SIMULATED_PROCESS_H_
