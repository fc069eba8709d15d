#ifndef COUPOND_TOOLS_COUPONCTL_WATCH_WATCH_COMMANDS_H_
#define COUPOND_TOOLS_COUPONCTL_WATCH_WATCH_COMMANDS_H_

#include <cstddef>
#include <optional>

#include "couponctl/commands/outcome.h"
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

/// Watches the campaign over many streams at once, to see what that costs a server, until all have
/// ended, the time is up, or SIGINT or SIGTERM comes; then prints what they came to to
/// `context.out`. `context.err` is told when all are open, and with `live_line` how far it is, on a
/// line that is written over and over. kUsage if this process may not open so many files; kFailed
/// or kRefused, as for one stream, if one of them failed.
[[nodiscard]] ExitCode WatchWithManyStreams(const CommandContext& context, const WatchPlan& plan,
                                            bool live_line);

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_WATCH_WATCH_COMMANDS_H_
