#include "engine/views/campaign_watch.h"

#include <iterator>
#include <utility>

namespace coupond {

Result<std::optional<CampaignSnapshot>> ReadCampaignSnapshot(const ViewStore& views,
                                                             const CampaignId& id) {
  Checkpoint checkpoint = TRY(views.ReadCheckpoint()).value_or(Checkpoint{});
  while (true) {
    std::optional<Campaign> row = TRY(views.FindCampaign(id));
    if (!row) return std::nullopt;
    // Rows and checkpoint change together, so if the checkpoint still is the same, the row belongs
    // to it. Otherwise the projector has just written, as it does every few milliseconds at most.
    const Checkpoint after = TRY(views.ReadCheckpoint()).value_or(Checkpoint{});
    if (after.tip.sequence == checkpoint.tip.sequence) {
      return CampaignSnapshot{.campaign = *std::move(row), .sequence = after.tip.sequence};
    }
    checkpoint = after;
  }
}

void CampaignWatches::OnViewChanges(const ViewChanges& changes) {
  const std::lock_guard lock(mutex_);
  if (watchers_.empty()) return;
  const Sequence sequence = changes.checkpoint.tip.sequence;
  for (const Campaign& row : changes.campaigns) Tell(row, sequence, false);
  for (const Campaign& row : changes.erased_campaigns) Tell(row, sequence, true);
}

void CampaignWatches::Tell(const Campaign& campaign, Sequence sequence, bool deleted) {
  const auto found = watchers_.find(campaign.id);
  if (found == watchers_.end()) return;
  const auto snapshot = std::make_shared<const CampaignSnapshot>(
      CampaignSnapshot{.campaign = campaign, .sequence = sequence, .deleted = deleted});
  for (WatchedCampaigns* const watcher : found->second) {
    watcher->changed_.insert_or_assign(campaign.id, snapshot);
    if (!std::exchange(watcher->woken_, true)) watcher->wake_();
  }
}

WatchedCampaigns::WatchedCampaigns(CampaignWatches& watches, std::function<void()> wake)
    : watches_(watches), wake_(std::move(wake)) {}

WatchedCampaigns::~WatchedCampaigns() {
  const std::lock_guard lock(watches_.mutex_);
  auto& watchers = watches_.watchers_;
  for (auto campaign = watchers.begin(); campaign != watchers.end();) {
    campaign->second.erase(this);
    campaign = campaign->second.empty() ? watchers.erase(campaign) : std::next(campaign);
  }
}

void WatchedCampaigns::Add(const CampaignId& id) {
  const std::lock_guard lock(watches_.mutex_);
  watches_.watchers_[id].insert(this);
}

void WatchedCampaigns::Remove(const CampaignId& id) {
  const std::lock_guard lock(watches_.mutex_);
  changed_.erase(id);
  const auto found = watches_.watchers_.find(id);
  if (found == watches_.watchers_.end()) return;
  found->second.erase(this);
  if (found->second.empty()) watches_.watchers_.erase(found);
}

WatchedCampaigns::Snapshots WatchedCampaigns::TakeChanged() {
  decltype(changed_) changed;
  {
    const std::lock_guard lock(watches_.mutex_);
    changed.swap(changed_);
    woken_ = false;
  }
  Snapshots taken;
  taken.reserve(changed.size());
  for (auto& [id, snapshot] : changed) taken.push_back(std::move(snapshot));
  return taken;
}

}  // namespace coupond
