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

/// Checks that a coupon can be redeemed.
Audited<void> CheckRedeemable(const ModelCampaign& campaign, const ModelCoupon& coupon,
                              const Place& place) {
  switch (coupon.state) {
    case CouponState::kIssued:
      break;
    case CouponState::kRedeemed:
      return Unsound(ViolationKind::kRedeemedTwice, place,
                     fmt::format("the coupon was redeemed at sequence {}", coupon.since.value()));
    case CouponState::kVoided:
    case CouponState::kReturned:
      return Unsound(ViolationKind::kRedeemedAfterVoid, place,
                     fmt::format("the coupon was voided at sequence {}", coupon.since.value()));
  }
  if (!campaign.redeeming_paused) return {};
  return Unsound(ViolationKind::kRedeemedWhilePaused, place,
                 "the campaign's redeeming was paused, and not resumed");
}

/// Checks that a coupon can be voided, and that its place can be returned if that is done.
Audited<void> CheckVoidable(const ModelCoupon& coupon, bool returned, const Place& place) {
  const std::uint64_t since = coupon.since.value();
  switch (coupon.state) {
    case CouponState::kIssued:
      return {};
    case CouponState::kRedeemed:
      return Unsound(ViolationKind::kVoidedWhileRedeemed, place,
                     fmt::format("the coupon was redeemed at sequence {}", since));
    case CouponState::kVoided:
      if (returned) return {};
      return Unsound(ViolationKind::kVoidedTwice, place,
                     fmt::format("the coupon was voided at sequence {}", since));
    case CouponState::kReturned:
      break;
  }
  return Unsound(returned ? ViolationKind::kReturnedTwice : ViolationKind::kVoidedTwice, place,
                 fmt::format("the coupon's place was returned at sequence {}", since));
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

Audited<void> LogModel::CheckIsNew(const std::optional<RequestKey>& request,
                                   const Place& place) const {
  if (!request) return {};
  const auto before = requests_.find(request->digest);
  if (before == requests_.end()) return {};
  return Unsound(
      ViolationKind::kRequestCarriedOutTwice, place,
      fmt::format("the request was carried out at sequence {}", before->second.sequence.value()));
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

void LogModel::Remember(const std::optional<RequestKey>& request, const Moment& moment) {
  if (!request) return;
  requests_.emplace(request->digest,
                    CarriedOut{.sequence = moment.sequence, .content = request->content});
}

template <>
Audited<void> LogModel::On(const CouponRedeemed& event, const Moment& moment) {
  const Place place = PlaceOf(moment, event.campaign);
  ModelCampaign& campaign = *TRY(FindLive(event.campaign, place));
  const std::uint64_t ordinal = TRY(FindIssued(campaign, event.serial, place));
  TRY(CheckRedeemable(campaign, campaign.CouponAt(ordinal), place));
  TRY(CheckOrderRef(event.order_ref, place));
  TRY(CheckRedeemedBy(event.redeemed_by, place));
  TRY(CheckRequestId(event.request_id, place));
  TRY(CheckRequestKey(event, place));
  TRY(CheckIsNew(event.request, place));
  campaign.SetCoupon(ordinal, {.state = CouponState::kRedeemed, .since = moment.sequence});
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
  campaign.SetCoupon(ordinal, {});
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
  TRY(CheckVoidable(coupon, event.returned, place));
  TRY(CheckAdded(event.added_serials, event.returned ? SerialsForAReturn(campaign) : 0, place));
  TRY(CheckReason(event.reason, place));
  TRY(CheckIsNew(event.request, place));
  const CouponState state = event.returned ? CouponState::kReturned : CouponState::kVoided;
  campaign.SetCoupon(ordinal, {.state = state, .since = moment.sequence});
  if (coupon.state == CouponState::kVoided) --campaign.voided;
  if (event.returned) {
    --campaign.issued;
    ++campaign.returned;
    if (campaign.issued < campaign.total) campaign.sold_out.reset();
  } else {
    ++campaign.voided;
  }
  Add(campaign, event.added_serials);
  Remember(event.request, moment);
  return {};
}

}  // namespace coupond::audit
