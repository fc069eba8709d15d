#ifndef COUPOND_TOOLS_COUPONCTL_COMMANDS_HEALTH_COMMAND_H_
#define COUPOND_TOOLS_COUPONCTL_COMMANDS_HEALTH_COMMAND_H_

#include "couponctl/commands/outcome.h"

namespace coupond::ctl {

/// Prints whether the server accepts commands, as /readyz says. kRefused if it does not.
[[nodiscard]] ExitCode ShowHealth(const CommandContext& context);

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_COMMANDS_HEALTH_COMMAND_H_
