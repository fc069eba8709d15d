#ifndef COUPOND_TOOLS_COUPONCTL_COMMANDS_SEARCH_COMMAND_H_
#define COUPOND_TOOLS_COUPONCTL_COMMANDS_SEARCH_COMMAND_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "coupon/v1/coupon_service.pb.h"
#include "couponctl/commands/outcome.h"

namespace coupond::ctl {

/// Which coupons are looked for. At least one of `user_id` and `campaign_id` is not empty.
struct SearchPlan {
  std::string user_id = {};
  std::string campaign_id = {};
  std::vector<coupon::v1::CouponState> states = {};  ///< empty: all of them
  bool newest_first = false;
  std::optional<std::uint64_t> limit = {};
};

/// Prints the coupons that are found, up to the limit, page by page; with `json`, each as an object
/// on a line of its own.
[[nodiscard]] ExitCode SearchCoupons(const CommandContext& context, const SearchPlan& plan);

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_COMMANDS_SEARCH_COMMAND_H_
