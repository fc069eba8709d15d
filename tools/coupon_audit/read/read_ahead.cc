#include "coupon_audit/read/read_ahead.h"

#include <cstddef>
#include <utility>

#include "common/progress_bar.h"

namespace coupond::audit {
namespace {

/// Handing over costs the same for one group as for many.
constexpr std::size_t kEventsPerBatch = 4'096;
constexpr std::size_t kBatchesAheadMax = 8;

/// False: the visitor has seen enough.
Audited<bool> VisitGroup(const CommitGroup& group, const EventVisitor& visit) {
  Moment moment{.group = group.number, .sequence = group.first_sequence, .time = group.commit_time};
  for (const Event& event : group.events) {
    Audited<bool> more = visit(event, moment);
    if (!more || !*more) return more;
    moment.sequence = moment.sequence.Next();
  }
  return true;
}

}  // namespace

ReadAhead::ReadAhead(const StoredLog& log)
    : reader_(log.Read()), queue_(kBatchesAheadMax), thread_([this] { Read(); }) {}

ReadAhead::~ReadAhead() { queue_.Abandon(); }

Audited<std::optional<std::vector<LoggedGroup>>> ReadAhead::Next() {
  std::optional<Batch> batch = queue_.Pop();
  if (!batch) return std::nullopt;
  if (!*batch) return std::unexpected(std::move(batch->error()));
  return std::move(**batch);
}

void ReadAhead::Read() {
  std::vector<LoggedGroup> groups;
  std::size_t events = 0;
  while (true) {
    Audited<std::optional<LoggedGroup>> next = reader_.Next();
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

Audited<void> VisitLog(const StoredLog& log, std::string_view what, const EventVisitor& visit) {
  tools::ProgressBar bar(what);
  ReadAhead reader(log);
  while (true) {
    const Audited<std::optional<std::vector<LoggedGroup>>> groups = reader.Next();
    if (!groups) return std::unexpected(groups.error());
    if (!*groups) return {};
    for (const LoggedGroup& logged : **groups) {
      const Audited<bool> more = VisitGroup(logged.group, visit);
      if (!more) return std::unexpected(more.error());
      if (!*more) return {};
    }
    bar.Show((*groups)->back().group.number.value(), log.last_group().value());
  }
}

}  // namespace coupond::audit
