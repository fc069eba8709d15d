#ifndef COUPOND_API_REDEEM_MAPPING_H_
#define COUPOND_API_REDEEM_MAPPING_H_

#include <optional>
#include <string>

#include "api/mapped.h"
#include "coupon/v1/coupon_service.pb.h"
#include "engine/codes/claim_digest.h"
#include "engine/codes/coupon_code.h"
#include "engine/rules/command.h"
#include "engine/rules/ids.h"

/// Maps the requests about single coupons to the engine's commands and to look-ups. As in
/// command_mapping.h, the rules judge everything that a command can express.
///
/// A code that cannot be one becomes kNoSerial, and a campaign_id that cannot be one kNoCampaign,
/// so that they are answered exactly as a code that no coupon has. `idempotency_key` is the header
/// of that name, if there is one: another way to give request_id.
///
/// For the thread of the ClaimDigest.
namespace coupond::api {

/// What codes and request ids are read with.
struct CouponKeys {
  const CouponCodec& codec;
  ClaimDigest& claims;
};

/// A redemption whose holder is still to be digested, which takes the coupon's campaign.
struct MappedRedeem {
  RedeemCoupon command;
  std::string user_id;  ///< in normal form; empty if the request names no user
  std::optional<std::string> user_id_as_sent;  ///< if that differs
};
/// The same request_id may be sent again with another `user_id` or `redeemed_by`.
[[nodiscard]] Mapped<MappedRedeem> MapRedeemCoupon(
    const coupon::v1::RedeemCouponRequest& request, CouponKeys keys,
    const std::optional<std::string>& idempotency_key = std::nullopt);

/// Also refuses a request that names no redemption.
[[nodiscard]] Mapped<CancelRedemption> MapCancelRedemption(
    const coupon::v1::CancelRedemptionRequest& request, CouponKeys keys,
    const std::optional<std::string>& idempotency_key = std::nullopt);

[[nodiscard]] Mapped<VoidCoupon> MapVoidCoupon(
    const coupon::v1::VoidCouponRequest& request, CouponKeys keys,
    const std::optional<std::string>& idempotency_key = std::nullopt);

/// Which coupon is looked for.
struct CouponLookup {
  Serial serial = kNoSerial;
  std::optional<CampaignId> campaign_id = {};  ///< to which it must belong
};
[[nodiscard]] Mapped<CouponLookup> MapGetCoupon(const coupon::v1::GetCouponRequest& request,
                                                const CouponCodec& codec);

}  // namespace coupond::api

#endif  // COUPOND_API_REDEEM_MAPPING_H_
