#include "engine/rules/apply.h"

#include <variant>

namespace coupond {

void Apply(Ledger& ledger, const Event& event, Timestamp time) {
  if (const auto* issued = std::get_if<CouponIssued>(&event)) {
    ledger.OnIssued(*issued, time);
  } else if (const auto* created = std::get_if<CampaignCreated>(&event)) {
    ledger.OnCreated(*created, time);
  } else if (const auto* deleted = std::get_if<CampaignDeleted>(&event)) {
    ledger.OnDeleted(*deleted);
  }
  // StoreCreated identifies the store; no decision depends on it.
}

}  // namespace coupond
