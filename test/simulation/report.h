#ifndef COUPOND_TEST_SIMULATION_REPORT_H_
#define COUPOND_TEST_SIMULATION_REPORT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "simulation/simulation.h"

namespace coupond::simulation {

/// The results of all runs together.
struct Report {
  std::uint64_t commands_asked = 0;  ///< for each run
  std::vector<SimulationResult> runs;
  double seconds = 0;

  [[nodiscard]] std::uint64_t commands() const;
  [[nodiscard]] std::uint64_t failed() const;
  [[nodiscard]] Coverage coverage() const;
};

/// Returns one line for a run that passed; for one that failed also what was seen, the steps
/// before, and how to run it again.
[[nodiscard]] std::string RunInWords(const SimulationResult& run, std::uint64_t commands_asked);
/// Returns the counters, the speed, and as the last line "N passed, N failed".
[[nodiscard]] std::string SummaryInWords(const Report& report);
/// Returns all of it as one JSON object.
[[nodiscard]] std::string ReportInJson(const Report& report);

}  // namespace coupond::simulation

#endif  // COUPOND_TEST_SIMULATION_REPORT_H_
