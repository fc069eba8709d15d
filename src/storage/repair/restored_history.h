#ifndef COUPOND_STORAGE_REPAIR_RESTORED_HISTORY_H_
#define COUPOND_STORAGE_REPAIR_RESTORED_HISTORY_H_

#include <cstdint>

#include "base/entropy.h"
#include "base/error.h"
#include "engine/ports/clock.h"
#include "engine/ports/event_log.h"
#include "engine/rules/ids.h"
#include "engine/rules/ledger.h"

namespace coupond::storage {

/// With what a store goes on whose later history is unknown.
struct NewSerials {
  Serial first;                      ///< no coupon and no campaign has this one or a later one
  std::uint64_t live_campaigns = 0;  ///< that get them
  std::uint64_t places_left = 0;     ///< how many coupons these can still issue, together
};

/// The history of a store that is put back to the end of a log: replays the log, and continues it
/// with the event after which no code is given out that was given out after that end. One thread.
class RestoredHistory {
 public:
  /// Takes the next group. It must have been checked.
  void Add(const CommitGroup& group);

  /// Returns the group that follows `tip`, where the groups so far end: a StoreRestored, whose
  /// serials are drawn from `entropy`. Its time is the clock's, whose reading must be plausible
  /// (engine/clock/system_clock.h), or that of the tip if the clock is behind it.
  /// kSerialsExhausted: too few serials are left.
  [[nodiscard]] Result<CommitGroup> Continue(const LogTip& tip, Entropy& entropy,
                                             const Clock& clock) const;

  /// Returns how many coupons were ever issued.
  [[nodiscard]] std::uint64_t coupons() const { return coupons_; }
  /// Returns what the group `continued`, which Continue has returned, gives to whom.
  [[nodiscard]] NewSerials SerialsIn(const CommitGroup& continued) const;

 private:
  Ledger ledger_;
  std::uint64_t coupons_ = 0;
};

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_REPAIR_RESTORED_HISTORY_H_
