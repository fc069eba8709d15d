#ifndef COUPOND_ENGINE_RULES_DIGEST_MAP_H_
#define COUPOND_ENGINE_RULES_DIGEST_MAP_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/rules/chunked_vector.h"
#include "engine/rules/ids.h"

namespace coupond {

/// What was remembered for a claim, or another keyed digest of a text: a hash map that only grows,
/// and never all at once.
///
/// It is an extendible hash table: the last bits of a hash select a bucket through a directory. A
/// bucket is an array without gaps: entries in the order of their hashes, then a few recent ones in
/// the order of their arrival. When there is no room for another recent one, the bucket is merged
/// into a new array, or split in two by one more bit. So an insertion moves at most the entries of
/// one bucket (512) and the places of 1,024 buckets, and at times copies the directory, which has 4
/// bytes for some hundred entries and 4 MiB at most.
///
/// Memory: that of the entries, and room for eight more in a bucket of some hundred: a twentieth
/// more. Callers cannot choose keyed digests, so their own bytes serve as the hash and no one can
/// provoke collisions.
template <typename Value>
class DigestMap {
 public:
  struct Entry {
    Claim digest;
    Value value = {};
  };

  /// Returns what was inserted for the digest, or nullopt.
  [[nodiscard]] std::optional<Value> Find(const Claim& digest) const;
  /// Remembers a value, in place of an earlier one.
  void Put(const Claim& digest, Value value);
  /// Puts all in their order, several times as fast if there are very many. Takes as much memory as
  /// they have, until it returns.
  void PutAll(std::span<const Entry> entries);

  /// Frees some hundred entries, in about a microsecond. Returns false if there were none. Nothing
  /// else may be called from then on.
  bool FreePart();

  [[nodiscard]] std::size_t size() const { return size_; }
  /// Calls visit(digest, value) for each entry, in no meaningful order.
  template <typename Visit>
  void ForEach(Visit visit) const {
    buckets_.ForEach([&visit](const Bucket& bucket) {
      for (const Entry& entry : bucket.entries) visit(entry.digest, entry.value);
    });
  }

 private:
  /// The entries whose hashes end in the same `bits` bits.
  struct Bucket {
    std::vector<Entry> entries;
    /// The number of entries in the order of their hashes; the rest came since.
    std::uint32_t sorted = 0;
    std::uint32_t bits = 0;

    /// Returns the place of the first sorted entry whose hash is not less, or `sorted`.
    [[nodiscard]] std::size_t PlaceOf(std::uint64_t hash) const;
    [[nodiscard]] const Entry* Find(const Claim& digest) const;
    [[nodiscard]] Entry* Find(const Claim& digest);
    [[nodiscard]] bool HasRoom() const;
    /// Sorts all entries, and makes room for recent ones.
    void Merge();
  };

  [[nodiscard]] std::uint32_t BucketOf(const Claim& digest) const;
  /// Splits a bucket by one more bit, which makes room in both halves.
  void Split(std::uint32_t bucket, const Claim& digest);

  std::vector<std::uint32_t> directory_;  // by a hash's last bits: places in buckets_
  ChunkedVector<Bucket, 1'024> buckets_;
  std::uint32_t directory_bits_ = 0;
  std::size_t size_ = 0;
};

/// Which of a campaign's coupons a claim has, by ordinal: 21 bytes a claim.
using ClaimMap = DigestMap<std::uint32_t>;
static_assert(sizeof(ClaimMap::Entry) == 20);

/// The event that a command with a request key led to, and what it asked for.
struct CarriedOut {
  Sequence sequence;
  std::uint64_t content = 0;  ///< see RequestKey

  friend bool operator==(const CarriedOut&, const CarriedOut&) = default;
};

/// Which commands have been carried out, by request key: 34 bytes each.
using RequestMap = DigestMap<CarriedOut>;
static_assert(sizeof(RequestMap::Entry) == 32);

}  // namespace coupond

#endif  // COUPOND_ENGINE_RULES_DIGEST_MAP_H_
