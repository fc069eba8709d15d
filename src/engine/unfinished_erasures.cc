#include "engine/unfinished_erasures.h"

#include <utility>
#include <variant>

namespace coupond {

void UnfinishedErasures::Add(ErasureRow row) {
  texts_->Hide(row.serials);
  const Sequence sequence = row.sequence;
  rows_.insert_or_assign(sequence, std::move(row));
}

void UnfinishedErasures::AddLost(ErasureRow row) {
  lost_.insert(row.serials.begin(), row.serials.end());
  Add(std::move(row));
}

void UnfinishedErasures::TakeLost(const CommitGroup& group) {
  Sequence sequence = group.first_sequence;
  for (const Event& event : group.events) {
    if (const auto* const erased = std::get_if<UserErased>(&event)) {
      AddLost({.sequence = sequence, .campaign = erased->campaign, .serials = erased->serials});
    } else if (const auto* const finished = std::get_if<ErasureFinished>(&event)) {
      Finish(finished->erasure);
    }
    sequence = sequence.Next();
  }
}

void UnfinishedErasures::Finish(Sequence last) {
  const auto end = rows_.upper_bound(last);
  for (auto row = rows_.begin(); row != end; ++row) {
    texts_->Forget(row->second.serials);
    for (const Serial coupon : row->second.serials) lost_.erase(coupon);
  }
  rows_.erase(rows_.begin(), end);
  if (rows_.empty()) groups_.clear();
}

std::size_t UnfinishedErasures::coupons() const {
  std::size_t coupons = 0;
  for (const auto& [sequence, row] : rows_) coupons += row.serials.size();
  return coupons;
}

TextPlaces UnfinishedErasures::Places() const {
  std::set<CampaignNumber> campaigns;
  for (const auto& [sequence, row] : rows_) campaigns.insert(row.campaign);
  return {.erasure = last(),
          .groups = {groups_.begin(), groups_.end()},
          .campaigns = {campaigns.begin(), campaigns.end()}};
}

}  // namespace coupond
