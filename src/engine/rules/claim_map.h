#ifndef COUPOND_ENGINE_RULES_CLAIM_MAP_H_
#define COUPOND_ENGINE_RULES_CLAIM_MAP_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/rules/ids.h"

namespace coupond {

/// Which of a campaign's coupons a claim got: a hash map that only grows, and never all at once.
///
/// It is an extendible hash table: the last bits of a hash select a bucket through a directory. A
/// bucket is an array without gaps: claims in the order of their hashes, then a few recent ones in
/// the order of their arrival. When there is no room for another recent one, the bucket is merged
/// into a new array, or split in two by one more bit. So an insertion moves at most the entries of
/// one bucket (10 KiB), and at times copies the directory and the list of buckets, which have 40
/// bytes for some hundred claims.
///
/// Memory: 20 bytes an entry, and room for eight more in a bucket of some hundred: 21 bytes a
/// claim. Claims are keyed digests, which callers cannot choose, so their own bytes serve as the
/// hash and nobody can provoke collisions.
class ClaimMap {
 public:
  struct Entry {
    Claim claim;
    std::uint32_t ordinal = 0;
  };
  static_assert(sizeof(Entry) == 20);

  /// Returns the ordinal of the coupon that the claim got, or nullopt.
  [[nodiscard]] std::optional<std::uint32_t> Find(const Claim& claim) const;
  /// Remembers a claim. The first coupon of a claim stays: a second insertion changes nothing.
  void Insert(const Claim& claim, std::uint32_t ordinal);
  /// Inserts all, several times as fast if there are very many. Takes as much memory as they have,
  /// until it returns.
  void InsertAll(std::span<const Entry> entries);

  [[nodiscard]] std::size_t size() const { return size_; }
  /// Calls visit(claim, ordinal) for each entry, in no meaningful order.
  template <typename Visit>
  void ForEach(Visit visit) const {
    for (const Bucket& bucket : buckets_) {
      for (const Entry& entry : bucket.entries) visit(entry.claim, entry.ordinal);
    }
  }

 private:
  /// The claims whose hashes end in the same `bits` bits.
  struct Bucket {
    std::vector<Entry> entries;
    std::uint32_t sorted =
        0;  ///< so many entries are in the order of their hashes; the rest came since
    std::uint32_t bits = 0;

    /// Returns the place of the first sorted entry whose hash is not less, or `sorted`.
    [[nodiscard]] std::size_t PlaceOf(std::uint64_t hash) const;
    [[nodiscard]] const Entry* Find(const Claim& claim) const;
    [[nodiscard]] bool HasRoom() const;
    /// Sorts all entries, and makes room for recent ones.
    void Merge();
  };

  [[nodiscard]] std::uint32_t BucketOf(const Claim& claim) const;
  /// Splits a bucket by one more bit, which makes room in both halves.
  void Split(std::uint32_t bucket, const Claim& claim);

  std::vector<std::uint32_t> directory_;  // by a hash's last bits: places in buckets_
  std::vector<Bucket> buckets_;
  std::uint32_t directory_bits_ = 0;
  std::size_t size_ = 0;
};

}  // namespace coupond

#endif  // COUPOND_ENGINE_RULES_CLAIM_MAP_H_
