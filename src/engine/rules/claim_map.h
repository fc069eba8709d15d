#ifndef COUPOND_ENGINE_RULES_CLAIM_MAP_H_
#define COUPOND_ENGINE_RULES_CLAIM_MAP_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/rules/ids.h"

namespace coupond {

/// Which of a campaign's coupons a claim got: a hash map with open addressing that only grows.
///
/// Memory: 20 bytes an entry; the table is between 57% and 85% full, so at most 36 bytes a claim
/// (while it grows, the old table is there too). Claims are keyed digests, which callers cannot
/// choose, so their own bytes serve as the hash and nobody can provoke collisions.
class ClaimMap {
 public:
  /// The ordinal of the coupon that the claim got, or nothing.
  [[nodiscard]] std::optional<std::uint32_t> Find(const Claim& claim) const;
  /// Remembers a claim. The first coupon of a claim stays: a second insert changes nothing.
  void Insert(const Claim& claim, std::uint32_t ordinal);

  [[nodiscard]] std::size_t size() const { return size_; }
  /// Calls visit(claim, ordinal) for each entry, in no meaningful order.
  template <typename Visit>
  void ForEach(Visit visit) const {
    for (const Slot& slot : slots_) {
      if (slot.ordinal_plus_one != 0) visit(slot.claim, slot.ordinal_plus_one - 1);
    }
  }

 private:
  struct Slot {
    Claim claim;
    std::uint32_t ordinal_plus_one = 0;  ///< 0: free
  };
  static_assert(sizeof(Slot) == 20);

  /// Where the claim is, or the free slot where it would go. The table is never full.
  [[nodiscard]] std::size_t Locate(const Claim& claim) const;
  void Grow();

  std::vector<Slot> slots_;
  std::size_t size_ = 0;
};

}  // namespace coupond

#endif  // COUPOND_ENGINE_RULES_CLAIM_MAP_H_
