#include "engine/rules/campaign_changes.h"

#include <optional>
#include <utility>

#include "engine/rules/limits.h"

namespace coupond {
namespace {

template <typename Term>
void Set(Term& term, const std::optional<Term>& value) {
  if (value) term = *value;
}

/// Returns the state that the event gives its coupon.
CouponState StateAfter(const CouponVoided& event) {
  return event.returned ? CouponState::kReturned : CouponState::kVoided;
}

/// Counts a coupon that had the state `before` as voided or returned, and adds the serials that the
/// campaign gets for it. One that only frees its claim is not counted again.
void CountVoiding(Campaign& campaign, const CouponVoided& event, CouponState before) {
  if (before == StateAfter(event)) return;
  if (event.added_serials) campaign.serials.Add(*event.added_serials);
  if (!event.returned) {
    ++campaign.voided_coupons;
    return;
  }
  if (before == CouponState::kVoided) --campaign.voided_coupons;
  --campaign.issued_coupons;
  ++campaign.returned_coupons;
  if (campaign.issued_coupons < campaign.terms.total_coupons) campaign.sold_out_at.reset();
}

}  // namespace

Campaign NewCampaign(const CampaignCreated& event, const EventPlace& place) {
  return Campaign{
      .number = event.number,
      .id = event.id,
      .terms = event.terms,
      .serials = SerialRanges({.first = event.first_serial,
                               .count = static_cast<std::uint64_t>(event.terms.total_coupons)}),
      .issued_coupons = 0,
      .created_at = place.time,
      .revision = place.sequence};
}

bool MayVoid(CouponState before, bool claim_freed, const CouponVoided& event) {
  if (before == CouponState::kIssued) return true;
  if (event.returned && before == CouponState::kVoided) return true;
  return before == StateAfter(event) && event.claim_freed && !claim_freed;
}

Serial ReplaceUnissuedSerials(Campaign& campaign, Serial first) {
  campaign.serials.Truncate(campaign.ordinals());
  const std::uint64_t places = campaign.places_left();
  if (places > 0) campaign.serials.Add({.first = first, .count = places});
  return first.Plus(places);
}

template <>
void Change(Campaign& campaign, const CampaignUpdated& event, const EventPlace& place) {
  CampaignTerms& terms = campaign.terms;
  Set(terms.name, event.changes.name);
  Set(terms.total_coupons, event.changes.total_coupons);
  Set(terms.start_time, event.changes.start_time);
  Set(terms.end_time, event.changes.end_time);
  Set(terms.description, event.changes.description);
  Set(terms.metadata, event.changes.metadata);
  Set(terms.coupons_per_user, event.changes.coupons_per_user);
  Set(terms.user_required, event.changes.user_required);
  Set(terms.redeem_start_time, event.changes.redeem_start_time);
  Set(terms.expire_time, event.changes.expire_time);
  // Without the times of issue of the coupons that there are, a duration would mean nothing. The
  // rules allow none to come later.
  if (campaign.ordinals() == 0 || terms.valid_duration != kUnlimited) {
    Set(terms.valid_duration, event.changes.valid_duration);
  }
  Set(terms.redeem_by_holder_only, event.changes.redeem_by_holder_only);
  if (event.added_serials) campaign.serials.Add(*event.added_serials);
  campaign.revision = place.sequence;
  if (campaign.issued_coupons < terms.total_coupons) {
    campaign.sold_out_at.reset();
  } else if (!campaign.sold_out_at) {
    campaign.sold_out_at = place.time;
  }
}

template <>
void Change(Campaign& campaign, const CampaignPaused& event, const EventPlace&) {
  campaign.paused.issuing |= event.activities.issuing;
  campaign.paused.redeeming |= event.activities.redeeming;
}

template <>
void Change(Campaign& campaign, const CampaignResumed& event, const EventPlace&) {
  campaign.paused.issuing &= !event.activities.issuing;
  campaign.paused.redeeming &= !event.activities.redeeming;
}

template <>
void Change(Campaign& campaign, const CampaignArchived&, const EventPlace& place) {
  campaign.archived_at = place.time;
}

template <>
void Change(Campaign& campaign, const CampaignUnarchived&, const EventPlace&) {
  campaign.archived_at.reset();
}

template <>
bool ChangeCoupon(Campaign& campaign, CouponStatus& coupon, const CouponRedeemed& event,
                  const EventPlace& place, KeyId key) {
  if (coupon.state != CouponState::kIssued) return false;
  if (place.sequence.value() > limits::kSequenceMax) return false;  // no log comes so far
  coupon.state = CouponState::kRedeemed;
  coupon.redemption = Redemption{.sequence = place.sequence,
                                 .redeemed_at = place.time,
                                 .order_ref = event.order_ref,
                                 .redeemed_by = event.redeemed_by,
                                 .request_id = event.request_id,
                                 .key = key};
  ++campaign.redeemed_coupons;
  return true;
}

template <>
bool ChangeCoupon(Campaign& campaign, CouponStatus& coupon, const RedemptionCanceled& event,
                  const EventPlace&, KeyId) {
  if (!coupon.redemption || coupon.redemption->sequence != event.redemption) return false;
  coupon.state = CouponState::kIssued;
  coupon.redemption.reset();
  --campaign.redeemed_coupons;
  return true;
}

template <>
bool ChangeCoupon(Campaign& campaign, CouponStatus& coupon, const CouponVoided& event,
                  const EventPlace& place, KeyId) {
  if (!MayVoid(coupon.state, coupon.claim_freed, event)) return false;
  CountVoiding(campaign, event, coupon.state);
  // An event that only frees the claim leaves it at when the coupon became void, and why.
  if (coupon.state != StateAfter(event)) {
    coupon = {.state = StateAfter(event),
              .voided_at = place.time,
              .void_reason = event.reason,
              .claim_freed = coupon.claim_freed};
  }
  coupon.claim_freed |= event.claim_freed;
  return true;
}

}  // namespace coupond
