#include "couponctl/load/load_tally.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

#include "base/check.h"

namespace coupond::ctl {
namespace {

constexpr std::size_t kErrorNamesMax = 32;

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

void LoadTally::AddAttempt(bool first) {
  ++attempts_;
  if (first) ++sent_;
}

void LoadTally::AddError(std::string_view name) {
  const auto known = errors_.find(name);
  if (known != errors_.end()) {
    ++known->second;
  } else {
    ++errors_[errors_.size() < kErrorNamesMax ? std::string(name) : "other"];
  }
}

void LoadTally::AddOutcome(const IssueAnswer& answer, std::chrono::nanoseconds latency) {
  latency_.Add(latency);
  switch (answer.kind) {
    case IssueAnswer::Kind::kIssued:
      held_.push_back(answer.coupon);
      already_issued_ += answer.already_issued ? 1 : 0;
      break;
    case IssueAnswer::Kind::kRefused:
      ++refused_[static_cast<std::size_t>(answer.refused)];
      break;
    case IssueAnswer::Kind::kFailed:
      ++failed_;
      break;
    case IssueAnswer::Kind::kOpen:
      ++open_;
      break;
  }
}

void LoadTally::AddNotSent(std::chrono::nanoseconds latency) {
  latency_.Add(latency);
  ++not_sent_;
}

std::uint64_t LoadTally::answered() const { return issued() + refused_in_all() + failed_; }

std::uint64_t LoadTally::refused(IssueAnswer::Refused reason) const {
  return refused_[static_cast<std::size_t>(reason)];
}

std::uint64_t LoadTally::refused_in_all() const {
  return std::accumulate(refused_.begin(), refused_.end(), std::uint64_t{0});
}

}  // namespace coupond::ctl
