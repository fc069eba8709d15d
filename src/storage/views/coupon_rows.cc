#include "storage/views/coupon_rows.h"

#include <optional>

#include "base/big_endian.h"
#include "coupond/storage/v1/view_rows.pb.h"
#include "engine/rules/coupon_states.h"
#include "storage/views/row_parts.h"

namespace coupond::storage {
namespace {

constexpr char kRequest = 'q';
constexpr char kSerials = 's';
constexpr char kStatus = 't';

v1::CouponStatusRow::State MessageOf(CouponState state) {
  switch (state) {
    case CouponState::kRedeemed:
      return v1::CouponStatusRow::STATE_REDEEMED;
    case CouponState::kVoided:
      return v1::CouponStatusRow::STATE_VOIDED;
    case CouponState::kReturned:
      return v1::CouponStatusRow::STATE_RETURNED;
    case CouponState::kIssued:
    case CouponState::kExpired:
      break;
  }
  return v1::CouponStatusRow::STATE_UNSPECIFIED;
}

/// Returns nullopt for a state that no row has.
std::optional<CouponState> StateOf(v1::CouponStatusRow::State message) {
  switch (message) {
    case v1::CouponStatusRow::STATE_REDEEMED:
      return CouponState::kRedeemed;
    case v1::CouponStatusRow::STATE_VOIDED:
      return CouponState::kVoided;
    case v1::CouponStatusRow::STATE_RETURNED:
      return CouponState::kReturned;
    case v1::CouponStatusRow::STATE_UNSPECIFIED:
      return CouponState::kIssued;
    default:
      return std::nullopt;
  }
}

}  // namespace

std::string StatusKey(CampaignNumber campaign, std::uint64_t ordinal) {
  return Prefix(kStatus, campaign, ordinal);
}

std::string SerialsKey(Serial last_serial) {
  std::string key(1, kSerials);
  AppendBigEndian(key, last_serial.value());
  return key;
}

std::string RequestKeyOf(const Claim& digest) { return kRequest + ToString(digest.bytes); }

KeyRange AllStatuses() { return AllOf(kStatus); }

std::optional<RunKeyParts> ParseStatusKey(std::string_view key) { return ParseParts(key, kStatus); }

KeyRange StatusesOf(CampaignNumber campaign, OrdinalRange ordinals) {
  return {StatusKey(campaign, ordinals.first), StatusKey(campaign, ordinals.end)};
}

KeyRange SerialsFrom(Serial serial) { return {SerialsKey(serial), AllOf(kSerials).end}; }

KeyRange AllRequests() { return AllOf(kRequest); }

std::string EncodeStatus(const CouponStatus& status) {
  v1::CouponStatusRow message;
  message.set_state(MessageOf(status.state));
  if (const auto& redemption = status.redemption) {
    message.set_redemption(redemption->sequence.value());
    message.set_redeemed_at_unix_ns(redemption->redeemed_at.unix_nanoseconds());
    message.set_order_ref(redemption->order_ref);
    message.set_redeemed_by(redemption->redeemed_by);
    message.set_request_id(redemption->request_id);
    message.set_key_id(redemption->key.value());
  }
  if (status.voided_at) message.set_voided_at_unix_ns(status.voided_at->unix_nanoseconds());
  message.set_void_reason(status.void_reason);
  message.set_claim_freed(status.claim_freed);
  return message.SerializeAsString();
}

std::string EncodeSerials(const SerialsRow& row) {
  v1::SerialsRow message;
  message.set_campaign_number(row.campaign.value());
  message.set_count(row.serials.count);
  return message.SerializeAsString();
}

std::string EncodeRequest(const RequestRow& row) {
  v1::RequestRow message;
  message.set_sequence(row.carried_out.sequence.value());
  message.set_content(row.carried_out.content);
  return message.SerializeAsString();
}

Result<CouponStatusRow> DecodeStatus(std::string_view key, std::string_view value) {
  const std::optional<RunKeyParts> parts = ParseStatusKey(key);
  v1::CouponStatusRow message;
  if (!parts || !Parse(value, message)) return Damaged("coupon's status");
  const std::optional<CouponState> state = StateOf(message.state());
  if (!state || parts->ordinal > std::numeric_limits<std::uint32_t>::max()) {
    return Damaged("coupon's status");
  }
  CouponStatusRow row{.campaign = parts->campaign, .ordinal = parts->ordinal, .status = {}};
  row.status.state = *state;
  row.status.claim_freed = message.claim_freed();
  if (*state == CouponState::kIssued) {
    if (!message.claim_freed()) return Damaged("coupon's status");
  } else if (*state == CouponState::kRedeemed) {
    if (message.redemption() == 0 || message.redemption() > CouponStates::kRedemptionMax.value()) {
      return Damaged("coupon's status");
    }
    row.status.redemption =
        Redemption{.sequence = Sequence(message.redemption()),
                   .redeemed_at = Timestamp::FromUnixNanoseconds(message.redeemed_at_unix_ns()),
                   .order_ref = message.order_ref(),
                   .redeemed_by = message.redeemed_by(),
                   .request_id = message.request_id(),
                   .key = KeyId(message.key_id())};
  } else {
    row.status.voided_at = Timestamp::FromUnixNanoseconds(message.voided_at_unix_ns());
    row.status.void_reason = message.void_reason();
  }
  return row;
}

Result<SerialsRow> DecodeSerials(std::string_view key, std::string_view value) {
  v1::SerialsRow message;
  if (key.size() != 1 + kBigEndianBytes || key.front() != kSerials || !Parse(value, message)) {
    return Damaged("campaign's serials");
  }
  const std::uint64_t last = ReadBigEndian(key.substr(1));
  if (message.count() == 0 || message.count() > last) return Damaged("campaign's serials");
  return SerialsRow{
      .campaign = CampaignNumber(message.campaign_number()),
      .serials = {.first = Serial(last - (message.count() - 1)), .count = message.count()}};
}

Result<RequestRow> DecodeRequest(std::string_view key, std::string_view value) {
  v1::RequestRow message;
  RequestRow row;
  if (key.empty() || key.front() != kRequest ||
      !FromString(std::string(key.substr(1)), row.digest.bytes) || !Parse(value, message)) {
    return Damaged("request");
  }
  row.carried_out = {.sequence = Sequence(message.sequence()), .content = message.content()};
  return row;
}

}  // namespace coupond::storage
