#ifndef COUPOND_TEST_SYSTEM_PROGRAM_HISTORY_MOMENTS_H_
#define COUPOND_TEST_SYSTEM_PROGRAM_HISTORY_MOMENTS_H_

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "system/program/history.h"

namespace coupond::test {

/// Which events there were at which moment, as far as clients can know: what they were told of had
/// happened, and what they had not asked for yet had not.
class HistoryMoments {
 public:
  using Time = Operation::Clock::time_point;

  /// Sequences of events, both included.
  struct Range {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
  };

  /// All operations must have a sequence.
  explicit HistoryMoments(const std::vector<const Operation*>& operations);

  /// Returns the newest event that replies which had come by then rest on; 0 if none had come.
  [[nodiscard]] std::uint64_t NewestBy(Time time) const;
  /// Returns the oldest event of the requests that were sent after that, if there is one.
  [[nodiscard]] std::optional<std::uint64_t> OldestAfter(Time time) const;
  /// Returns the events that may have been the last one when something that came with the reply
  /// was read: some time from the decision to the arrival.
  [[nodiscard]] Range RangeOf(const Operation& operation) const;

 private:
  /// By the ends of replies: the newest event that they rest on, up to there.
  std::vector<std::pair<Time, std::uint64_t>> newest_by_end_;
  /// By the starts of requests: the oldest event that they led to, from there on.
  std::vector<std::pair<Time, std::uint64_t>> oldest_by_start_;
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_SYSTEM_PROGRAM_HISTORY_MOMENTS_H_
