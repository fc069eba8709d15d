#ifndef COUPOND_TOOLS_COUPONCTL_LOAD_LOAD_COMMAND_H_
#define COUPOND_TOOLS_COUPONCTL_LOAD_LOAD_COMMAND_H_

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>

#include "couponctl/commands/outcome.h"
#include "couponctl/load/load_generator.h"

namespace coupond::ctl {

/// How a load shows its progress.
enum class ProgressStyle : std::uint8_t {
  kNone,
  kLine,  ///< one line that is continually redrawn, for a terminal
  kLog,   ///< a line per second
};

struct LoadCommand {
  LoadPlan plan;      ///< the campaign says how many coupons each of its users may have
  bool check = true;  ///< whether to compare the outcome with the server's own lists
  std::optional<std::string> plot = {};  ///< the path of the file that shows the course of the load
  ProgressStyle progress = ProgressStyle::kNone;
  bool json = false;
  std::ostream& out;
  std::ostream& err;
  /// Receives the outcome of the load before it is printed, in case `out` cannot be written.
  std::string* done = nullptr;
};

/// Runs the load, prints its progress to `err` and the summary to `out`, and writes the plot.
/// Before anything is sent, returns kUsage if the plot cannot be written, kFailed if the server
/// cannot be spoken to over TLS (kUsage if it may get no load), and what FindObstacle says if the
/// campaign would refuse every request or redemption. Otherwise returns kRefused if the consistency
/// check found a fault; and kFailed if the server could not be asked or answered nothing, or the
/// plot could not be written after all.
[[nodiscard]] ExitCode RunLoadCommand(const LoadCommand& command);

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_LOAD_LOAD_COMMAND_H_
