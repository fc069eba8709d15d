#ifndef COUPOND_TOOLS_COUPONCTL_COMMANDS_CLOCK_COMMAND_H_
#define COUPOND_TOOLS_COUPONCTL_COMMANDS_CLOCK_COMMAND_H_

#include "couponctl/commands/outcome.h"
#include "engine/rules/timestamp.h"

namespace coupond::ctl {

/// Prints the server's time and, while they differ, what the clock of its machine shows and how to
/// accept that.
[[nodiscard]] ExitCode ShowClock(const CommandContext& context);

/// Makes the server go on from what the clock of its machine shows, which was `shown` when somebody
/// looked.
[[nodiscard]] ExitCode AcceptClock(const CommandContext& context, Timestamp shown);

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_COMMANDS_CLOCK_COMMAND_H_
