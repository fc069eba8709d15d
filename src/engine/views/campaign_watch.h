#ifndef COUPOND_ENGINE_VIEWS_CAMPAIGN_WATCH_H_
#define COUPOND_ENGINE_VIEWS_CAMPAIGN_WATCH_H_

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "engine/ports/view_store.h"
#include "engine/rules/ids.h"

/// Watching campaigns for changes. A worker that does the following misses none:
///
///   watched.Add(id)              first of all
///   ReadCampaignSnapshot(id)     then, in a query: what to begin with
///   watched.TakeChanged()        whenever it was woken: what came later
///
/// A snapshot that was taken is new if its sequence is greater than that of the one before.
namespace coupond {

class WatchedCampaigns;

/// A campaign as it was right after the event `sequence`.
struct CampaignSnapshot {
  Campaign campaign;     ///< if it was deleted, as it last was
  Sequence sequence;     ///< the last event that the views contained
  bool deleted = false;  ///< no snapshot follows

  friend bool operator==(const CampaignSnapshot&, const CampaignSnapshot&) = default;
};

/// Returns the campaign as the views have it now, or nullopt if it does not exist (any more).
[[nodiscard]] Result<std::optional<CampaignSnapshot>> ReadCampaignSnapshot(const ViewStore& views,
                                                                           const CampaignId& id);

/// All watched campaigns of all workers. The projector pays a look-up for each campaign that
/// changed, and a snapshot if it is watched, however many coupons were issued and however many
/// callers watch it. Without watches, it pays one uncontended lock.
///
/// Threads: OnViewChanges on the projector's.
class CampaignWatches final : public ViewListener {
 public:
  void OnViewChanges(const ViewChanges& changes) override;

 private:
  friend class WatchedCampaigns;

  /// The caller holds mutex_.
  void Tell(const Campaign& campaign, Sequence sequence, bool deleted);

  // It is held while changes are reported, and by Add while a watch is entered: so a watch
  // that comes too late for a change is followed by reads that see it.
  std::mutex mutex_;
  // Who watches a campaign. In order, not hashed: callers choose the ids, and could make hashes
  // collide.
  std::map<CampaignId, std::set<WatchedCampaigns*>> watchers_;  // guarded by mutex_
};

/// The campaigns that one worker watches, and their changes since it last looked: for each only the
/// newest snapshot, so a slow worker costs no more memory and delays no one. A
/// campaign is in here once, however many of the worker's callers watch it; who they are is the
/// worker's business.
///
/// Threads: any, but the destructor's caller must be the last. Must not outlive the registry.
class WatchedCampaigns {
 public:
  /// `wake` makes the worker call TakeChanged, soon or when it likes: it is called once, and not
  /// again before TakeChanged, never after the engine has stopped, and never after the destructor.
  /// On the projector's thread, under a lock: it must not wait, throw or call anything here.
  WatchedCampaigns(CampaignWatches& watches, std::function<void()> wake);
  /// Removes all.
  ~WatchedCampaigns();

  WatchedCampaigns(const WatchedCampaigns&) = delete;
  WatchedCampaigns& operator=(const WatchedCampaigns&) = delete;

  /// Starts watching a campaign, which need not exist. Watching it twice is the same as once.
  void Add(const CampaignId& id);
  /// Stops watching a campaign, and drops a change that has not been taken yet. A deleted campaign
  /// must be removed like any other.
  void Remove(const CampaignId& id);

  using Snapshots = std::vector<std::shared_ptr<const CampaignSnapshot>>;
  /// Returns the campaigns that changed since the last call, each once, in any order. The sequence
  /// of each campaign's snapshots only grows.
  [[nodiscard]] Snapshots TakeChanged();

 private:
  friend class CampaignWatches;

  CampaignWatches& watches_;
  const std::function<void()> wake_;
  // Both guarded by watches_.mutex_.
  std::unordered_map<CampaignId, std::shared_ptr<const CampaignSnapshot>> changed_;
  bool woken_ = false;
};

}  // namespace coupond

#endif  // COUPOND_ENGINE_VIEWS_CAMPAIGN_WATCH_H_
