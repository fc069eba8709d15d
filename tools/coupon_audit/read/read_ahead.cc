#include "coupon_audit/read/read_ahead.h"

#include <cstddef>
#include <optional>
#include <utility>

#include "common/progress_bar.h"

namespace coupond::audit {
namespace {

using storage::CheckedRecord;

/// Handing over costs the same for one group as for many.
constexpr std::size_t kEventsPerBatch = 4'096;
constexpr std::size_t kBatchesAheadMax = 8;

/// Returns false if the visitor has seen enough.
Audited<bool> VisitGroup(const CommitGroup& group, const EventVisitor& visit) {
  Moment moment{.group = group.number, .sequence = group.first_sequence, .time = group.commit_time};
  for (std::size_t i = 0; i < group.events.size(); ++i) {
    moment.key = group.KeyOf(i);
    if (!TRY(visit(group.events[i], moment))) return false;
    moment.sequence = moment.sequence.Next();
  }
  return true;
}

}  // namespace

ReadAhead::ReadAhead(const WitnessedLog& log)
    : reader_(log), queue_(kBatchesAheadMax), thread_([this] { Read(); }) {}

ReadAhead::~ReadAhead() { queue_.Abandon(); }

Audited<std::vector<CheckedRecord>> ReadAhead::Next() {
  return queue_.Pop().value_or(std::vector<CheckedRecord>());
}

void ReadAhead::Read() {
  std::vector<CheckedRecord> groups;
  std::size_t events = 0;
  while (true) {
    Audited<std::optional<CheckedRecord>> next = reader_.Next();
    const bool more = next && *next;
    if (more) {
      events += (*next)->group.events.size();
      groups.push_back(std::move(**next));
      if (events < kEventsPerBatch) continue;
    }
    if (!groups.empty() && !queue_.Push(std::exchange(groups, {}))) return;
    events = 0;
    if (more) continue;
    if (!next) queue_.Push(std::unexpected(std::move(next.error())));
    queue_.Close();
    return;
  }
}

Audited<void> VisitLog(const WitnessedLog& log, std::string_view what, const EventVisitor& visit) {
  tools::ProgressBar bar(what);
  ReadAhead reader(log);
  while (true) {
    const std::vector<CheckedRecord> groups = TRY(reader.Next());
    if (groups.empty()) return {};
    for (const CheckedRecord& record : groups) {
      if (!TRY(VisitGroup(record.group, visit))) return {};
    }
    bar.Show(groups.back().group.number.value(), log.last_group().value());
  }
}

}  // namespace coupond::audit
