#ifndef COUPOND_TOOLS_COUPON_AUDIT_COMMAND_LINE_H_
#define COUPOND_TOOLS_COUPON_AUDIT_COMMAND_LINE_H_

#include <cstdint>
#include <expected>
#include <limits>
#include <optional>
#include <string>

#include "coupon_audit/commands/campaign_selector.h"
#include "engine/rules/ids.h"
#include "engine/rules/timestamp.h"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's own name
class App;
}

namespace coupond::audit {

/// The options of all commands together.
struct Options {
  std::string command;
  std::string directory;
  bool json = false;

  // replay; if both are absent, up to the end of the log
  std::optional<Sequence> until_sequence;
  std::optional<Timestamp> until_time;

  // log
  std::uint64_t from = 1;
  std::uint64_t to = std::numeric_limits<std::uint64_t>::max();

  // log and export
  std::optional<CampaignSelector> campaign;

  // export
  bool csv = true;
  bool byte_order_mark = false;
  bool formula_guard = true;

  // repair
  bool accept_loss = false;
};

/// Declares the commands and their options, which are read into `options`. It must outlive `app`.
void AddOptions(CLI::App& app, Options& options);

/// Reads the command line. The error is the exit status, after help or a usage error has been
/// printed.
[[nodiscard]] std::expected<Options, int> ParseOptions(int argc, const char* const* argv);

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_COMMAND_LINE_H_
