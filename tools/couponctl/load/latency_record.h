#ifndef COUPOND_TOOLS_COUPONCTL_LOAD_LATENCY_RECORD_H_
#define COUPOND_TOOLS_COUPONCTL_LOAD_LATENCY_RECORD_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace coupond::ctl {

/// How long many requests took, in bounded memory: a histogram whose buckets are 1/128 of their
/// value wide, so that a percentile is at most 0.8 % too high, in 57 KiB however many are added.
class LatencyRecord {
 public:
  LatencyRecord();

  /// Counts one latency; negative ones count as 0.
  void Add(std::chrono::nanoseconds latency);

  [[nodiscard]] std::uint64_t count() const { return count_; }
  /// The largest one exactly; 0 when there is none.
  [[nodiscard]] std::chrono::nanoseconds max() const { return max_; }
  /// The smallest bound that at least `percent` of the latencies do not exceed; 0 when there is
  /// none. `percent` is in (0, 100].
  [[nodiscard]] std::chrono::nanoseconds Percentile(double percent) const;

 private:
  std::vector<std::uint64_t> buckets_;
  std::uint64_t count_ = 0;
  std::chrono::nanoseconds max_{0};
};

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_LOAD_LATENCY_RECORD_H_
