#ifndef COUPOND_TOOLS_COUPON_AUDIT_READ_LOG_VISIT_H_
#define COUPOND_TOOLS_COUPON_AUDIT_READ_LOG_VISIT_H_

#include <functional>
#include <string_view>

#include "coupon_audit/model/finding.h"
#include "coupon_audit/model/log_model.h"
#include "coupon_audit/read/stored_log.h"
#include "engine/rules/event.h"

namespace coupond::audit {

/// Called with each event of a log in order. A finding ends the visit; so does false, for whoever
/// has seen enough.
using EventVisitor = std::function<Audited<bool>(const Event& event, const Moment& moment)>;

/// Shows all events of the log, which is checked as it is read (log_reader.h; the rules are not
/// judged), and how far that has come on a terminal. `what` is what is being done. One thread, and
/// another one that reads ahead.
[[nodiscard]] Audited<void> VisitLog(const StoredLog& log, std::string_view what,
                                     const EventVisitor& visit);

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_READ_LOG_VISIT_H_
