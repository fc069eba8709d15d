#ifndef COUPOND_TOOLS_COUPONCTL_COMMANDS_INFO_COMMAND_H_
#define COUPOND_TOOLS_COUPONCTL_COMMANDS_INFO_COMMAND_H_

#include "couponctl/commands/outcome.h"

namespace coupond::ctl {

/// Prints what the server is, how far its log has come, and its limits. Also reports on `err` if
/// this machine's clock and the server's differ.
[[nodiscard]] ExitCode ShowServerInfo(const CommandContext& context);

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_COMMANDS_INFO_COMMAND_H_
