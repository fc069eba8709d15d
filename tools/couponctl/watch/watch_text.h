#ifndef COUPOND_TOOLS_COUPONCTL_WATCH_WATCH_TEXT_H_
#define COUPOND_TOOLS_COUPONCTL_WATCH_WATCH_TEXT_H_

#include <cstddef>
#include <string>

#include "engine/rules/timestamp.h"

namespace coupon::v1 {
class WatchCampaignResponse;
}

/// How a watched campaign stands, for people; without a newline.
namespace coupond::ctl {

/// One line for a terminal that is so many columns wide: name, bar, counts, coupons per second. It
/// leaves the last column free.
[[nodiscard]] std::string WatchBar(const coupon::v1::WatchCampaignResponse& message,
                                   double per_second, Timestamp now, std::size_t columns);

/// One line of a log.
[[nodiscard]] std::string WatchLine(const coupon::v1::WatchCampaignResponse& message,
                                    double per_second, Timestamp now);

/// What the watch came to.
[[nodiscard]] std::string WatchLastLine(const coupon::v1::WatchCampaignResponse& message);

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_WATCH_WATCH_TEXT_H_
