#ifndef COUPOND_TOOLS_COUPONCTL_LOAD_LOAD_CONDITIONS_H_
#define COUPOND_TOOLS_COUPONCTL_LOAD_LOAD_CONDITIONS_H_

#include <optional>
#include <string>

#include "coupon/v1/coupon_service.pb.h"
#include "couponctl/commands/outcome.h"
#include "couponctl/load/load_generator.h"
#include "engine/rules/timestamp.h"

namespace coupond::ctl {

/// Why a load would be in vain.
struct LoadObstacle {
  ExitCode exit_code;  ///< kUsage if other options would help; kRefused if only the campaign can
  std::string why;     ///< with what to do about it, for people; not safe to print on a terminal
};

/// Returns why the campaign as it is would refuse every request, or every redemption, of the load;
/// nullopt if nothing is known against it. `server_time` is now by the server's clock, and needed
/// only if NeedsServerTime.
[[nodiscard]] std::optional<LoadObstacle> FindObstacle(const LoadPlan& plan,
                                                       const coupon::v1::Campaign& campaign,
                                                       std::optional<Timestamp> server_time);

/// Reports whether it depends on the time whether the campaign would refuse every redemption.
[[nodiscard]] bool NeedsServerTime(const LoadPlan& plan, const coupon::v1::Campaign& campaign);

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_LOAD_LOAD_CONDITIONS_H_
