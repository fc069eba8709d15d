#include <cstdint>
#include <string_view>

#include "base/protobuf_fields.h"
#include "coupond/storage/v1/commit_group.pb.h"
#include "storage/format/event_messages.h"
#include "storage/format/kind_messages.h"
#include "storage/format/message_parts.h"

namespace coupond::storage {
namespace {

using protobuf::AppendBytes;
using protobuf::AppendNumber;

/// Finds what is wrong with the fields that all these events have.
template <typename Kind>
Status CheckCoupon(const Kind& event) {
  if (event.campaign.value() == 0) {
    return Undecodable(std::string(kKindName<Kind>) + " has no campaign_number");
  }
  if (event.serial.value() == 0) {
    return Undecodable(std::string(kKindName<Kind>) + " has no serial");
  }
  return {};
}

template <typename Message, typename Kind>
void WriteCoupon(const Kind& event, std::string& out) {
  AppendNumber(Message::kCampaignNumberFieldNumber, event.campaign.value(), out);
  AppendNumber(Message::kSerialFieldNumber, event.serial.value(), out);
}

void WriteText(int field, std::string_view text, std::string& out) {
  if (!text.empty()) AppendBytes(field, text, out);
}

/// Reads what all these events have.
template <typename Message, typename Kind>
Status ReadCoupon(const Message& from, Kind& to) {
  to.campaign = CampaignNumber(from.campaign_number());
  to.serial = Serial(from.serial());
  return ReadRequest(from, to);
}

}  // namespace

Status Check(const CouponRedeemed& event) { return CheckCoupon(event); }

int Write(const CouponRedeemed& event, std::string& out) {
  using Message = v1::CouponRedeemed;
  WriteCoupon<Message>(event, out);
  WriteText(Message::kOrderRefFieldNumber, event.order_ref, out);
  WriteText(Message::kRedeemedByFieldNumber, event.redeemed_by, out);
  WriteText(Message::kRequestIdFieldNumber, event.request_id, out);
  WriteRequest<Message>(event.request, out);
  return v1::Event::kCouponRedeemedFieldNumber;
}

Status Read(const v1::CouponRedeemed& from, CouponRedeemed& to) {
  to.order_ref = from.order_ref();
  to.redeemed_by = from.redeemed_by();
  to.request_id = from.request_id();
  return ReadCoupon(from, to);
}

Status Check(const RedemptionCanceled& event) {
  if (event.redemption.value() == 0) return Undecodable("redemption_canceled has no redemption");
  return CheckCoupon(event);
}

int Write(const RedemptionCanceled& event, std::string& out) {
  using Message = v1::RedemptionCanceled;
  WriteCoupon<Message>(event, out);
  AppendNumber(Message::kRedemptionFieldNumber, event.redemption.value(), out);
  WriteText(Message::kReasonFieldNumber, event.reason, out);
  WriteRequest<Message>(event.request, out);
  return v1::Event::kRedemptionCanceledFieldNumber;
}

Status Read(const v1::RedemptionCanceled& from, RedemptionCanceled& to) {
  to.redemption = Sequence(from.redemption());
  to.reason = from.reason();
  return ReadCoupon(from, to);
}

Status Check(const CouponVoided& event) {
  TRY(CheckCoupon(event));
  if (!event.added_serials) return {};
  if (!event.returned) return Undecodable("coupon_voided adds serials, but returns no place");
  if (event.added_serials->count == 0) return Undecodable("coupon_voided adds no serials");
  return CheckSerials(kKindName<CouponVoided>, *event.added_serials);
}

int Write(const CouponVoided& event, std::string& out) {
  using Message = v1::CouponVoided;
  WriteCoupon<Message>(event, out);
  AppendNumber(Message::kReturnedFieldNumber, std::uint64_t{event.returned}, out);
  WriteText(Message::kReasonFieldNumber, event.reason, out);
  if (event.added_serials) {
    AppendNumber(Message::kFirstAddedSerialFieldNumber, event.added_serials->first.value(), out);
    AppendNumber(Message::kAddedSerialsFieldNumber, event.added_serials->count, out);
  }
  WriteRequest<Message>(event.request, out);
  AppendNumber(Message::kClaimFreedFieldNumber, std::uint64_t{event.claim_freed}, out);
  return v1::Event::kCouponVoidedFieldNumber;
}

Status Read(const v1::CouponVoided& from, CouponVoided& to) {
  to.returned = from.returned();
  to.claim_freed = from.claim_freed();
  to.reason = from.reason();
  if (from.first_added_serial() != 0 || from.added_serials() != 0) {
    to.added_serials =
        SerialRange{.first = Serial(from.first_added_serial()), .count = from.added_serials()};
  }
  return ReadCoupon(from, to);
}

}  // namespace coupond::storage
