#include "api/redeem_mapping.h"

#include <initializer_list>
#include <string_view>
#include <utility>
#include <variant>

#include "api/command_mapping.h"
#include "api/first_fault.h"
#include "api/request_keys.h"
#include "api/text_mapping.h"
#include "base/error.h"
#include "engine/rules/command_faults.h"

namespace coupond::api {
namespace {

Mapped<Serial> MapCode(const std::string& code, const CouponCodec& codec) {
  if (code.empty()) return InvalidField("code", "missing; give the code of a coupon");
  return codec.Decode(code).value_or(kNoSerial);
}

Mapped<CouponLookup> MapLookup(const std::string& code, const std::string& campaign_id,
                               const CouponCodec& codec) {
  CouponLookup lookup;
  lookup.serial = TRY(MapCode(code, codec));
  if (!campaign_id.empty()) lookup.campaign_id = ReadCampaignId(campaign_id);
  return lookup;
}

std::string TextOf(Serial serial) { return std::to_string(serial.value()); }

/// A redemption as a command names it, and as the content of the request has it.
struct NamedRedemption {
  std::variant<Sequence, Claim> redemption;
  std::string_view kind;
  std::string text;
};

Mapped<NamedRedemption> MapRedemption(const coupon::v1::CancelRedemptionRequest& request,
                                      ClaimDigest& claims) {
  if (request.redemption_sequence() != 0) {
    return NamedRedemption{.redemption = Sequence(request.redemption_sequence()),
                           .kind = "sequence",
                           .text = std::to_string(request.redemption_sequence())};
  }
  const MappedText text =
      TRY(MapIdText(kRedemptionRequestIdField, request.redemption_request_id()));
  if (text.normal().empty()) {
    return InvalidFields("redemption_sequence",
                         "redemption_sequence and redemption_request_id are both missing; give one "
                         "of them, to say which redemption is meant");
  }
  return NamedRedemption{
      .redemption = claims.OfRequestId(text.normal()), .kind = "request_id", .text = text.normal()};
}

/// Returns the request_id of a request, whose fault comes after that of its reason.
template <typename Request>
Mapped<std::string> MapRequestIdAfter(const MappedText& reason, const Request& request,
                                      const std::optional<std::string>& idempotency_key) {
  auto request_id = MapRequestId(request.request_id(), idempotency_key);
  if (request_id) return request_id;
  return std::unexpected(FirstFault(*request.GetDescriptor(), std::move(request_id.error()),
                                    FindFaultOfReason(reason.normal())));
}

}  // namespace

Mapped<MappedRedeem> MapRedeemCoupon(const coupon::v1::RedeemCouponRequest& request,
                                     CouponKeys keys,
                                     const std::optional<std::string>& idempotency_key) {
  const CouponLookup lookup = TRY(MapLookup(request.code(), request.campaign_id(), keys.codec));
  const MappedText user_id = TRY(MapIdText(kUserIdField, request.user_id()));
  const MappedText order_ref = TRY(MapIdText(kOrderRefField, request.order_ref()));
  const MappedText redeemed_by = TRY(MapIdText(kRedeemedByField, request.redeemed_by()));
  std::string request_id = TRY(MapRequestId(request.request_id(), idempotency_key));
  const auto key =
      KeyOf(keys.claims, request_id, {"redeem", TextOf(lookup.serial), order_ref.normal()});
  return MappedRedeem{.command = {.serial = lookup.serial,
                                  .campaign_id = lookup.campaign_id,
                                  .order_ref = order_ref.normal(),
                                  .redeemed_by = redeemed_by.normal(),
                                  .request_id = std::move(request_id),
                                  .request = key,
                                  .holder = {},
                                  .validate_only = request.validate_only()},
                      .user_id = user_id.normal(),
                      .user_id_as_sent = AsSent(user_id)};
}

Mapped<CancelRedemption> MapCancelRedemption(const coupon::v1::CancelRedemptionRequest& request,
                                             CouponKeys keys,
                                             const std::optional<std::string>& idempotency_key) {
  const CouponLookup lookup = TRY(MapLookup(request.code(), request.campaign_id(), keys.codec));
  const NamedRedemption named = TRY(MapRedemption(request, keys.claims));
  const MappedText reason = TRY(MapText(kReasonField, request.reason()));
  const std::string request_id = TRY(MapRequestIdAfter(reason, request, idempotency_key));
  return CancelRedemption{
      .serial = lookup.serial,
      .campaign_id = lookup.campaign_id,
      .redemption = named.redemption,
      .reason = reason.normal(),
      .request = KeyOf(keys.claims, request_id,
                       {"cancel", TextOf(lookup.serial), named.kind, named.text})};
}

Mapped<VoidCoupon> MapVoidCoupon(const coupon::v1::VoidCouponRequest& request, CouponKeys keys,
                                 const std::optional<std::string>& idempotency_key) {
  const CouponLookup lookup = TRY(MapLookup(request.code(), request.campaign_id(), keys.codec));
  const MappedText reason = TRY(MapText(kReasonField, request.reason()));
  const std::string request_id = TRY(MapRequestIdAfter(reason, request, idempotency_key));
  const std::string_view place = request.return_to_pool() ? "return" : "keep";
  const std::string_view claim = request.free_claim() ? ", free" : "";
  return VoidCoupon{
      .serial = lookup.serial,
      .campaign_id = lookup.campaign_id,
      .return_to_pool = request.return_to_pool(),
      .free_claim = request.free_claim(),
      .reason = reason.normal(),
      .request = KeyOf(keys.claims, request_id,
                       {"void", TextOf(lookup.serial), std::string(place).append(claim)})};
}

Mapped<CouponLookup> MapGetCoupon(const coupon::v1::GetCouponRequest& request,
                                  const CouponCodec& codec) {
  return MapLookup(request.code(), request.campaign_id(), codec);
}

}  // namespace coupond::api
