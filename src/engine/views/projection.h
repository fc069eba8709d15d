#ifndef COUPOND_ENGINE_VIEWS_PROJECTION_H_
#define COUPOND_ENGINE_VIEWS_PROJECTION_H_

#include <cstddef>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "base/error.h"
#include "engine/ports/commit_group.h"
#include "engine/ports/view_store.h"

namespace coupond {

/// Turns commit groups into changes of the views' rows. One thread.
class Projection {
 public:
  /// Returns a projection that continues where the stored views are.
  [[nodiscard]] static Result<Projection> Load(const ViewStore& views);

  /// Adds what the next group changes. `tip` is where the log ends with it.
  void Add(const CommitGroup& group, const LogTip& tip);
  /// Returns what all groups since the last Take change, to be written at once.
  [[nodiscard]] ViewChanges Take();

  [[nodiscard]] const Checkpoint& checkpoint() const { return checkpoint_; }

 private:
  /// Places in changes_.
  struct OpenRun {
    std::size_t run = 0;
    std::optional<std::size_t> claims;  ///< once the run has any
  };

  /// Adds what one kind of event changes; projection.cc defines it for each of them.
  template <typename Kind>
  void On(const Kind& event, Timestamp time);

  Checkpoint checkpoint_;
  std::unordered_map<CampaignNumber, CampaignRow> rows_;   // all live campaigns
  std::unordered_set<CampaignNumber> changed_;             // whose rows must be written
  std::unordered_map<CampaignNumber, OpenRun> open_runs_;  // of this group
  ViewChanges changes_;
};

}  // namespace coupond

#endif  // COUPOND_ENGINE_VIEWS_PROJECTION_H_
