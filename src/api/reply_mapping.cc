#include "api/reply_mapping.h"

#include <chrono>
#include <cstdint>
#include <utility>
#include <vector>

namespace coupond::api {
namespace {

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;

}  // namespace

void SetRedemption(Redemption redemption, coupon::v1::Redemption& message) {
  message.set_sequence(redemption.sequence.value());
  SetTimestamp(redemption.redeemed_at, *message.mutable_redeemed_at());
  if (!redemption.order_ref.empty()) message.set_order_ref(std::move(redemption.order_ref));
  if (!redemption.redeemed_by.empty()) message.set_redeemed_by(std::move(redemption.redeemed_by));
  if (!redemption.request_id.empty()) message.set_request_id(std::move(redemption.request_id));
  if (redemption.key != kNoKey) message.set_key_id(FormatKeyId(redemption.key));
}

void SetTimestamp(Timestamp time, google::protobuf::Timestamp& message) {
  std::int64_t seconds = time.unix_nanoseconds() / kNanosecondsPerSecond;
  std::int64_t nanos = time.unix_nanoseconds() % kNanosecondsPerSecond;
  if (nanos < 0) {  // before 1970; nanos counts forward there too
    --seconds;
    nanos += kNanosecondsPerSecond;
  }
  message.set_seconds(seconds);
  message.set_nanos(static_cast<std::int32_t>(nanos));
}

void SetDuration(std::chrono::nanoseconds duration, google::protobuf::Duration& message) {
  // Both have the sign of the duration.
  message.set_seconds(duration.count() / kNanosecondsPerSecond);
  message.set_nanos(static_cast<std::int32_t>(duration.count() % kNanosecondsPerSecond));
}

void SetMetadata(const std::vector<MetadataEntry>& metadata, coupon::v1::Campaign& message) {
  for (const MetadataEntry& entry : metadata) {
    coupon::v1::MetadataEntry& added = *message.add_metadata();
    added.set_key(entry.key);
    added.set_value(entry.value);
  }
}

coupon::v1::CampaignState MessageOf(CampaignState state) {
  switch (state) {
    case CampaignState::kArchived:
      return coupon::v1::CAMPAIGN_STATE_ARCHIVED;
    case CampaignState::kEnded:
      return coupon::v1::CAMPAIGN_STATE_ENDED;
    case CampaignState::kSoldOut:
      return coupon::v1::CAMPAIGN_STATE_SOLD_OUT;
    case CampaignState::kScheduled:
      return coupon::v1::CAMPAIGN_STATE_SCHEDULED;
    case CampaignState::kPaused:
      return coupon::v1::CAMPAIGN_STATE_PAUSED;
    case CampaignState::kOpen:
      return coupon::v1::CAMPAIGN_STATE_OPEN;
  }
  return coupon::v1::CAMPAIGN_STATE_UNSPECIFIED;
}

coupon::v1::CouponState MessageOf(CouponState state) {
  switch (state) {
    case CouponState::kIssued:
      return coupon::v1::COUPON_STATE_ISSUED;
    case CouponState::kRedeemed:
      return coupon::v1::COUPON_STATE_REDEEMED;
    case CouponState::kVoided:
      return coupon::v1::COUPON_STATE_VOIDED;
    case CouponState::kReturned:
      return coupon::v1::COUPON_STATE_RETURNED;
    case CouponState::kExpired:
      return coupon::v1::COUPON_STATE_EXPIRED;
  }
  return coupon::v1::COUPON_STATE_UNSPECIFIED;
}

void SetCampaign(const Campaign& campaign, Timestamp time, coupon::v1::Campaign& message) {
  const CampaignTerms& terms = campaign.terms;
  message.set_id(FormatUuid(campaign.id.bytes));
  message.set_name(terms.name);
  message.set_total_coupons(static_cast<std::int32_t>(terms.total_coupons));
  message.set_issued_coupons(static_cast<std::int32_t>(campaign.issued_coupons));
  SetTimestamp(terms.start_time, *message.mutable_start_time());
  SetTimestamp(campaign.created_at, *message.mutable_created_at());
  message.set_description(terms.description);
  if (terms.end_time != kNever) SetTimestamp(terms.end_time, *message.mutable_end_time());
  message.set_state(MessageOf(StateOf(campaign, time)));
  message.set_revision(campaign.revision.value());
  message.set_coupons_per_user(static_cast<std::int32_t>(terms.coupons_per_user));
  message.set_user_required(terms.user_required);
  message.set_issuing_paused(campaign.paused.issuing);
  message.set_redeeming_paused(campaign.paused.redeeming);
  message.set_redeemed_coupons(static_cast<std::int32_t>(campaign.redeemed_coupons));
  message.set_voided_coupons(static_cast<std::int32_t>(campaign.voided_coupons));
  message.set_returned_coupons(campaign.returned_coupons);
  if (campaign.sold_out_at) SetTimestamp(*campaign.sold_out_at, *message.mutable_sold_out_at());
  if (terms.redeem_start_time != kAlways) {
    SetTimestamp(terms.redeem_start_time, *message.mutable_redeem_start_time());
  }
  if (terms.expire_time != kNever) SetTimestamp(terms.expire_time, *message.mutable_expire_time());
  if (terms.valid_duration != kUnlimited) {
    SetDuration(terms.valid_duration, *message.mutable_valid_duration());
  }
  message.set_redeem_by_holder_only(terms.redeem_by_holder_only);
  SetMetadata(terms.metadata, message);
  if (campaign.archived_at) SetTimestamp(*campaign.archived_at, *message.mutable_archived_at());
}

void SetStatus(const Campaign& campaign, Timestamp time, Sequence sequence,
               coupon::v1::GetCampaignStatusResponse& response) {
  const CampaignTerms& terms = campaign.terms;
  response.set_campaign_id(FormatUuid(campaign.id.bytes));
  response.set_state(MessageOf(StateOf(campaign, time)));
  response.set_total_coupons(static_cast<std::int32_t>(terms.total_coupons));
  response.set_issued_coupons(static_cast<std::int32_t>(campaign.issued_coupons));
  SetTimestamp(terms.start_time, *response.mutable_start_time());
  const Timestamp end = IssuingEndOf(terms);
  if (end != kNever) SetTimestamp(end, *response.mutable_end_time());
  if (campaign.sold_out_at) SetTimestamp(*campaign.sold_out_at, *response.mutable_sold_out_at());
  response.set_sequence(sequence.value());
}

void SetCoupon(CouponRow row, const CouponView& view, coupon::v1::Coupon& message) {
  view.codec.EncodeTo(*message.mutable_code(), row.serial);
  message.set_campaign_id(view.campaign_id);
  SetTimestamp(row.issued_at, *message.mutable_issued_at());
  if (!row.user_id.empty()) message.set_user_id(std::move(row.user_id));
  CouponStatus& status = row.status;
  const Timestamp expire_time = ExpireTimeOf(view.terms, row.issued_at);
  message.set_state(MessageOf(StateAt(status.state, expire_time, view.time)));
  if (expire_time != kNever) SetTimestamp(expire_time, *message.mutable_expire_time());
  if (status.redemption) {
    SetRedemption(*std::move(status.redemption), *message.mutable_redemption());
  }
  if (status.voided_at) SetTimestamp(*status.voided_at, *message.mutable_voided_at());
  if (!status.void_reason.empty()) message.set_void_reason(std::move(status.void_reason));
}

}  // namespace coupond::api
