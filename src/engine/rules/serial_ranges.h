#ifndef COUPOND_ENGINE_RULES_SERIAL_RANGES_H_
#define COUPOND_ENGINE_RULES_SERIAL_RANGES_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "engine/rules/chunked_vector.h"
#include "engine/rules/ids.h"

namespace coupond {

/// The serials first … first + count - 1.
struct SerialRange {
  Serial first;
  std::uint64_t count = 0;

  friend bool operator==(const SerialRange&, const SerialRange&) = default;
};

/// The serials that a campaign has reserved, in the order in which its coupons get them: those of
/// its creation, then those of each time that it needed more, because its total was raised or
/// places were returned. So the coupon with ordinal n has the n-th serial. Each range lies behind
/// the one before; other campaigns' serials may lie between two of them.
///
/// Most campaigns have one range, which needs no memory beside the object.
class SerialRanges {
 public:
  SerialRanges() = default;
  explicit SerialRanges(SerialRange first) : first_(first) {}

  /// Reserves more serials, to be used after the others, and greater than they are.
  void Add(SerialRange range) {
    if (size() == 0) {
      first_ = range;
    } else {
      added_.push_back({.serials = range, .first_ordinal = size()});
    }
  }
  /// Gives up all serials but the first `count`, if there are more.
  void Truncate(std::uint64_t count) {
    while (!added_.empty() && added_.back().first_ordinal >= count) added_.pop_back();
    if (added_.empty()) {
      first_.count = std::min(first_.count, count);
    } else {
      Added& last = added_.back();
      last.serials.count = std::min(last.serials.count, count - last.first_ordinal);
    }
  }

  /// Removes the last range and returns it, or nullopt if there is none.
  std::optional<SerialRange> TakeLast() {
    if (added_.empty()) {
      const SerialRange range = std::exchange(first_, {});
      if (range.count == 0) return std::nullopt;
      return range;
    }
    const SerialRange range = added_.back().serials;
    added_.pop_back();
    return range;
  }

  /// Returns the number of serials.
  [[nodiscard]] std::uint64_t size() const {
    return added_.empty() ? first_.count
                          : added_.back().first_ordinal + added_.back().serials.count;
  }
  /// Returns the serial of the coupon with this ordinal, which must be less than size(). However
  /// often the total was raised, this takes next to no time.
  [[nodiscard]] Serial At(std::uint64_t ordinal) const {
    const std::size_t after = added_.PartitionPoint(
        [ordinal](const Added& range) { return range.first_ordinal <= ordinal; });
    if (after == 0) return first_.first.Plus(ordinal);
    const Added& range = added_[after - 1];
    return range.serials.first.Plus(ordinal - range.first_ordinal);
  }
  /// Returns the ordinal of the coupon with this serial, or nullopt if the serial is not reserved.
  /// As fast as At.
  [[nodiscard]] std::optional<std::uint64_t> OrdinalOf(Serial serial) const {
    const std::size_t after = added_.PartitionPoint(
        [serial](const Added& range) { return range.serials.first <= serial; });
    if (after == 0) return OffsetIn(first_, serial);
    const Added& range = added_[after - 1];
    const auto offset = OffsetIn(range.serials, serial);
    if (!offset) return std::nullopt;
    return range.first_ordinal + *offset;
  }

  /// Calls visit(range) for each range, in order. None is empty.
  template <typename Visit>
  void ForEach(Visit visit) const {
    if (first_.count > 0) visit(first_);
    added_.ForEach([&visit](const Added& range) { visit(range.serials); });
  }

  friend bool operator==(const SerialRanges&, const SerialRanges&) = default;

 private:
  struct Added {
    SerialRange serials;
    std::uint64_t first_ordinal = 0;

    friend bool operator==(const Added&, const Added&) = default;
  };

  [[nodiscard]] static std::optional<std::uint64_t> OffsetIn(SerialRange range, Serial serial) {
    // Wraps around for a serial before the range.
    const std::uint64_t offset = serial.value() - range.first.value();
    if (offset >= range.count) return std::nullopt;
    return offset;
  }

  SerialRange first_;
  ChunkedVector<Added, 4'096> added_;
};

}  // namespace coupond

#endif  // COUPOND_ENGINE_RULES_SERIAL_RANGES_H_
