#include "coupon_audit/model/erasures.h"

#include <algorithm>
#include <variant>

namespace coupond::audit {

void Erasures::Note(const Event& event, Sequence sequence) {
  if (const auto* const erased = std::get_if<UserErased>(&event)) {
    sequences_.insert(sequence);
    for (const Serial coupon : erased->serials) by_coupon_.try_emplace(coupon, sequence);
  } else if (const auto* const finished = std::get_if<ErasureFinished>(&event)) {
    // One that finishes what never was says nothing of any text.
    if (sequences_.contains(finished->erasure)) finished_ = std::max(finished_, finished->erasure);
  } else if (std::holds_alternative<StoreRestored>(event)) {
    restored_ = std::max(restored_, sequence);
  }
}

std::optional<Sequence> Erasures::Find(Serial coupon) const {
  if (by_coupon_.empty()) return std::nullopt;
  const auto found = by_coupon_.find(coupon);
  return found == by_coupon_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace coupond::audit
