#ifndef COUPOND_TOOLS_COUPON_AUDIT_COMPARE_VERIFICATION_H_
#define COUPOND_TOOLS_COUPON_AUDIT_COMPARE_VERIFICATION_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "base/error.h"
#include "coupon_audit/compare/view_comparison.h"
#include "coupon_audit/model/code_check.h"
#include "coupon_audit/model/erasures.h"
#include "coupon_audit/model/finding.h"
#include "coupon_audit/model/log_model.h"
#include "coupon_audit/read/stored_views.h"
#include "engine/ports/event_log.h"
#include "engine/rules/ids.h"
#include "engine/rules/ledger.h"
#include "engine/rules/timestamp.h"
#include "storage/format/record_check.h"

namespace coupond::audit {

/// Replays the groups of a log through the server's own Apply and through the independent model,
/// and makes every check that is not part of reading: the rules, the codes, the agreement of ledger
/// and model, the rows of the views. One thread; the codes are checked on others.
class LogAudit {
 public:
  /// `views`: nullopt if there are none to compare. `erasures`: those of the whole log.
  LogAudit(std::optional<ViewComparison> views, Erasures erasures, std::size_t code_threads)
      : code_threads_(code_threads), model_(std::move(erasures)), views_(std::move(views)) {}

  /// Takes the next group. After a finding there is no next one.
  [[nodiscard]] Audited<void> Take(const storage::CheckedRecord& record);

  struct Checked {
    std::uint64_t codes = 0;
    std::uint64_t view_rows = 0;
  };
  /// Makes the checks that need the whole log. The views come last, so that their faults do not
  /// hide one of the log's.
  [[nodiscard]] Audited<Checked> Finish();

  [[nodiscard]] const LogModel& model() const { return model_; }
  /// Returns where the log ends with the groups so far.
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

/// What a verification has found; with a violation, what was sound before it.
struct VerificationReport {
  StoreId store_id;
  LogTip tip;  ///< the last group that was read; its number and sequence count groups and events
  Timestamp first_time;
  std::uint64_t campaigns_live = 0;
  std::uint64_t campaigns_deleted = 0;
  std::uint64_t coupons = 0;  ///< ever issued, including those of deleted campaigns
  std::uint64_t codes_checked = 0;
  std::uint64_t log_bytes = 0;       ///< on disk
  std::uint64_t left_out_bytes = 0;  ///< at the log's end: a write that was not finished
  GroupNumber watermark;
  ViewsState views = ViewsState::kNone;
  GroupNumber views_checkpoint;          ///< with kPresent
  std::uint64_t view_rows_compared = 0;  ///< with kPresent
  double seconds = 0;

  std::optional<Violation> violation;  ///< nullopt if the store is sound

  [[nodiscard]] bool sound() const { return !violation.has_value(); }
};

/// Called now and then, on the thread that called Verify.
using ShowProgress = std::function<void(GroupNumber done, GroupNumber all)>;

/// Reads a whole store and makes every check that the auditor knows (docs/AUDIT.md). The server may
/// be running; nothing is changed. A violation of the log is reported rather than one of the views,
/// even of views that cannot be read. Uses a few threads until it returns. An error means that
/// nothing could be found out.
[[nodiscard]] Result<VerificationReport> Verify(const std::filesystem::path& directory,
                                                const ShowProgress& show_progress);

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_COMPARE_VERIFICATION_H_
