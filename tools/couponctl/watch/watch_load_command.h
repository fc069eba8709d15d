#ifndef COUPOND_TOOLS_COUPONCTL_WATCH_WATCH_LOAD_COMMAND_H_
#define COUPOND_TOOLS_COUPONCTL_WATCH_WATCH_LOAD_COMMAND_H_

#include "couponctl/commands/commands.h"
#include "couponctl/exit_code.h"
#include "couponctl/watch/watch_run.h"

namespace coupond::ctl {

/// Watches the campaign over many streams at once, to see what that costs a server, until all have
/// ended, the time is up, or SIGINT or SIGTERM comes; then prints what they came to to
/// `context.out`. `context.err` is told when all are open, and with `live_line` how far it is, on a
/// line that is written over and over. kUsage if this process may not open so many files; kFailed
/// or kRefused, as for one stream, if one of them failed.
[[nodiscard]] ExitCode WatchWithManyStreams(const CommandContext& context, const WatchPlan& plan,
                                            bool live_line);

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_WATCH_WATCH_LOAD_COMMAND_H_
