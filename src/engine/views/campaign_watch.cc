#include "engine/views/campaign_watch.h"

#include <iterator>
#include <utility>

namespace coupond {

Result<std::optional<CampaignSnapshot>> ReadCampaignSnapshot(const ViewStore& views,
                                                             const CampaignId& id) {
  std::optional<CampaignRow> row = TRY(views.FindCampaign(id));
  while (row) {
    const Checkpoint checkpoint = TRY(views.ReadCheckpoint()).value_or(Checkpoint{});
    // A row never becomes again what it was, so if it still is the same, it was when the checkpoint
    // was read. Otherwise the campaign changed just now, as it does once a group at most.
    std::optional<CampaignRow> row_after = TRY(views.FindCampaign(id));
    if (row_after == row) {
      return CampaignSnapshot{.campaign = *std::move(row), .sequence = checkpoint.tip.sequence};
    }
    row = std::move(row_after);
  }
  return std::nullopt;
}

void CampaignWatches::OnViewChanges(const ViewChanges& changes) {
  const std::lock_guard lock(mutex_);
  if (watchers_.empty()) return;
  const Sequence sequence = changes.checkpoint.tip.sequence;
  for (const CampaignRow& row : changes.campaigns) Tell(row, sequence, false);
  for (const CampaignRow& row : changes.erased_campaigns) Tell(row, sequence, true);
}

void CampaignWatches::Tell(const CampaignRow& campaign, Sequence sequence, bool deleted) {
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
