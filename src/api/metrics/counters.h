#ifndef COUPOND_API_METRICS_COUNTERS_H_
#define COUPOND_API_METRICS_COUNTERS_H_

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

/// Numbers that one thread adds to and any thread reads: no lock, no allocation and no locked
/// instruction. A reader may see one number newer than another.
namespace coupond::api {

/// So that no two threads write to the same cache line.
inline constexpr std::size_t kCacheLineBytes = 64;

class Counter {
 public:
  /// Only by the one thread that this counter belongs to.
  void Add(std::uint64_t amount = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// What a histogram has counted, or several that are added up.
struct HistogramFigures {
  /// Each bucket has the values up to its bound that exceed the bound before, in the histogram's
  /// unit. Lives as long as the program.
  std::span<const std::uint64_t> bounds;
  std::vector<std::uint64_t> counts;  ///< one more than bounds: the last has what exceeds them all
  std::uint64_t sum = 0;

  HistogramFigures& operator+=(const HistogramFigures& other) {
    counts.resize(std::max(counts.size(), other.counts.size()));
    for (std::size_t i = 0; i < other.counts.size(); ++i) counts[i] += other.counts[i];
    sum += other.sum;
    bounds = other.bounds;
    return *this;
  }
};

/// Counts values by size. `kBounds` is a constant array of ascending bounds.
template <const auto& kBounds>
class Histogram {
 public:
  /// Only by the one thread that this histogram belongs to.
  void Record(std::uint64_t value) {
    const auto* const bucket = std::lower_bound(kBounds.begin(), kBounds.end(), value);
    counts_[static_cast<std::size_t>(bucket - kBounds.begin())].Add();
    sum_.Add(value);
  }
  void Record(std::chrono::nanoseconds time) {
    Record(static_cast<std::uint64_t>(std::max<std::int64_t>(time.count(), 0)));
  }
  [[nodiscard]] HistogramFigures figures() const {
    HistogramFigures figures{.bounds = kBounds, .counts = {}, .sum = sum_.value()};
    for (const Counter& count : counts_) figures.counts.push_back(count.value());
    return figures;
  }

 private:
  std::array<Counter, kBounds.size() + 1> counts_;
  Counter sum_;
};

/// From 0.1 ms to 10 s, in nanoseconds.
inline constexpr std::array<std::uint64_t, 16> kTimeBounds = {
    100'000,       250'000,       500'000,       1'000'000,     2'500'000,   5'000'000,
    10'000'000,    25'000'000,    50'000'000,    100'000'000,   250'000'000, 500'000'000,
    1'000'000'000, 2'500'000'000, 5'000'000'000, 10'000'000'000};
/// Powers of two up to the largest group.
inline constexpr std::array<std::uint64_t, 13> kGroupBounds = {
    1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1'024, 2'048, 4'096};

using TimeHistogram = Histogram<kTimeBounds>;
using GroupHistogram = Histogram<kGroupBounds>;

}  // namespace coupond::api

#endif  // COUPOND_API_METRICS_COUNTERS_H_
