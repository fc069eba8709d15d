#include "system/program/history_moments.h"

#include <algorithm>
#include <ranges>

namespace coupond::test {
namespace {

constexpr auto kTime = [](const auto& entry) { return entry.first; };

}  // namespace

HistoryMoments::HistoryMoments(const std::vector<const Operation*>& operations) {
  for (const Operation* operation : operations) {
    newest_by_end_.emplace_back(operation->end, LastSequenceOf(*operation));
    if (!IsEvent(*operation)) continue;
    oldest_by_start_.emplace_back(operation->start, *SequenceOf(*operation));
  }
  std::ranges::sort(newest_by_end_);
  std::ranges::sort(oldest_by_start_);
  std::uint64_t newest = 0;
  for (auto& [end, sequence] : newest_by_end_) sequence = newest = std::max(newest, sequence);
  std::uint64_t oldest = newest + 1;
  for (auto& [start, sequence] : std::views::reverse(oldest_by_start_)) {
    sequence = oldest = std::min(oldest, sequence);
  }
}

std::uint64_t HistoryMoments::NewestBy(Time time) const {
  const auto later = std::ranges::upper_bound(newest_by_end_, time, {}, kTime);
  return later == newest_by_end_.begin() ? 0 : (later - 1)->second;
}

std::optional<std::uint64_t> HistoryMoments::OldestAfter(Time time) const {
  const auto begun = std::ranges::upper_bound(oldest_by_start_, time, {}, kTime);
  if (begun == oldest_by_start_.end()) return std::nullopt;
  return begun->second;
}

HistoryMoments::Range HistoryMoments::RangeOf(const Operation& operation) const {
  const std::optional<std::uint64_t> after = OldestAfter(operation.end);
  return {.first = std::max(*SequenceOf(operation), NewestBy(operation.start)),
          .last = after ? *after - 1 : newest_by_end_.back().second};
}

}  // namespace coupond::test
