#ifndef COUPOND_ENGINE_RULES_ISSUE_TIMES_H_
#define COUPOND_ENGINE_RULES_ISSUE_TIMES_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/rules/timestamp.h"

namespace coupond {

/// The times of issue of some coupons of a campaign.
///
/// Coupons of one commit group share their time and follow each other, so one entry of 12 bytes
/// holds for all of them: next to nothing in a rush, and 12 bytes a claim if each has a group of
/// its own. Entries are held in chunks, so that growing never moves many of them. (A deque would do
/// so too, but takes half a kilobyte while it is empty, and most campaigns have no claims.)
class IssueTimes {
 public:
  /// Adds a coupon. Each has a higher ordinal than the one before.
  void Add(std::uint32_t ordinal, Timestamp time) {
    if (!chunks_.empty() && chunks_.back().back().time() == time) return;
    if (chunks_.empty() || chunks_.back().size() == kRunsPerChunk) chunks_.emplace_back();
    chunks_.back().push_back(Run{.unix_nanoseconds = time.unix_nanoseconds(), .first = ordinal});
  }

  /// Returns when a coupon was issued. It must have been added.
  [[nodiscard]] Timestamp Of(std::uint32_t ordinal) const;

  /// Returns the number of entries.
  [[nodiscard]] std::size_t size() const {
    if (chunks_.empty()) return 0;
    return (chunks_.size() - 1) * kRunsPerChunk + chunks_.back().size();
  }
  /// Calls visit(first_ordinal, time) for each entry, in order.
  template <typename Visit>
  void ForEach(Visit visit) const {
    for (const Chunk& runs : chunks_) {
      for (const Run& run : runs) visit(run.first, run.time());
    }
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

  using Chunk = std::vector<Run>;
  static constexpr std::size_t kRunsPerChunk = 4'096;

  std::vector<Chunk> chunks_;  // none is empty
};

}  // namespace coupond

#endif  // COUPOND_ENGINE_RULES_ISSUE_TIMES_H_
