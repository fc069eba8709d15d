#include "engine/rules/campaign.h"

namespace coupond {

CampaignState StateOf(const Campaign& campaign, Timestamp time) {
  if (campaign.archived_at) return CampaignState::kArchived;
  if (time >= IssuingEndOf(campaign.terms)) return CampaignState::kEnded;
  if (campaign.issued_coupons >= campaign.terms.total_coupons) return CampaignState::kSoldOut;
  if (time < campaign.terms.start_time) return CampaignState::kScheduled;
  if (campaign.paused.issuing) return CampaignState::kPaused;
  return CampaignState::kOpen;
}

Timestamp NextChangeOfState(const Campaign& campaign, Timestamp time) {
  if (campaign.archived_at) return kNever;
  if (time < campaign.terms.start_time) return campaign.terms.start_time;
  const Timestamp end = IssuingEndOf(campaign.terms);
  return time < end ? end : kNever;
}

}  // namespace coupond
