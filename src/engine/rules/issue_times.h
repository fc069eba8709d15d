#ifndef COUPOND_ENGINE_RULES_ISSUE_TIMES_H_
#define COUPOND_ENGINE_RULES_ISSUE_TIMES_H_

#include <cstddef>
#include <cstdint>

#include "engine/rules/chunked_vector.h"
#include "engine/rules/timestamp.h"

namespace coupond {

/// The times of issue of some coupons of a campaign.
///
/// Coupons of one commit group share their time and follow each other, so one entry of 12 bytes
/// holds for all of them: next to nothing in a rush, and 12 bytes a claim if each has a group of
/// its own.
class IssueTimes {
 public:
  /// Adds a coupon. Each has a higher ordinal than the one before.
  void Add(std::uint32_t ordinal, Timestamp time) {
    if (!runs_.empty() && runs_.back().time() == time) return;
    runs_.push_back(Run{.unix_nanoseconds = time.unix_nanoseconds(), .first = ordinal});
  }

  /// Returns when a coupon was issued. It must have been added.
  [[nodiscard]] Timestamp Of(std::uint32_t ordinal) const;

  /// Returns the number of entries.
  [[nodiscard]] std::size_t size() const { return runs_.size(); }
  /// Calls visit(first_ordinal, time) for each entry, in order.
  template <typename Visit>
  void ForEach(Visit visit) const {
    runs_.ForEach([&visit](const Run& run) { visit(run.first, run.time()); });
  }

  /// Frees some thousand entries, in about a microsecond. Returns false if there were none.
  bool FreePart() {
    if (runs_.empty()) return false;
    runs_.PopChunk();
    return true;
  }

 private:
  /// The coupons from `first` up to the next run were issued at `time`.
  struct [[gnu::packed]] Run {
    std::int64_t unix_nanoseconds = 0;
    std::uint32_t first = 0;

    [[nodiscard]] Timestamp time() const {
      return Timestamp::FromUnixNanoseconds(unix_nanoseconds);
    }
  };
  static_assert(sizeof(Run) == 12);

  ChunkedVector<Run, 4'096> runs_;
};

}  // namespace coupond

#endif  // COUPOND_ENGINE_RULES_ISSUE_TIMES_H_
