#ifndef COUPOND_API_REPLY_MAPPING_H_
#define COUPOND_API_REPLY_MAPPING_H_

#include <chrono>
#include <string>
#include <vector>

#include "coupon/v1/coupon_service.pb.h"
#include "engine/codes/coupon_code.h"
#include "engine/rules/campaign.h"
#include "engine/rules/coupon.h"
#include "engine/rules/ids.h"
#include "engine/rules/timestamp.h"
#include "engine/views/coupon_reader.h"

/// Maps the engine's values to the API's messages; refusal_mapping.h does so for its refusals and
/// errors. Any thread.
namespace coupond::api {

void SetTimestamp(Timestamp time, google::protobuf::Timestamp& message);
void SetDuration(std::chrono::nanoseconds duration, google::protobuf::Duration& message);
void SetRedemption(Redemption redemption, coupon::v1::Redemption& message);
void SetMetadata(const std::vector<MetadataEntry>& metadata, coupon::v1::Campaign& message);
[[nodiscard]] coupon::v1::CampaignState MessageOf(CampaignState state);
[[nodiscard]] coupon::v1::CouponState MessageOf(CouponState state);
/// Sets the campaign as it is at `time`, into an empty message.
void SetCampaign(const Campaign& campaign, Timestamp time, coupon::v1::Campaign& message);
/// Sets all but server_time for a campaign as it is at `time`. `sequence` is that of the last event
/// that is in it.
void SetStatus(const Campaign& campaign, Timestamp time, Sequence sequence,
               coupon::v1::GetCampaignStatusResponse& response);

/// What a campaign's coupons are shown with.
struct CouponView {
  const CouponCodec& codec;
  const CampaignTerms& terms;      ///< by which they expire
  const std::string& campaign_id;  ///< the text by which callers know the campaign
  Timestamp time;                  ///< at which the coupons are in their states
};
/// Sets the coupon into an empty message.
void SetCoupon(CouponRow row, const CouponView& view, coupon::v1::Coupon& message);

}  // namespace coupond::api

#endif  // COUPOND_API_REPLY_MAPPING_H_
