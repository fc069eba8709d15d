#include "couponctl/load/load_tally.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

#include "base/check.h"
#include "couponctl/load/arrival_schedule.h"

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

LoadTally::LoadTally(std::uint64_t coupons_max, std::uint64_t users)
    : users_(users == 0 ? 0 : users + 1) {
  static_assert(kRequestsPerRunMax < std::uint64_t{1} << 31, "a place in held_ has 31 bits");
  held_.reserve(coupons_max);
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

void LoadTally::AddOutcome(const IssueAnswer& answer, std::uint64_t user,
                           std::chrono::nanoseconds latency) {
  latency_.Add(latency);
  switch (answer.kind) {
    case IssueAnswer::Kind::kIssued:
      AddCoupon(answer, user);
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

void LoadTally::AddCoupon(const IssueAnswer& answer, std::uint64_t user) {
  ++coupon_answers_;
  already_issued_ += answer.already_issued ? 1 : 0;
  if (user == 0) return Hold(answer.coupon, user);
  UserCoupon& known = users_[user];
  const bool is_first = known.place == 0;
  if (is_first) {
    Hold(answer.coupon, user);
    known.place = static_cast<std::uint32_t>(held_.size());
    maybe_older_ += answer.already_issued ? 1 : 0;
  } else if (held_[known.place - 1].code != answer.coupon.code ||
             (known.is_new && !answer.already_issued)) {
    // A second coupon, or the same one issued twice: the check will find both.
    return Hold(answer.coupon, user);
  } else if (!answer.already_issued) {
    // The answer to the request that got the coupon came after one that repeated it.
    --maybe_older_;
  }
  if (!answer.already_issued) known.is_new = 1;
}

void LoadTally::Hold(const HeldCoupon& coupon, std::uint64_t user) {
  held_.push_back(coupon);
  held_.back().user = static_cast<std::uint32_t>(user);
}

void LoadTally::AddNotSent(std::chrono::nanoseconds latency) {
  latency_.Add(latency);
  ++not_sent_;
}

std::uint64_t LoadTally::answered() const { return coupon_answers_ + refused_in_all() + failed_; }

std::uint64_t LoadTally::refused(IssueAnswer::Refused reason) const {
  return refused_[static_cast<std::size_t>(reason)];
}

std::uint64_t LoadTally::refused_in_all() const {
  return std::accumulate(refused_.begin(), refused_.end(), std::uint64_t{0});
}

}  // namespace coupond::ctl
