#ifndef COUPOND_TOOLS_COUPONCTL_WATCH_WATCH_COMMAND_H_
#define COUPOND_TOOLS_COUPONCTL_WATCH_WATCH_COMMAND_H_

#include <cstddef>
#include <iosfwd>
#include <optional>

#include "couponctl/commands/commands.h"
#include "couponctl/exit_code.h"
#include "couponctl/watch/watch_run.h"

namespace coupond::ctl {

/// Watches the campaign over one stream until it is sold out or deleted, or the time is up, and
/// prints each message to `context.out`. With `context.json`, prints one JSON object per line,
/// including messages that only repeat the previous one. Otherwise prints a line for people, unless
/// nothing has changed; on a terminal (of `terminal_columns` columns), this is a single line that
/// is continually redrawn. Reports changes of the connection on `context.err`. Returns kInterrupted
/// after SIGINT or SIGTERM, and kFailed if the time is up while the connection is lost. Throws if
/// the output cannot be written.
[[nodiscard]] ExitCode WatchCampaign(const CommandContext& context, const WatchPlan& plan,
                                     std::optional<std::size_t> terminal_columns);

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_WATCH_WATCH_COMMAND_H_
