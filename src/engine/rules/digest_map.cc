#include "engine/rules/digest_map.h"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <numeric>
#include <utility>

namespace coupond {
namespace {

/// Recent entries of a bucket, at most.
constexpr std::size_t kRecentMax = 16;
/// A bucket with more sorted entries is split: 10 to 16 KiB, which are moved in about a
/// microsecond.
constexpr std::size_t kBucketEntriesMax = 512;
/// Enough for 500 million entries. Beyond it, buckets grow instead, and insertions take longer.
constexpr std::uint32_t kDirectoryBitsMax = 20;
/// The number of last bits by which PutAll sorts entries.
constexpr std::uint32_t kPartBits = 12;
constexpr std::size_t kPartsWorthwhile = std::size_t{4} << kPartBits;

std::uint64_t HashOf(const Claim& digest) { return std::hash<Claim>{}(digest); }

std::uint64_t LastBits(std::uint64_t hash, std::uint32_t bits) {
  return hash & ((std::uint64_t{1} << bits) - 1);
}

/// Returns the capacity of a bucket with `sorted` sorted entries. All are multiples of one number,
/// so that what one bucket has freed fits another.
std::size_t CapacityFor(std::size_t sorted) { return (sorted / kRecentMax + 1) * kRecentMax; }

}  // namespace

template <typename Value>
std::size_t DigestMap<Value>::Bucket::PlaceOf(std::uint64_t hash) const {
  // Where it would be if all hashes were equally far apart: the high half of hash × sorted
  // (Lemire). It depends on the hash's first bits, of which the bucket has all.
  __extension__ using Wide = unsigned __int128;
  auto place = static_cast<std::size_t>((static_cast<Wide>(hash) * sorted) >> 64);
  while (place > 0 && HashOf(entries[place - 1].digest) >= hash) --place;
  while (place < sorted && HashOf(entries[place].digest) < hash) ++place;
  return place;
}

template <typename Value>
auto DigestMap<Value>::Bucket::Find(const Claim& digest) const -> const Entry* {
  const std::uint64_t hash = HashOf(digest);
  const auto is_it = [&](const Entry& entry) {
    return HashOf(entry.digest) == hash && entry.digest == digest;
  };
  for (std::size_t i = PlaceOf(hash); i < sorted && HashOf(entries[i].digest) == hash; ++i) {
    if (entries[i].digest == digest) return &entries[i];
  }
  const auto recent = std::find_if(entries.begin() + sorted, entries.end(), is_it);
  return recent == entries.end() ? nullptr : &*recent;
}

template <typename Value>
auto DigestMap<Value>::Bucket::Find(const Claim& digest) -> Entry* {
  return const_cast<Entry*>(std::as_const(*this).Find(digest));
}

template <typename Value>
bool DigestMap<Value>::Bucket::HasRoom() const {
  return entries.size() < entries.capacity();
}

template <typename Value>
void DigestMap<Value>::Bucket::Merge() {
  const auto recent = entries.begin() + sorted;
  std::sort(recent, entries.end(), [](const Entry& left, const Entry& right) {
    return HashOf(left.digest) < HashOf(right.digest);
  });
  std::vector<Entry> merged;
  merged.reserve(CapacityFor(entries.size()));
  // Copies what lies between two recent ones at once, which is faster than std::merge.
  auto next = entries.begin();
  for (auto entry = recent; entry != entries.end(); ++entry) {
    const auto place =
        entries.begin() + static_cast<std::ptrdiff_t>(PlaceOf(HashOf(entry->digest)));
    merged.insert(merged.end(), next, place);
    merged.push_back(*entry);
    next = place;
  }
  merged.insert(merged.end(), next, recent);
  entries.swap(merged);
  sorted = static_cast<std::uint32_t>(entries.size());
}

template <typename Value>
std::uint32_t DigestMap<Value>::BucketOf(const Claim& digest) const {
  return directory_[LastBits(HashOf(digest), directory_bits_)];
}

template <typename Value>
std::optional<Value> DigestMap<Value>::Find(const Claim& digest) const {
  if (size_ == 0) return std::nullopt;
  const Entry* found = buckets_[BucketOf(digest)].Find(digest);
  if (found == nullptr) return std::nullopt;
  return found->value;
}

template <typename Value>
void DigestMap<Value>::Put(const Claim& digest, Value value) {
  if (buckets_.empty()) {
    buckets_.push_back({});
    directory_ = {0};
  }
  std::uint32_t place = BucketOf(digest);
  if (Entry* const before = buckets_[place].Find(digest)) {
    before->value = value;
    return;
  }
  while (!buckets_[place].HasRoom()) {
    Bucket& bucket = buckets_[place];
    bucket.Merge();
    if (bucket.sorted < kBucketEntriesMax || bucket.bits == kDirectoryBitsMax) break;
    Split(place, digest);
    place = BucketOf(digest);
  }
  buckets_[place].entries.push_back(Entry{digest, value});
  ++size_;
}

template <typename Value>
void DigestMap<Value>::Split(std::uint32_t place, const Claim& digest) {
  const auto added = static_cast<std::uint32_t>(buckets_.size());
  buckets_.push_back({});
  Bucket& zero = buckets_[place];
  Bucket& one = buckets_[added];
  const std::uint64_t bit = std::uint64_t{1} << zero.bits;
  const auto has_bit = [bit](const Entry& entry) { return (HashOf(entry.digest) & bit) != 0; };
  const std::vector<Entry> entries = std::exchange(zero.entries, {});
  const auto ones = static_cast<std::size_t>(std::ranges::count_if(entries, has_bit));
  zero.entries.reserve(CapacityFor(entries.size() - ones));
  one.entries.reserve(CapacityFor(ones));
  for (const Entry& entry : entries) (has_bit(entry) ? one : zero).entries.push_back(entry);
  zero.sorted = static_cast<std::uint32_t>(zero.entries.size());
  one.sorted = static_cast<std::uint32_t>(one.entries.size());
  one.bits = ++zero.bits;
  if (directory_bits_ < zero.bits) {
    directory_.reserve(2 * directory_.size());
    directory_.insert(directory_.end(), directory_.begin(), directory_.end());
    ++directory_bits_;
  }
  const std::uint64_t shared = LastBits(HashOf(digest), zero.bits - 1);
  for (std::uint64_t at = shared | bit; at < directory_.size(); at += 2 * bit) {
    directory_[at] = added;
  }
}

template <typename Value>
bool DigestMap<Value>::FreePart() {
  if (buckets_.empty()) return false;
  buckets_.pop_back();
  return true;
}

template <typename Value>
void DigestMap<Value>::PutAll(std::span<const Entry> entries) {
  if (entries.size() < kPartsWorthwhile) {
    for (const Entry& entry : entries) Put(entry.digest, entry.value);
    return;
  }
  // Entries with the same last bits go to the same few buckets, which stay in the processor's cache
  // while these are inserted.
  const auto part_of = [](const Entry& entry) { return LastBits(HashOf(entry.digest), kPartBits); };
  std::vector<std::size_t> next((std::size_t{1} << kPartBits) + 1);
  for (const Entry& entry : entries) ++next[part_of(entry) + 1];
  std::partial_sum(next.begin(), next.end(), next.begin());
  std::vector<Entry> parts(entries.size());
  for (const Entry& entry : entries) parts[next[part_of(entry)]++] = entry;
  for (const Entry& entry : parts) Put(entry.digest, entry.value);
}

template class DigestMap<std::uint32_t>;
template class DigestMap<CarriedOut>;

}  // namespace coupond
