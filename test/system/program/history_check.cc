#include "system/program/history_check.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <set>
#include <tuple>
#include <vector>

#include "system/program/history_campaigns.h"
#include "system/program/history_erasures.h"
#include "system/program/history_moments.h"
#include "system/program/history_replay.h"

namespace coupond::test {
namespace {

using Kind = HistoryFault::Kind;
using Fault = std::optional<HistoryFault>;
/// Into the history that is checked.
using Ordered = std::vector<const Operation*>;
/// The sequences of the notes that erasures are finished.
using Ends = std::set<std::uint64_t>;

Fault FindMissingSequence(const History& history) {
  const auto missing = std::ranges::find_if(
      history, [](const Operation& operation) { return !SequenceOf(operation).has_value(); });
  if (missing == history.end()) return std::nullopt;
  return HistoryFault{Kind::kNoSequence, Describe(*missing)};
}

/// In the order of the log: each event, and then what was decided before the next.
Ordered InLogOrder(const History& history) {
  Ordered ordered;
  ordered.reserve(history.size());
  for (const Operation& operation : history) ordered.push_back(&operation);
  std::ranges::sort(ordered, {}, [](const Operation* operation) {
    // Addresses follow the order of the history, so equal ones keep that order.
    return std::tuple(*SequenceOf(*operation), IsEvent(*operation) ? 0 : 1, operation);
  });
  return ordered;
}

/// Each event's sequence is the one after that of the event before. Only of the ends of erasures is
/// nobody told, of which there is at most one after an erasure.
Fault FindBrokenNumbers(const Ordered& in_log_order, const Ends& ends) {
  std::uint64_t last = kFirstSequence;
  const Operation* before = nullptr;
  bool may_end = false;
  for (const Operation* operation : in_log_order) {
    const std::uint64_t sequence = *SequenceOf(*operation);
    const std::uint64_t own = IsEvent(*operation) ? 1 : 0;
    if (sequence > last + own && may_end && ends.contains(last + 1)) {
      ++last;
      may_end = false;
    }
    if (IsEvent(*operation)) {
      if (sequence <= last) {
        return HistoryFault{Kind::kSequenceTwice,
                            Describe(*operation) + "; and " +
                                (before == nullptr ? "StoreCreated" : Describe(*before))};
      }
      before = operation;
    }
    if (sequence > last + own) {
      return HistoryFault{Kind::kSequenceGap, "no reply announces event " +
                                                  std::to_string(last + 1) +
                                                  ", but: " + Describe(*operation)};
    }
    last = std::max(last, LastSequenceOf(*operation));
    if (!operation->erasures.empty()) may_end = true;
  }
  return std::nullopt;
}

/// Finds a reply that does not rest on a reply that had ended before its request was sent.
Fault FindStale(const History& history) {
  Ordered by_start;
  for (const Operation& operation : history) by_start.push_back(&operation);
  Ordered by_end = by_start;
  std::ranges::sort(by_start, {}, &Operation::start);
  std::ranges::sort(by_end, {}, &Operation::end);
  const Operation* newest = nullptr;  // of those that have ended
  auto ended = by_end.begin();
  for (const Operation* operation : by_start) {
    for (; ended != by_end.end() && (*ended)->end <= operation->start; ++ended) {
      if (newest == nullptr || LastSequenceOf(**ended) > LastSequenceOf(*newest)) newest = *ended;
    }
    if (newest == nullptr || IsRepeated(*operation)) continue;
    const std::uint64_t least = LastSequenceOf(*newest) + (IsEvent(*operation) ? 1 : 0);
    if (*SequenceOf(*operation) >= least) continue;
    return HistoryFault{Kind::kStale, Describe(*operation) +
                                          "; before it was asked for came: " + Describe(*newest)};
  }
  return std::nullopt;
}

/// Finds the first reply that the rules would not have given.
Fault FindWrongReply(const Ordered& in_log_order, const Ends& ends, const ErasureLog& log) {
  HistoryReplay replay(Sequence(kFirstSequence), in_log_order, ends);
  for (const Operation* operation : in_log_order) {
    if (Fault fault = replay.Next(*operation)) {
      fault->text = Describe(*operation) + "; " + fault->text;
      return fault;
    }
  }
  const HistoryMoments moments(in_log_order);
  HistoryCampaigns campaigns(replay.model(), replay.event_times(), moments, in_log_order);
  if (Fault fault = campaigns.FindFault()) return fault;
  return HistoryErasures(replay, moments, ends, log, in_log_order).FindFault();
}

}  // namespace

const char* NameOf(Kind kind) {
  constexpr std::array kNames = {"no sequence",  "one sequence twice", "a gap in the sequences",
                                 "stale",        "time went back",     "wrong reply",
                                 "wrong detail", "one code twice",     "code changed",
                                 "not erased"};
  return kNames.at(static_cast<std::size_t>(kind));
}

Fault FindFault(History history, const ErasureLog& log) {
  MarkRepeats(history);
  if (Fault fault = FindMissingSequence(history)) return fault;
  if (Fault fault = TakeErasures(log, history)) return fault;
  const Ends ends = EndsOfErasures(log, history);
  const Ordered in_log_order = InLogOrder(history);
  if (Fault fault = FindBrokenNumbers(in_log_order, ends)) return fault;
  if (Fault fault = FindStale(history)) return fault;
  return FindWrongReply(in_log_order, ends, log);
}

}  // namespace coupond::test
