#ifndef COUPOND_TOOLS_COUPONCTL_COMMANDS_BATCH_COMMAND_H_
#define COUPOND_TOOLS_COUPONCTL_COMMANDS_BATCH_COMMAND_H_

#include <cstdint>
#include <string>
#include <vector>

#include "couponctl/commands/outcome.h"

namespace coupond::ctl {

/// The coupons that are asked for: either `count` of them, or one for each of `user_ids`.
struct BatchPlan {
  std::string campaign_id = {};
  std::int32_t count = 0;
  std::string users_file = {};  ///< from which user_ids are read; "-" is standard input
  std::vector<std::string> user_ids = {};
  bool allow_partial = false;
  std::string request_id = {};  ///< empty: one is drawn
};

/// Issues the coupons. Prints the request's id to `err` before anything is sent, so that it can be
/// sent again if no answer arrives; then the codes, each on a line, or a table of the users. With
/// `json`, the server's answer. Returns kRefused also if any user got none.
[[nodiscard]] ExitCode BatchIssueCoupons(const CommandContext& context, const BatchPlan& plan);

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_COMMANDS_BATCH_COMMAND_H_
