#include "api/message_mapping.h"

#include <cstdint>

#include "engine/rules/ids.h"

namespace coupond::service {

void SetTimestamp(Timestamp time, google::protobuf::Timestamp& message) {
  constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;
  std::int64_t seconds = time.unix_nanoseconds() / kNanosecondsPerSecond;
  std::int64_t nanos = time.unix_nanoseconds() % kNanosecondsPerSecond;
  if (nanos < 0) {  // before 1970; nanos counts forward all the same
    --seconds;
    nanos += kNanosecondsPerSecond;
  }
  message.set_seconds(seconds);
  message.set_nanos(static_cast<std::int32_t>(nanos));
}

void SetCampaign(const CampaignRow& row, coupon::v1::Campaign& message) {
  message.set_id(FormatUuid(row.id.bytes));
  message.set_name(row.name);
  message.set_total_coupons(static_cast<std::int32_t>(row.total_coupons));
  message.set_issued_coupons(static_cast<std::int32_t>(row.issued_coupons));
  SetTimestamp(row.start_time, *message.mutable_start_time());
  SetTimestamp(row.created_at, *message.mutable_created_at());
}

void SetCoupon(const CouponRow& row, const CouponCodec& codec, std::string_view campaign_id,
               coupon::v1::Coupon& message) {
  codec.EncodeTo(*message.mutable_code(), row.serial);
  message.set_campaign_id(campaign_id.data(), campaign_id.size());
  SetTimestamp(row.issued_at, *message.mutable_issued_at());
  if (!row.user_id.empty()) message.set_user_id(row.user_id);
}

}  // namespace coupond::service
