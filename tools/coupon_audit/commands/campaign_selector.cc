#include "coupon_audit/commands/campaign_selector.h"

#include <cstdint>
#include <limits>
#include <variant>

#include "base/decimal_text.h"

namespace coupond::audit {

std::optional<CampaignSelector> CampaignSelector::Parse(std::string_view text) {
  CampaignSelector selector;
  if (const auto uuid = ParseUuid(text)) {
    selector.id_ = CampaignId{*uuid};
    return selector;
  }
  const auto number = ParseDecimal(text, 1, std::numeric_limits<std::int64_t>::max());
  if (!number) return std::nullopt;
  selector.number_ = CampaignNumber(*number);
  return selector;
}

void CampaignSelector::Observe(const Event& event) {
  const auto* const created = std::get_if<CampaignCreated>(&event);
  if (created == nullptr || created_) return;
  if (id_ ? created->id == *id_ : created->number == *number_) created_ = *created;
}

bool CampaignSelector::Selects(const Event& event) const {
  if (!created_) return false;
  if (const auto* issued = std::get_if<CouponIssued>(&event)) {
    return issued->campaign == created_->number;
  }
  if (const auto* created = std::get_if<CampaignCreated>(&event)) {
    return created->number == created_->number;
  }
  const auto* const deleted = std::get_if<CampaignDeleted>(&event);
  return deleted != nullptr && deleted->campaign == created_->number;
}

}  // namespace coupond::audit
