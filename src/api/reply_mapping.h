#ifndef COUPOND_API_REPLY_MAPPING_H_
#define COUPOND_API_REPLY_MAPPING_H_

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "coupon/v1/coupon_service.pb.h"
#include "engine/codes/coupon_code.h"
#include "engine/rules/campaign.h"
#include "engine/rules/coupon.h"
#include "engine/rules/ids.h"
#include "engine/rules/refusal.h"
#include "engine/rules/timestamp.h"
#include "engine/views/coupon_reader.h"
#include "rpc/connect/error.h"

/// Maps the engine's values, refusals and errors to the API's messages and errors. Any thread.
namespace coupond::api {

void SetTimestamp(Timestamp time, google::protobuf::Timestamp& message);
[[nodiscard]] coupon::v1::CampaignState MessageOf(CampaignState state);
[[nodiscard]] coupon::v1::CouponState MessageOf(CouponState state);
/// Sets the campaign as it is at `time`, into an empty message.
void SetCampaign(const Campaign& campaign, Timestamp time, coupon::v1::Campaign& message);
/// Sets all but server_time for a campaign as it is at `time`. `sequence` is that of the last event
/// that is in it.
void SetStatus(const Campaign& campaign, Timestamp time, Sequence sequence,
               coupon::v1::GetCampaignStatusResponse& response);
/// `campaign_id` is the text by which callers know the campaign.
void SetCoupon(CouponRow row, const CouponCodec& codec, std::string campaign_id,
               coupon::v1::Coupon& message);

/// Returns the refusal as an error of the protocol, with a RefusalDetail. Its reason is the name of
/// the refusal. `sequence` is that of the last event it rests on, or nullopt if it rests on none.
[[nodiscard]] connect::Error RefusalError(const Refusal& refusal,
                                          std::optional<Sequence> sequence = std::nullopt);

/// Does the same for a campaign whose start was requested with start_in.
[[nodiscard]] connect::Error StartInRefusalError(const Refusal& refusal, Sequence sequence);

/// Sets the answer for an issue that was refused at `time`. Returns false if the refusal must be
/// answered as an error.
[[nodiscard]] bool SetIssueRefusal(const Refusal& refusal, Timestamp time,
                                   coupon::v1::IssueCouponResponse& response);

/// Sets the answer for a coupon that could not be redeemed, without the coupon and the sequence.
void SetRedeemRefusal(const Refusal& refusal, coupon::v1::RedeemCouponResponse& response);

/// Sets the answer for a campaign that does not exist.
void SetNothingDeleted(coupon::v1::DeleteCampaignResponse& response);

/// Whose the reasons of errors are, in ErrorInfo.
inline constexpr std::string_view kErrorDomain = "coupond";

/// Returns the error that callers receive for an operating error: `unavailable` with a time to
/// wait, or `internal`. This is the only place that maps one to the other.
[[nodiscard]] connect::Error OperatingError(const Error& error);
/// Returns `unavailable`, with a time to wait. `reason` is a constant.
[[nodiscard]] connect::Error TryLater(std::string_view reason, std::string message);

}  // namespace coupond::api

#endif  // COUPOND_API_REPLY_MAPPING_H_
