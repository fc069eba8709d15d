#ifndef COUPOND_TOOLS_COUPONCTL_LOAD_LATENCY_RECORD_H_
#define COUPOND_TOOLS_COUPONCTL_LOAD_LATENCY_RECORD_H_

#include <array>
#include <chrono>
#include <cstdint>
#include <string_view>
#include <vector>

namespace coupond::ctl {

/// The percentiles of latency that are shown of a load, besides the maximum.
struct NamedPercentile {
  std::string_view name;
  double percent = 0;
};
inline constexpr std::array kShownPercentiles = {
    NamedPercentile{"p50", 50},
    NamedPercentile{"p90", 90},
    NamedPercentile{"p99", 99},
    NamedPercentile{"p99.9", 99.9},
};

/// The latencies of many requests in bounded memory: a histogram whose buckets are 1/128 of their
/// value wide. A percentile is at most 0.8 % too high, and any number of latencies takes 57 KiB.
class LatencyRecord {
 public:
  LatencyRecord();

  /// Counts one latency. A negative one counts as 0.
  void Add(std::chrono::nanoseconds latency);
  /// Forgets all latencies.
  void Clear();

  [[nodiscard]] std::uint64_t count() const { return count_; }
  /// The largest latency exactly, or 0 if there is none.
  [[nodiscard]] std::chrono::nanoseconds max() const { return max_; }
  /// Returns the smallest bound that at least `percent` of the latencies do not exceed, or 0 if
  /// there is none. `percent` is in (0, 100].
  [[nodiscard]] std::chrono::nanoseconds Percentile(double percent) const;

 private:
  std::vector<std::uint64_t> buckets_;
  std::uint64_t count_ = 0;
  std::chrono::nanoseconds max_{0};
};

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_LOAD_LATENCY_RECORD_H_
