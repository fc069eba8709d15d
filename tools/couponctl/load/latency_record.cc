#include "couponctl/load/latency_record.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>

#include "base/check.h"

namespace coupond::ctl {
namespace {

// Each value below 128 has a bucket, and each further power of two is cut into 128 equal parts.
constexpr std::uint64_t kPartsBits = 7;
constexpr std::uint64_t kParts = std::uint64_t{1} << kPartsBits;
constexpr std::size_t kBuckets = (63 - kPartsBits + 1) * kParts;
static_assert(kBuckets * sizeof(std::uint64_t) <= 57 * 1024);

std::size_t BucketOf(std::uint64_t value) {
  if (value < kParts) return value;
  const auto shift = static_cast<std::uint64_t>(std::bit_width(value)) - 1 - kPartsBits;
  return static_cast<std::size_t>(shift * kParts + (value >> shift));
}

// Returns the largest value that falls into the bucket.
std::uint64_t UpperBound(std::size_t bucket) {
  if (bucket < 2 * kParts) return bucket;
  const std::uint64_t shift = bucket / kParts - 1;
  const std::uint64_t part = bucket - shift * kParts;
  return ((part + 1) << shift) - 1;
}

}  // namespace

LatencyRecord::LatencyRecord() : buckets_(kBuckets, 0) {}

void LatencyRecord::Add(std::chrono::nanoseconds latency) {
  latency = std::max(latency, std::chrono::nanoseconds(0));
  ++buckets_[BucketOf(static_cast<std::uint64_t>(latency.count()))];
  ++count_;
  max_ = std::max(max_, latency);
}

void LatencyRecord::Clear() {
  if (count_ > 0) std::ranges::fill(buckets_, 0);
  count_ = 0;
  max_ = std::chrono::nanoseconds(0);
}

std::chrono::nanoseconds LatencyRecord::Percentile(double percent) const {
  COUPOND_CHECK(percent > 0 && percent <= 100);
  if (count_ == 0) return std::chrono::nanoseconds(0);
  const auto wanted = static_cast<std::uint64_t>(
      std::max(1.0, std::ceil(static_cast<double>(count_) * percent / 100.0)));
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
    seen += buckets_[bucket];
    if (seen >= wanted) {
      const auto bound = static_cast<std::int64_t>(UpperBound(bucket));
      return std::min(max_, std::chrono::nanoseconds(bound));
    }
  }
  return max_;
}

}  // namespace coupond::ctl
