#ifndef COUPOND_ENGINE_RULES_TIMESTAMP_H_
#define COUPOND_ENGINE_RULES_TIMESTAMP_H_

#include <chrono>
#include <compare>
#include <cstdint>
#include <limits>

namespace coupond {

/// A moment in UTC, in nanoseconds since 1970-01-01T00:00:00Z; covers the years 1678 to 2261. The
/// rules get the time as an argument, and never read a clock.
class Timestamp {
 public:
  constexpr Timestamp() = default;
  [[nodiscard]] static constexpr Timestamp FromUnixNanoseconds(std::int64_t nanoseconds) {
    return Timestamp(nanoseconds);
  }

  [[nodiscard]] constexpr std::int64_t unix_nanoseconds() const { return nanoseconds_; }
  [[nodiscard]] constexpr Timestamp Plus(std::chrono::nanoseconds duration) const {
    return Timestamp(nanoseconds_ + duration.count());
  }
  /// Returns the same, but at least the first and at most the last moment that can be held.
  [[nodiscard]] constexpr Timestamp PlusUpToTheEnds(std::chrono::nanoseconds duration) const {
    std::int64_t sum = 0;
    if (!__builtin_add_overflow(nanoseconds_, std::int64_t{duration.count()}, &sum)) {
      return Timestamp(sum);
    }
    return Timestamp(duration.count() < 0 ? std::numeric_limits<std::int64_t>::min()
                                          : std::numeric_limits<std::int64_t>::max());
  }
  /// Returns the time from `earlier` to this moment; negative if this moment is the earlier one. It
  /// is at least the shortest and at most the longest that can be held.
  [[nodiscard]] constexpr std::chrono::nanoseconds Since(Timestamp earlier) const {
    std::int64_t difference = 0;
    if (!__builtin_sub_overflow(nanoseconds_, earlier.nanoseconds_, &difference)) {
      return std::chrono::nanoseconds(difference);
    }
    return *this < earlier ? std::chrono::nanoseconds::min() : std::chrono::nanoseconds::max();
  }

  friend constexpr auto operator<=>(Timestamp, Timestamp) = default;

 private:
  constexpr explicit Timestamp(std::int64_t nanoseconds) : nanoseconds_(nanoseconds) {}

  std::int64_t nanoseconds_ = 0;
};

/// Later than every moment that can come.
inline constexpr Timestamp kNever =
    Timestamp::FromUnixNanoseconds(std::numeric_limits<std::int64_t>::max());
/// Earlier than every other moment.
inline constexpr Timestamp kAlways =
    Timestamp::FromUnixNanoseconds(std::numeric_limits<std::int64_t>::min());
/// Longer than everything: any moment plus this is kNever.
inline constexpr std::chrono::nanoseconds kUnlimited = std::chrono::nanoseconds::max();

}  // namespace coupond

#endif  // COUPOND_ENGINE_RULES_TIMESTAMP_H_
