#ifndef COUPOND_TOOLS_COUPONCTL_LOAD_LOAD_COMMAND_H_
#define COUPOND_TOOLS_COUPONCTL_LOAD_LOAD_COMMAND_H_

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <string>

#include "couponctl/commands/outcome.h"
#include "couponctl/load/load_generator.h"

namespace coupond::ctl {

/// How a load shows how far it has come.
enum class ProgressStyle : std::uint8_t {
  kNone,
  kLine,  ///< one line that is written over and over, for a terminal
  kLog,   ///< a line a second
};

struct LoadCommand {
  LoadPlan plan;
  bool check = true;  ///< whether to hold the outcome against the server's own lists
  ProgressStyle progress = ProgressStyle::kNone;
  bool json = false;
  std::ostream& out;
  std::ostream& err;
  /// Takes what came of the load before it is printed, for when `out` cannot be written.
  std::string* done = nullptr;
};

/// Runs the load, prints progress to `err` and the summary to `out`. kRefused if the consistency
/// check found a fault, kFailed if the server could not be asked or answered nothing.
[[nodiscard]] ExitCode RunLoadCommand(const LoadCommand& command);

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_LOAD_LOAD_COMMAND_H_
