#ifndef COUPOND_ENGINE_UNFINISHED_ERASURES_H_
#define COUPOND_ENGINE_UNFINISHED_ERASURES_H_

#include <cstddef>
#include <map>
#include <set>
#include <unordered_set>

#include "engine/ports/event_log.h"
#include "engine/ports/text_purge.h"
#include "engine/ports/view_store.h"
#include "engine/rules/ids.h"

namespace coupond {

/// The erasures that were logged and are not finished, and where their texts are in the log. Their
/// texts are hidden. One thread.
class UnfinishedErasures {
 public:
  /// `texts` must outlive this.
  explicit UnfinishedErasures(TextPurge* texts) : texts_(texts) {}

  /// Adds one whose groups are known, and hides its texts.
  void Add(ErasureRow row);
  /// Adds one from before a restart: its groups must be looked for.
  void AddLost(ErasureRow row);
  /// Takes those that a group has, which was read after a restart, and drops those it finishes.
  void TakeLost(const CommitGroup& group);
  /// Drops those up to this one, whose texts are gone.
  void Finish(Sequence last);

  [[nodiscard]] bool empty() const { return rows_.empty(); }
  /// There must be one.
  [[nodiscard]] Sequence last() const { return rows_.rbegin()->first; }
  [[nodiscard]] std::size_t coupons() const;

  /// Reports whether there are coupons whose groups are not known, and whether this is one of them.
  [[nodiscard]] bool has_lost() const { return !lost_.empty(); }
  [[nodiscard]] bool IsLost(Serial coupon) const { return lost_.contains(coupon); }
  /// Says that the group has texts of some of them.
  void AddGroup(GroupNumber group) { groups_.insert(group); }
  /// Says that all groups are known.
  void EndOfSearch() { lost_.clear(); }
  /// There must be one.
  [[nodiscard]] TextPlaces Places() const;

 private:
  TextPurge* const texts_;
  std::map<Sequence, ErasureRow> rows_;
  std::unordered_set<Serial> lost_;  // coupons of rows_ whose groups are not known any more
  std::set<GroupNumber> groups_;
};

}  // namespace coupond

#endif  // COUPOND_ENGINE_UNFINISHED_ERASURES_H_
