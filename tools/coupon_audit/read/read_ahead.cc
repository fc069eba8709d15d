#include "coupon_audit/read/read_ahead.h"

#include <cstddef>
#include <utility>

namespace coupond::audit {
namespace {

/// Handing over costs the same for one group as for many.
constexpr std::size_t kEventsPerBatch = 4'096;
constexpr std::size_t kBatchesAheadMax = 8;

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

}  // namespace coupond::audit
