#ifndef COUPOND_TOOLS_COUPONCTL_WATCH_COMMAND_H_
#define COUPOND_TOOLS_COUPONCTL_WATCH_COMMAND_H_

#include <cstddef>
#include <iosfwd>
#include <optional>

#include "couponctl/commands.h"
#include "couponctl/exit_code.h"
#include "couponctl/watch_run.h"

namespace coupond::ctl {

/// Watches the campaign over one stream until it is sold out or deleted, or the time is up, and
/// prints each message to `context.out`: with `context.json` as one JSON object a line, also those
/// that only repeat the one before; else as a line for people, unless nothing has changed. On a
/// terminal of so many columns that is one line which is written over and over. What becomes of the
/// connection is said on `context.err`. Returns kInterrupted after SIGINT or SIGTERM, and kFailed
/// if the time is up while the connection is lost. Throws if the output cannot be written.
[[nodiscard]] ExitCode WatchCampaign(const CommandContext& context, const WatchPlan& plan,
                                     std::optional<std::size_t> terminal_columns);

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_WATCH_COMMAND_H_
