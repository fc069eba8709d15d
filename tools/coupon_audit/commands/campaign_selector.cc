#include "coupon_audit/commands/campaign_selector.h"

#include <cstdint>
#include <limits>
#include <type_traits>
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
  bool selected = false;
  const auto compare = [&](std::string_view, const auto& value) {
    if constexpr (std::is_same_v<decltype(value), const CampaignNumber&>) {
      selected = value == created_->number;
    }
  };
  std::visit([&](const auto& kind) { kind.VisitFields(compare); }, event);
  return selected;
}

}  // namespace coupond::audit
