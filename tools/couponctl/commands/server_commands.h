#ifndef COUPOND_TOOLS_COUPONCTL_COMMANDS_SERVER_COMMANDS_H_
#define COUPOND_TOOLS_COUPONCTL_COMMANDS_SERVER_COMMANDS_H_

#include "couponctl/commands/outcome.h"
#include "engine/rules/timestamp.h"

/// The commands about the server itself.
namespace coupond::ctl {

/// Prints whether the server accepts commands, as /readyz says. kRefused if it does not.
[[nodiscard]] ExitCode ShowHealth(const CommandContext& context);

/// Prints what the server is, how far its log has come, and its limits. Also reports on `err` if
/// this machine's clock and the server's differ.
[[nodiscard]] ExitCode ShowServerInfo(const CommandContext& context);

/// Prints the server's time and, while they differ, what the clock of its machine shows and how to
/// accept that.
[[nodiscard]] ExitCode ShowClock(const CommandContext& context);

/// Makes the server go on from what the clock of its machine shows, which was `shown` when an
/// operator looked.
[[nodiscard]] ExitCode AcceptClock(const CommandContext& context, Timestamp shown);

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_COMMANDS_SERVER_COMMANDS_H_
