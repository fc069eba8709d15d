#ifndef COUPOND_TOOLS_COUPON_AUDIT_MODEL_LOG_AUDIT_H_
#define COUPOND_TOOLS_COUPON_AUDIT_MODEL_LOG_AUDIT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "coupon_audit/compare/view_comparison.h"
#include "coupon_audit/model/code_check.h"
#include "coupon_audit/model/finding.h"
#include "coupon_audit/model/log_model.h"
#include "coupon_audit/read/log_reader.h"
#include "engine/rules/ledger.h"
#include "engine/rules/timestamp.h"

namespace coupond::audit {

/// Whether the ledger, made by the server's own Apply, and the model, made without it, have come to
/// the same from the same events: the same live campaigns with the same terms and counts, found by
/// number, id and name; the same coupon for each claim; the same next numbers. One thread.
[[nodiscard]] Audited<void> CheckAgreement(const Ledger& ledger, const LogModel& model);

/// Replays the groups of a log through the server's own Apply and through the independent model,
/// and makes every check that does not belong to reading: the rules, the codes, the agreement of
/// ledger and model, the rows of the views. One thread; the codes are checked on others.
class LogAudit {
 public:
  /// `views`: nothing if there are none to compare.
  LogAudit(std::optional<ViewComparison> views, std::size_t code_threads)
      : code_threads_(code_threads), views_(std::move(views)) {}

  /// The next group. After a finding there is no next one.
  [[nodiscard]] Audited<void> Take(const LoggedGroup& logged);

  /// After the last group: what can only be said then. The views come last, so that their faults
  /// do not hide one of the log's.
  struct Checked {
    std::uint64_t codes = 0;
    std::uint64_t view_rows = 0;
  };
  [[nodiscard]] Audited<Checked> Finish();

  [[nodiscard]] const LogModel& model() const { return model_; }
  /// The last group taken.
  [[nodiscard]] const LogTip& tip() const { return tip_; }
  [[nodiscard]] Timestamp first_time() const { return first_time_; }

 private:
  /// Adds a coupon to the run that is to be checked, or begins another one.
  void AddCode(const CouponIssued& issued, const Moment& moment);
  void HandOnRun();

  const std::size_t code_threads_;
  Ledger ledger_;
  LogModel model_;
  LogTip tip_;
  Timestamp first_time_;
  std::unique_ptr<CodeCheck> codes_;  // once the key is known
  SerialRun run_;
  std::optional<ViewComparison> views_;
};

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_MODEL_LOG_AUDIT_H_
