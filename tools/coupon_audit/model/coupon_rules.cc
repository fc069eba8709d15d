#include <fmt/format.h>

#include <algorithm>

#include "coupon_audit/model/log_model.h"
#include "coupon_audit/model/terms_check.h"

// The part of the auditor's rules that is about single coupons: redeeming, canceling a redemption,
// voiding.
namespace coupond::audit {
namespace {

// From the documents, like the limits in terms_check.cc.
constexpr std::uint64_t kSerialsAddedForAReturn = 1'024;

/// Returns how many serials a campaign gets when the place of another coupon is returned. It must
/// have one for each of its places, and for each coupon that had a place.
std::uint64_t SerialsForAReturn(const ModelCampaign& campaign) {
  const std::uint64_t needed = campaign.total + campaign.returned + 1;
  return needed > campaign.reserved() ? kSerialsAddedForAReturn : 0;
}

/// Checks that a coupon can be redeemed. Whether its holder was named is not in the log.
Audited<void> CheckRedeemable(const ModelCampaign& campaign, std::uint64_t ordinal, Timestamp now,
                              const Place& place) {
  const ModelCoupon coupon = campaign.CouponAt(ordinal);
  switch (coupon.state) {
    case CouponState::kIssued:
    case CouponState::kExpired:
      break;
    case CouponState::kRedeemed:
      return Unsound(ViolationKind::kRedeemedTwice, place,
                     fmt::format("the coupon was redeemed at sequence {}", coupon.since.value()));
    case CouponState::kVoided:
    case CouponState::kReturned:
      return Unsound(ViolationKind::kRedeemedAfterVoid, place,
                     fmt::format("the coupon was voided at sequence {}", coupon.since.value()));
  }
  if (const Timestamp expiry = campaign.ExpiryOf(ordinal); expiry != kNever && now >= expiry) {
    return Unsound(ViolationKind::kRedeemedAfterExpiry, place,
                   fmt::format("the coupon was redeemed {} ns after it had expired",
                               now.Since(expiry).count()));
  }
  if (now < campaign.redeem_start) {
    return Unsound(ViolationKind::kRedeemedTooEarly, place,
                   fmt::format("the coupon was redeemed {} ns before redeeming started",
                               campaign.redeem_start.Since(now).count()));
  }
  if (!campaign.redeeming_paused) return {};
  return Unsound(ViolationKind::kRedeemedWhilePaused, place,
                 "the campaign's redeeming was paused, and not resumed");
}

/// Checks that a coupon can be voided, its place returned and its claim freed, as far as the event
/// does so. What is void already may only get further.
Audited<void> CheckVoidable(const ModelCoupon& coupon, const CouponVoided& event,
                            const Place& place) {
  const std::uint64_t since = coupon.since.value();
  if (coupon.claim_freed && event.claim_freed) {
    return Unsound(ViolationKind::kClaimFreedTwice, place, "the coupon's claim was freed before");
  }
  switch (coupon.state) {
    case CouponState::kIssued:
    case CouponState::kExpired:
      return {};
    case CouponState::kRedeemed:
      return Unsound(ViolationKind::kVoidedWhileRedeemed, place,
                     fmt::format("the coupon was redeemed at sequence {}", since));
    case CouponState::kVoided:
      if (event.returned || event.claim_freed) return {};
      return Unsound(ViolationKind::kVoidedTwice, place,
                     fmt::format("the coupon was voided at sequence {}", since));
    case CouponState::kReturned:
      break;
  }
  if (event.returned && event.claim_freed) return {};
  return Unsound(event.returned ? ViolationKind::kReturnedTwice : ViolationKind::kVoidedTwice,
                 place, fmt::format("the coupon's place was returned at sequence {}", since));
}

}  // namespace

Audited<std::uint64_t> LogModel::FindIssued(const ModelCampaign& campaign, Serial serial,
                                            const Place& place) const {
  const std::optional<std::uint64_t> ordinal = campaign.OrdinalOf(serial);
  if (ordinal && *ordinal < campaign.ordinals()) return *ordinal;
  if (!ordinal) {
    const auto owner = std::ranges::find_if(campaigns_, [serial](const ModelCampaign& other) {
      return other.OrdinalOf(serial).has_value();
    });
    if (owner != campaigns_.end()) {
      return Unsound(
          ViolationKind::kCouponOfAnotherCampaign, place,
          fmt::format("serial {} is one of campaign {}", serial.value(), owner->number.value()));
    }
  }
  return Unsound(ViolationKind::kCouponNotIssued, place,
                 fmt::format("serial {} was not issued", serial.value()));
}

Audited<void> LogModel::CheckRequestKey(const CouponRedeemed& event, const Place& place) {
  const bool has_id = !event.request_id.empty();
  if (has_id != event.request.has_value()) {
    return Unsound(ViolationKind::kRequestKeyWrong, place,
                   has_id ? "the redemption has a request_id, but no request key"
                          : "the redemption has a request key, but no request_id");
  }
  if (!has_id || event.request->digest == digest_->OfRequestId(event.request_id)) return {};
  return Unsound(ViolationKind::kRequestKeyWrong, place,
                 "the request key is not that of the request_id");
}

template <>
Audited<void> LogModel::On(const CouponRedeemed& event, const Moment& moment) {
  const Place place = PlaceOf(moment, event.campaign);
  ModelCampaign& campaign = *TRY(FindLive(event.campaign, place));
  const std::uint64_t ordinal = TRY(FindIssued(campaign, event.serial, place));
  TRY(CheckRedeemable(campaign, ordinal, moment.time, place));
  TRY(CheckOrderRef(event.order_ref, place));
  TRY(CheckRedeemedBy(event.redeemed_by, place));
  TRY(CheckRequestId(event.request_id, place));
  TRY(CheckRequestKey(event, place));
  TRY(CheckIsNew(event.request, place));
  campaign.SetCoupon(ordinal, {.state = CouponState::kRedeemed,
                               .since = moment.sequence,
                               .claim_freed = campaign.CouponAt(ordinal).claim_freed});
  ++campaign.redeemed;
  Remember(event.request, moment);
  return {};
}

template <>
Audited<void> LogModel::On(const RedemptionCanceled& event, const Moment& moment) {
  const Place place = PlaceOf(moment, event.campaign);
  ModelCampaign& campaign = *TRY(FindLive(event.campaign, place));
  const std::uint64_t ordinal = TRY(FindIssued(campaign, event.serial, place));
  const ModelCoupon coupon = campaign.CouponAt(ordinal);
  if (coupon.state != CouponState::kRedeemed) {
    return Unsound(ViolationKind::kRedemptionNotPresent, place, "the coupon is not redeemed");
  }
  if (coupon.since != event.redemption) {
    return Unsound(ViolationKind::kRedemptionNotPresent, place,
                   fmt::format("the redemption of sequence {} was canceled, but the coupon was "
                               "redeemed at sequence {}",
                               event.redemption.value(), coupon.since.value()));
  }
  TRY(CheckReason(event.reason, place));
  TRY(CheckIsNew(event.request, place));
  campaign.SetCoupon(
      ordinal, {.state = CouponState::kIssued, .since = {}, .claim_freed = coupon.claim_freed});
  --campaign.redeemed;
  Remember(event.request, moment);
  return {};
}

template <>
Audited<void> LogModel::On(const CouponVoided& event, const Moment& moment) {
  const Place place = PlaceOf(moment, event.campaign);
  ModelCampaign& campaign = *TRY(FindLive(event.campaign, place));
  const std::uint64_t ordinal = TRY(FindIssued(campaign, event.serial, place));
  const ModelCoupon coupon = campaign.CouponAt(ordinal);
  TRY(CheckVoidable(coupon, event, place));
  const bool returns = event.returned && coupon.state != CouponState::kReturned;
  TRY(CheckAdded(event.added_serials, returns ? SerialsForAReturn(campaign) : 0, place));
  TRY(CheckReason(event.reason, place));
  TRY(CheckIsNew(event.request, place));
  const CouponState after = event.returned ? CouponState::kReturned : CouponState::kVoided;
  campaign.SetCoupon(ordinal, {.state = after,
                               .since = coupon.state == after ? coupon.since : moment.sequence,
                               .claim_freed = coupon.claim_freed || event.claim_freed});
  if (event.claim_freed) campaign.holders.Free(ordinal);
  if (returns) {
    if (coupon.state == CouponState::kVoided) --campaign.voided;
    --campaign.issued;
    ++campaign.returned;
    if (campaign.issued < campaign.total) campaign.sold_out.reset();
  } else if (coupon.state == CouponState::kIssued) {
    ++campaign.voided;
  }
  Add(campaign, event.added_serials);
  Remember(event.request, moment);
  return {};
}

}  // namespace coupond::audit
