#ifndef COUPOND_TOOLS_COUPON_AUDIT_READ_READ_AHEAD_H_
#define COUPOND_TOOLS_COUPON_AUDIT_READ_READ_AHEAD_H_

#include <functional>
#include <string_view>
#include <thread>
#include <vector>

#include "coupon_audit/bounded_queue.h"
#include "coupon_audit/model/finding.h"
#include "coupon_audit/model/log_model.h"
#include "coupon_audit/read/witnessed_log.h"
#include "engine/rules/event.h"
#include "storage/format/record_check.h"

namespace coupond::audit {

/// Reads a log on a thread of its own, a bounded stretch ahead of the caller that takes the groups,
/// so that reading, hashing and decoding go on beside what is done with the groups. Belongs to one
/// thread; the log must outlive it. May be destroyed at any time.
class ReadAhead {
 public:
  explicit ReadAhead(const WitnessedLog& log);
  ~ReadAhead();
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  /// Returns the next groups; none at the end of the log. After a finding there are none either.
  [[nodiscard]] Audited<std::vector<storage::CheckedRecord>> Next();

 private:
  using Batch = Audited<std::vector<storage::CheckedRecord>>;

  void Read();

  WitnessedLog::Reader reader_;  // the thread's
  BoundedQueue<Batch> queue_;
  std::jthread thread_;
};

/// Called with each event of a log in order. Ends the visit by returning a finding, or false if the
/// rest of the log does not matter.
using EventVisitor = std::function<Audited<bool>(const Event& event, const Moment& moment)>;

/// Passes all events of the log to `visit`, on this thread, while another one reads ahead. The log
/// is checked as it is read (witnessed_log.h), but the rules are not judged. Shows the progress on
/// a terminal; `what` names the activity.
[[nodiscard]] Audited<void> VisitLog(const WitnessedLog& log, std::string_view what,
                                     const EventVisitor& visit);

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_READ_READ_AHEAD_H_
