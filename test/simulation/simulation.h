#ifndef COUPOND_TEST_SIMULATION_SIMULATION_H_
#define COUPOND_TEST_SIMULATION_SIMULATION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "simulation/coverage.h"
#include "simulation/violation.h"

namespace coupond::simulation {

struct SimulationOptions {
  std::uint64_t seed = 1;
  /// The number of commands that get into the engine; a few more follow until nothing is open. The
  /// checks after each crash grow with it, so many seeds find more than one long run.
  std::uint64_t commands = 2'000;
};

struct SimulationResult {
  std::uint64_t seed = 0;
  std::uint64_t commands = 0;  ///< that got into the engine
  std::uint64_t digest = 0;    ///< of all that happened: the same for the same options
  Coverage coverage;
  std::optional<Violation> violation;
  std::vector<std::string> last_steps;  ///< before the violation
};

/// Runs the whole engine in this thread, with its clients, its clock and its disk. The seed decides
/// everything: the requests, the faults and their times, and who takes the next step. Every reply,
/// the log, the ledger after each recovery and the views are compared with an independent model.
/// Ends at the first violation.
[[nodiscard]] SimulationResult Simulate(const SimulationOptions& options);

}  // namespace coupond::simulation

#endif  // COUPOND_TEST_SIMULATION_SIMULATION_H_
