#ifndef COUPOND_TOOLS_COUPON_AUDIT_MODEL_ERASURES_H_
#define COUPOND_TOOLS_COUPON_AUDIT_MODEL_ERASURES_H_

#include <boost/unordered/unordered_flat_map.hpp>
#include <functional>
#include <optional>
#include <set>

#include "engine/rules/event.h"
#include "engine/rules/ids.h"

namespace coupond::audit {

/// Which users' texts a log may lack, and which it must lack. An erasure removes texts from records
/// that come before its own, so this must know the whole log before the first record is judged.
///
/// Memory: some 40 bytes for each coupon whose user was erased. One thread changes it.
class Erasures {
 public:
  /// Takes an event of the log; they come in order. One that it has taken before changes nothing.
  void Note(const Event& event, Sequence sequence);

  /// Returns the event that erased the coupon's user, the first if there are several, or nullopt if
  /// there is none.
  [[nodiscard]] std::optional<Sequence> Find(Serial coupon) const;
  /// Reports whether the log says that the texts of this erasure are gone.
  [[nodiscard]] bool IsFinished(Sequence erasure) const { return erasure <= finished_; }
  /// Reports whether the store was repaired or restored after an event. An erasure may have been in
  /// the part of the log that was lost then.
  [[nodiscard]] bool IsRestoredAfter(Sequence event) const { return event < restored_; }

 private:
  boost::unordered_flat_map<Serial, Sequence, std::hash<Serial>> by_coupon_;
  std::set<Sequence> sequences_;
  Sequence finished_;  // the last erasure that is; 0 if none is
  Sequence restored_;  // of the last StoreRestored; 0 if there is none
};

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_MODEL_ERASURES_H_
