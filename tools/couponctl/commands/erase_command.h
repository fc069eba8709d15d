#ifndef COUPOND_TOOLS_COUPONCTL_COMMANDS_ERASE_COMMAND_H_
#define COUPOND_TOOLS_COUPONCTL_COMMANDS_ERASE_COMMAND_H_

#include <string>

#include "couponctl/commands/outcome.h"

namespace coupond::ctl {

struct UserErasure {
  std::string user_id = {};
  bool forget_claims = false;  ///< the user may get other coupons in place of those
  std::string request_id = {};
};

/// Erases a user. Prints how many coupons lost their user_id, whether files may still have it, and
/// which copies of the store were not reached.
[[nodiscard]] ExitCode EraseUser(const CommandContext& context, const UserErasure& erasure);

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_COMMANDS_ERASE_COMMAND_H_
