#ifndef COUPOND_API_MESSAGE_MAPPING_H_
#define COUPOND_API_MESSAGE_MAPPING_H_

#include <string>
#include <string_view>

#include "coupon/v1/coupon_service.pb.h"
#include "engine/codes/coupon_code.h"
#include "engine/ports/view_store.h"
#include "engine/rules/timestamp.h"
#include "engine/views/coupon_reader.h"

/// The engine's values as the API's messages. Any thread.
namespace coupond::service {

void SetTimestamp(Timestamp time, google::protobuf::Timestamp& message);
void SetCampaign(const CampaignRow& row, coupon::v1::Campaign& message);
/// `campaign_id` is the text that callers know the campaign by.
void SetCoupon(const CouponRow& row, const CouponCodec& codec, std::string_view campaign_id,
               coupon::v1::Coupon& message);

}  // namespace coupond::service

#endif  // COUPOND_API_MESSAGE_MAPPING_H_
