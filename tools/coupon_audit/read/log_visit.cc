#include "coupon_audit/read/log_visit.h"

#include <optional>
#include <utility>
#include <vector>

#include "common/progress_bar.h"
#include "coupon_audit/read/read_ahead.h"

namespace coupond::audit {
namespace {

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

Audited<void> VisitLog(const StoredLog& log, std::string_view what, const EventVisitor& visit) {
  ProgressBar bar(what);
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
