#ifndef COUPOND_TOOLS_COUPONCTL_COMMANDS_BACKUP_COMMAND_H_
#define COUPOND_TOOLS_COUPONCTL_COMMANDS_BACKUP_COMMAND_H_

#include <string>

#include "couponctl/commands/commands.h"
#include "couponctl/exit_code.h"

namespace coupond::ctl {

/// couponctl backup: has the server copy its store, and says where the copy is and how to check it.
[[nodiscard]] ExitCode CreateBackup(const CommandContext& context, const std::string& name);

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_COMMANDS_BACKUP_COMMAND_H_
