#ifndef COUPOND_TOOLS_COUPONCTL_COMMANDS_COUPON_SERVICE_H_
#define COUPOND_TOOLS_COUPONCTL_COMMANDS_COUPON_SERVICE_H_

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "coupon/v1/coupon_service.pb.h"
#include "rpc/client/connect_client.h"
#include "rpc/client/server_address.h"
#include "rpc/connect/metadata.h"

/// coupond's services as couponctl calls them.
namespace coupond::ctl {

inline constexpr std::string_view kCreateCampaign = "/coupon.v1.CouponService/CreateCampaign";
inline constexpr std::string_view kIssueCoupon = "/coupon.v1.CouponService/IssueCoupon";
inline constexpr std::string_view kBatchIssueCoupons = "/coupon.v1.CouponService/BatchIssueCoupons";
inline constexpr std::string_view kGetCampaign = "/coupon.v1.CouponService/GetCampaign";
inline constexpr std::string_view kGetCampaignStatus = "/coupon.v1.CouponService/GetCampaignStatus";
inline constexpr std::string_view kUpdateCampaign = "/coupon.v1.CouponService/UpdateCampaign";
inline constexpr std::string_view kPauseCampaign = "/coupon.v1.CouponService/PauseCampaign";
inline constexpr std::string_view kResumeCampaign = "/coupon.v1.CouponService/ResumeCampaign";
inline constexpr std::string_view kArchiveCampaign = "/coupon.v1.CouponService/ArchiveCampaign";
inline constexpr std::string_view kUnarchiveCampaign = "/coupon.v1.CouponService/UnarchiveCampaign";
inline constexpr std::string_view kRedeemCoupon = "/coupon.v1.CouponService/RedeemCoupon";
inline constexpr std::string_view kCancelRedemption = "/coupon.v1.CouponService/CancelRedemption";
inline constexpr std::string_view kVoidCoupon = "/coupon.v1.CouponService/VoidCoupon";
inline constexpr std::string_view kGetCoupon = "/coupon.v1.CouponService/GetCoupon";
inline constexpr std::string_view kListCampaigns = "/coupon.v1.CouponService/ListCampaigns";
inline constexpr std::string_view kListCoupons = "/coupon.v1.CouponService/ListCoupons";
inline constexpr std::string_view kSearchCoupons = "/coupon.v1.CouponService/SearchCoupons";
inline constexpr std::string_view kDeleteCampaign = "/coupon.v1.CouponService/DeleteCampaign";
inline constexpr std::string_view kExportCoupons = "/coupon.v1.CouponService/ExportCoupons";
inline constexpr std::string_view kWatchCampaign = "/coupon.v1.CouponService/WatchCampaign";
inline constexpr std::string_view kCreateBackup = "/coupon.v1.AdminService/CreateBackup";
inline constexpr std::string_view kReadEvents = "/coupon.v1.AdminService/ReadEvents";
inline constexpr std::string_view kAcceptClock = "/coupon.v1.AdminService/AcceptClock";
inline constexpr std::string_view kEraseUser = "/coupon.v1.AdminService/EraseUser";
inline constexpr std::string_view kGetServerInfo = "/coupon.v1.AdminService/GetServerInfo";
inline constexpr std::string_view kCheckHealth = "/grpc.health.v1.Health/Check";

/// Returns the headers of every request. They make the server refuse fields that it does not know,
/// so it never understands half of what a newer couponctl asks for.
[[nodiscard]] connect::Metadata RequestHeaders();

/// Checks that all endpoints are on this machine, as those of a server under load should be. The
/// error names one that is not, and the option that allows it.
[[nodiscard]] std::expected<void, std::string> ExpectOnThisMachine(
    const rpc_client::ServerAddress& server, const rpc_client::Endpoints& endpoints);

// These read the server's lists page by page, to the end or until `limit` entries have been read.
// A server whose pages never end is an error.

using CouponPageVisitor = std::function<void(const coupon::v1::ListCouponsResponse& page)>;
[[nodiscard]] std::expected<void, rpc_client::CallError> ReadCoupons(
    rpc_client::ConnectClient& client, const std::string& campaign_id,
    std::optional<std::uint64_t> limit, const CouponPageVisitor& visit);

using FoundPageVisitor = std::function<void(const coupon::v1::SearchCouponsResponse& page)>;
/// Visits empty pages, too: where few coupons match, there are many of them.
[[nodiscard]] std::expected<void, rpc_client::CallError> ReadFoundCoupons(
    rpc_client::ConnectClient& client, coupon::v1::SearchCouponsRequest request,
    std::optional<std::uint64_t> limit, const FoundPageVisitor& visit);

using CampaignPageVisitor = std::function<void(const coupon::v1::ListCampaignsResponse& page)>;
[[nodiscard]] std::expected<void, rpc_client::CallError> ReadCampaigns(
    rpc_client::ConnectClient& client, bool show_archived, std::optional<std::uint64_t> limit,
    const CampaignPageVisitor& visit);

/// Returns a campaign without its coupons, which GetCampaign's answer carries behind it.
[[nodiscard]] std::expected<coupon::v1::Campaign, rpc_client::CallError> ReadCampaign(
    rpc_client::ConnectClient& client, const std::string& campaign_id);

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_COMMANDS_COUPON_SERVICE_H_
