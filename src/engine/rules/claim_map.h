#ifndef COUPOND_ENGINE_RULES_CLAIM_MAP_H_
#define COUPOND_ENGINE_RULES_CLAIM_MAP_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/rules/ids.h"

namespace coupond {

/// Which of a campaign's coupons a claim got: a hash map that only grows, and never all at once.
///
/// It is an extendible hash table: the last bits of a hash select a bucket through a directory, and
/// a bucket is a small table with open addressing. A bucket that is full grows by half; at
/// kBucketSlotsMax it is split in two by one more bit. So an insertion moves at most the slots of
/// one bucket, and at times copies the directory, which has 4 bytes for some thousand claims.
///
/// Memory: 20 bytes a slot; buckets are between 57% and 85% full, so at most 36 bytes a claim.
/// Claims are keyed digests, which callers cannot choose, so their own bytes serve as the hash and
/// nobody can provoke collisions.
class ClaimMap {
 public:
  /// Returns the ordinal of the coupon that the claim got, or nullopt.
  [[nodiscard]] std::optional<std::uint32_t> Find(const Claim& claim) const;
  /// Remembers a claim. The first coupon of a claim stays: a second insertion changes nothing.
  void Insert(const Claim& claim, std::uint32_t ordinal);

  [[nodiscard]] std::size_t size() const { return size_; }
  /// Calls visit(claim, ordinal) for each entry, in no meaningful order.
  template <typename Visit>
  void ForEach(Visit visit) const {
    for (const Bucket& bucket : buckets_) {
      for (const Slot& slot : bucket.slots) {
        if (slot.ordinal_plus_one != 0) visit(slot.claim, slot.ordinal_plus_one - 1);
      }
    }
  }

 private:
  struct Slot {
    Claim claim;
    std::uint32_t ordinal_plus_one = 0;  ///< 0: free
  };
  static_assert(sizeof(Slot) == 20);

  /// The claims whose hashes end in the same `bits` bits.
  struct Bucket {
    std::vector<Slot> slots;
    std::uint32_t used = 0;
    std::uint32_t bits = 0;

    /// Returns where the claim is, or the free slot where it would go. A bucket is never full.
    [[nodiscard]] std::size_t Locate(const Claim& claim) const;
    [[nodiscard]] bool HasRoom() const;
    void Add(const Slot& slot);
    void Resize(std::size_t slots_count);
  };

  [[nodiscard]] const Bucket& BucketOf(const Claim& claim) const;
  /// Makes room in the bucket for one more claim.
  void MakeRoom(std::uint32_t bucket, const Claim& claim);
  /// Moves the claims with one more bit set to a new bucket.
  void Split(std::uint32_t bucket, const Claim& claim);

  std::vector<std::uint32_t> directory_;  // by a hash's last bits: places in buckets_
  std::vector<Bucket> buckets_;
  std::uint32_t directory_bits_ = 0;
  std::size_t size_ = 0;
};

}  // namespace coupond

#endif  // COUPOND_ENGINE_RULES_CLAIM_MAP_H_
