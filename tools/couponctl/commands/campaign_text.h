#ifndef COUPOND_TOOLS_COUPONCTL_COMMANDS_CAMPAIGN_TEXT_H_
#define COUPOND_TOOLS_COUPONCTL_COMMANDS_CAMPAIGN_TEXT_H_

#include <chrono>
#include <cstdint>
#include <string>

#include "coupon/v1/coupon_service.pb.h"
#include "engine/rules/timestamp.h"

/// Campaigns as text for people. `now` is the time by which waits are counted.
namespace coupond::ctl {

/// Returns "2026-12-01T01:00:00Z (in 5m)", or only the time if it is not ahead.
[[nodiscard]] std::string MomentText(Timestamp moment, std::chrono::nanoseconds wait);
[[nodiscard]] std::string MomentText(const google::protobuf::Timestamp& moment, Timestamp now);

/// Returns a number of milliseconds from the server, which may be any, as a duration.
[[nodiscard]] std::chrono::nanoseconds WaitOf(std::int64_t milliseconds);
[[nodiscard]] std::string WaitText(std::int64_t milliseconds);

/// Returns "open", "sold out", …; "unknown" for a state that this version does not know.
[[nodiscard]] std::string StateText(coupon::v1::CampaignState state);

/// Returns everything about a campaign, a line for each.
[[nodiscard]] std::string CampaignText(const coupon::v1::Campaign& campaign, Timestamp now);

/// Returns the same of its figures.
[[nodiscard]] std::string StatusText(const coupon::v1::GetCampaignStatusResponse& status);

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_COMMANDS_CAMPAIGN_TEXT_H_
