#include "engine/rules/claim_map.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace coupond {
namespace {

constexpr std::size_t kBucketSlotsFirst = 16;
/// 90 KiB, which stays in a processor's cache while it is moved.
constexpr std::size_t kBucketSlotsMax = 4'608;
/// Leaves each half of a full bucket as full as one that has just grown.
constexpr std::size_t kBucketSlotsAfterSplit = kBucketSlotsMax / 3 * 2;
constexpr std::size_t kFullPercent = 85;
/// Enough for the largest campaign. Beyond it, buckets grow instead: hashes that share so many bits
/// are not those of digests.
constexpr std::uint32_t kDirectoryBitsMax = 18;

std::uint64_t HashOf(const Claim& claim) { return std::hash<Claim>{}(claim); }

std::uint64_t LastBits(std::uint64_t hash, std::uint32_t bits) {
  return hash & ((std::uint64_t{1} << bits) - 1);
}

}  // namespace

std::size_t ClaimMap::Bucket::Locate(const Claim& claim) const {
  // The high half of hash × slots spreads a uniform 64-bit hash over any number of slots (Lemire).
  // It depends on the hash's first bits, of which the bucket has all.
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(HashOf(claim)) * slots.size();
  auto place = static_cast<std::size_t>(product >> 64);
  while (slots[place].ordinal_plus_one != 0 && slots[place].claim != claim) {
    if (++place == slots.size()) place = 0;
  }
  return place;
}

bool ClaimMap::Bucket::HasRoom() const {
  return (std::size_t{used} + 1) * 100 <= slots.size() * kFullPercent;
}

void ClaimMap::Bucket::Add(const Slot& slot) {
  slots[Locate(slot.claim)] = slot;
  ++used;
}

void ClaimMap::Bucket::Resize(std::size_t slots_count) {
  std::vector<Slot> old(slots_count);
  old.swap(slots);
  used = 0;
  for (const Slot& slot : old) {
    if (slot.ordinal_plus_one != 0) Add(slot);
  }
}

const ClaimMap::Bucket& ClaimMap::BucketOf(const Claim& claim) const {
  return buckets_[directory_[LastBits(HashOf(claim), directory_bits_)]];
}

std::optional<std::uint32_t> ClaimMap::Find(const Claim& claim) const {
  if (size_ == 0) return std::nullopt;
  const Bucket& bucket = BucketOf(claim);
  const Slot& slot = bucket.slots[bucket.Locate(claim)];
  if (slot.ordinal_plus_one == 0) return std::nullopt;
  return slot.ordinal_plus_one - 1;
}

void ClaimMap::Insert(const Claim& claim, std::uint32_t ordinal) {
  if (buckets_.empty()) {
    buckets_.emplace_back().slots.resize(kBucketSlotsFirst);
    directory_ = {0};
  }
  while (true) {
    const std::uint32_t place = directory_[LastBits(HashOf(claim), directory_bits_)];
    Bucket& bucket = buckets_[place];
    Slot& slot = bucket.slots[bucket.Locate(claim)];
    if (slot.ordinal_plus_one != 0) return;
    if (bucket.HasRoom()) {
      slot = Slot{claim, ordinal + 1};
      ++bucket.used;
      ++size_;
      return;
    }
    MakeRoom(place, claim);
  }
}

void ClaimMap::MakeRoom(std::uint32_t place, const Claim& claim) {
  Bucket& bucket = buckets_[place];
  const std::size_t grown = bucket.slots.size() + bucket.slots.size() / 2;
  if (bucket.slots.size() < kBucketSlotsMax) {
    bucket.Resize(std::min(grown, kBucketSlotsMax));
  } else if (bucket.bits == kDirectoryBitsMax) {
    bucket.Resize(grown);
  } else {
    Split(place, claim);
  }
}

void ClaimMap::Split(std::uint32_t place, const Claim& claim) {
  const auto added = static_cast<std::uint32_t>(buckets_.size());
  buckets_.emplace_back();
  Bucket& zero = buckets_[place];
  Bucket& one = buckets_[added];
  const std::uint64_t bit = std::uint64_t{1} << zero.bits;
  std::vector<Slot> slots(kBucketSlotsAfterSplit);
  slots.swap(zero.slots);
  one.slots.resize(kBucketSlotsAfterSplit);
  one.bits = ++zero.bits;
  zero.used = 0;
  for (const Slot& slot : slots) {
    if (slot.ordinal_plus_one == 0) continue;
    Bucket& half = (HashOf(slot.claim) & bit) != 0 ? one : zero;
    if (!half.HasRoom()) half.Resize(kBucketSlotsMax);  // the halves may be uneven
    half.Add(slot);
  }
  if (directory_bits_ < zero.bits) {
    directory_.reserve(2 * directory_.size());
    directory_.insert(directory_.end(), directory_.begin(), directory_.end());
    ++directory_bits_;
  }
  const std::uint64_t shared = LastBits(HashOf(claim), zero.bits - 1);
  for (std::uint64_t at = shared | bit; at < directory_.size(); at += 2 * bit) {
    directory_[at] = added;
  }
}

}  // namespace coupond
