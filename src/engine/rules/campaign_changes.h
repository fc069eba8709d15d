#ifndef COUPOND_ENGINE_RULES_CAMPAIGN_CHANGES_H_
#define COUPOND_ENGINE_RULES_CAMPAIGN_CHANGES_H_

#include "engine/rules/campaign.h"
#include "engine/rules/coupon.h"
#include "engine/rules/event.h"
#include "engine/rules/ids.h"

/// What events change in their campaign and its coupons, for the ledger and the views alike. They
/// cannot fail.
namespace coupond {

/// Returns a campaign as it begins.
[[nodiscard]] Campaign NewCampaign(const CampaignCreated& event, const EventPlace& place);

/// Carries out an event that changes only its campaign; campaign_changes.cc defines it for each
/// such kind.
template <typename Kind>
void Change(Campaign& campaign, const Kind& event, const EventPlace& place);

/// Carries out an event that changes only one issued coupon and its campaign; campaign_changes.cc
/// defines it for each such kind. `key` is the one that the event's command was allowed with.
/// Returns false, and changes nothing, if the coupon is not in a state in which that can happen.
template <typename Kind>
[[nodiscard]] bool ChangeCoupon(Campaign& campaign, CouponStatus& coupon, const Kind& event,
                                const EventPlace& place, KeyId key);

/// The kinds of events that ChangeCoupon carries out, and CouponIssued.
template <typename Kind>
concept AboutOneCoupon = requires(const Kind& event) { event.serial; };

/// Reports whether a coupon in this state can be voided as the event says. One that is void already
/// may free its claim, unless it has.
[[nodiscard]] bool MayVoid(CouponState before, bool claim_freed, const CouponVoided& event);

/// Gives up the serials that the campaign has not issued, and gives it as many as it has places
/// left, from `first` on. Returns the serial after them.
Serial ReplaceUnissuedSerials(Campaign& campaign, Serial first);

/// Counts one more coupon as issued.
inline void CountIssue(Campaign& campaign, const CouponIssued& event, const EventPlace& place) {
  if (event.holder) campaign.issued_to_users = true;
  if (++campaign.issued_coupons >= campaign.terms.total_coupons) campaign.sold_out_at = place.time;
}

}  // namespace coupond

#endif  // COUPOND_ENGINE_RULES_CAMPAIGN_CHANGES_H_
