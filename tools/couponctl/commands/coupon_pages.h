#ifndef COUPOND_TOOLS_COUPONCTL_COMMANDS_COUPON_PAGES_H_
#define COUPOND_TOOLS_COUPONCTL_COMMANDS_COUPON_PAGES_H_

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>

#include "coupon/v1/coupon_service.pb.h"
#include "rpc/client/connect_client.h"

/// Reads the server's lists a page at a time, to their end or until `limit` entries have come.
namespace coupond::ctl {

using CouponPageVisitor = std::function<void(const coupon::v1::ListCouponsResponse& page)>;
[[nodiscard]] std::expected<void, CallError> ReadCoupons(ConnectClient& client,
                                                         const std::string& campaign_id,
                                                         std::optional<std::uint64_t> limit,
                                                         const CouponPageVisitor& visit);

using CampaignPageVisitor = std::function<void(const coupon::v1::ListCampaignsResponse& page)>;
[[nodiscard]] std::expected<void, CallError> ReadCampaigns(ConnectClient& client,
                                                           std::optional<std::uint64_t> limit,
                                                           const CampaignPageVisitor& visit);

/// Returns the campaign without its coupons, which GetCampaign's answer carries behind it.
[[nodiscard]] std::expected<coupon::v1::Campaign, CallError> ReadCampaign(
    ConnectClient& client, const std::string& campaign_id);

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_COMMANDS_COUPON_PAGES_H_
