#ifndef COUPOND_ENGINE_RULES_DELETED_CAMPAIGNS_H_
#define COUPOND_ENGINE_RULES_DELETED_CAMPAIGNS_H_

#include <cstddef>
#include <deque>
#include <map>
#include <utility>

#include "engine/rules/coupon_states.h"
#include "engine/rules/digest_map.h"
#include "engine/rules/holders.h"
#include "engine/rules/ids.h"
#include "engine/rules/issue_times.h"
#include "engine/rules/serial_ranges.h"

namespace coupond {

/// What deleted campaigns leave in memory, which is freed bit by bit: that of ten million claims
/// takes 30 ms, and a user who waits for a coupon of another campaign must not wait for that.
///
/// No decision depends on it. Threads: the ledger's.
class DeletedCampaigns {
 public:
  /// What grows with a campaign.
  struct Remains {
    SerialRanges serials;
    ClaimMap claims;
    IssueTimes issue_times;
    CouponStates states;
    Holders holders;
  };

  [[nodiscard]] bool empty() const { return remains_.empty(); }
  void Add(Remains remains) { remains_.push_back(std::move(remains)); }
  /// Frees at most `parts` parts, each of which takes a microsecond at most: what a few hundred
  /// claims need, or a few thousand coupons, or 64 ranges of serials with their entries in
  /// `by_serial`.
  void Free(std::size_t parts, std::map<Serial, CampaignNumber>& by_serial);

 private:
  std::deque<Remains> remains_;
};

}  // namespace coupond

#endif  // COUPOND_ENGINE_RULES_DELETED_CAMPAIGNS_H_
