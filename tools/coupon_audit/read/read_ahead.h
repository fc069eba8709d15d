#ifndef COUPOND_TOOLS_COUPON_AUDIT_READ_READ_AHEAD_H_
#define COUPOND_TOOLS_COUPON_AUDIT_READ_READ_AHEAD_H_

#include <functional>
#include <optional>
#include <string_view>
#include <thread>
#include <vector>

#include "common/bounded_queue.h"
#include "coupon_audit/model/finding.h"
#include "coupon_audit/model/log_model.h"
#include "coupon_audit/read/log_reader.h"
#include "coupon_audit/read/stored_log.h"
#include "engine/rules/event.h"

namespace coupond::audit {

/// Reads a log on a thread of its own, a bounded stretch ahead of whoever takes the groups, so that
/// reading, hashing and decoding go on beside what is done with the groups. Belongs to one thread;
/// the log must outlive it. May be destroyed at any time.
class ReadAhead {
 public:
  explicit ReadAhead(const StoredLog& log);
  ~ReadAhead();
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  /// The next groups, at least one; nothing: the log has ended. After a finding there are none.
  [[nodiscard]] Audited<std::optional<std::vector<LoggedGroup>>> Next();

 private:
  using Batch = Audited<std::vector<LoggedGroup>>;

  void Read();

  LogReader reader_;  // the thread's
  tools::BoundedQueue<Batch> queue_;
  std::jthread thread_;
};

/// Called with each event of a log in order. A finding ends the visit; so does false, for whoever
/// has seen enough.
using EventVisitor = std::function<Audited<bool>(const Event& event, const Moment& moment)>;

/// Shows all events of the log, which is checked as it is read (log_reader.h; the rules are not
/// judged), and how far that has come on a terminal. `what` is what is being done. One thread, and
/// another one that reads ahead.
[[nodiscard]] Audited<void> VisitLog(const StoredLog& log, std::string_view what,
                                     const EventVisitor& visit);

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_READ_READ_AHEAD_H_
