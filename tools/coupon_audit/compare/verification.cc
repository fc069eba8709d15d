#include "coupon_audit/compare/verification.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "coupon_audit/compare/view_comparison.h"
#include "coupon_audit/model/finding.h"
#include "coupon_audit/model/log_audit.h"
#include "coupon_audit/read/read_ahead.h"
#include "coupon_audit/read/stored_log.h"
#include "coupon_audit/read/stored_views.h"

namespace coupond::audit {
namespace {

/// Codes are most of the work, so that the threads that read and apply leave room for as many as
/// there are cores.
std::size_t CodeThreads() { return std::max(1U, std::thread::hardware_concurrency()); }

/// All groups of the log, or the first finding in it.
Audited<void> TakeAll(const StoredLog& log, LogAudit& audit, const ShowProgress& show_progress) {
  ReadAhead reader(log);
  while (true) {
    const Audited<std::optional<std::vector<LoggedGroup>>> groups = reader.Next();
    if (!groups) return std::unexpected(groups.error());
    if (!*groups) return {};
    for (const LoggedGroup& group : **groups) {
      if (auto taken = audit.Take(group); !taken) return taken;
    }
    show_progress(audit.tip().group, log.last_group());
  }
}

/// Opens the views and begins to compare them; no comparison: there are none, or they cannot be
/// compared. A finding is kept, because the log must be read whatever the views are like.
class ViewsBeside {
 public:
  explicit ViewsBeside(const std::filesystem::path& directory)
      : stored_(StoredViews::Open(directory)) {
    if (!stored_) {
      finding_ = stored_.error();
    } else if (state() == ViewsState::kPresent) {
      Audited<ViewComparison> comparison = ViewComparison::Begin(*stored_);
      if (comparison) {
        comparison_.emplace(std::move(*comparison));
      } else {
        finding_ = std::move(comparison.error());
      }
    }
  }
  // The comparison refers to stored_.
  ViewsBeside(const ViewsBeside&) = delete;
  ViewsBeside& operator=(const ViewsBeside&) = delete;

  [[nodiscard]] ViewsState state() const { return stored_ ? stored_->state() : ViewsState::kNone; }
  /// Only with kPresent.
  [[nodiscard]] GroupNumber checkpoint() const { return stored_->checkpoint().tip.group; }
  [[nodiscard]] std::optional<ViewComparison> TakeComparison() { return std::move(comparison_); }
  /// What is wrong with the views before any row is compared.
  [[nodiscard]] const std::optional<Finding>& finding() const { return finding_; }

 private:
  const Audited<StoredViews> stored_;
  std::optional<ViewComparison> comparison_;
  std::optional<Finding> finding_;
};

/// Fills in the report as far as it comes.
Audited<void> VerifyStore(const std::filesystem::path& directory, const ShowProgress& show_progress,
                          VerificationReport& report) {
  // In this order, because a running server goes on: what is read first must not be ahead.
  const Audited<LogWitnesses> witnesses = StoredLog::ReadWitnesses(directory);
  if (!witnesses) return std::unexpected(witnesses.error());
  report.store_id = witnesses->store_id;
  report.watermark = witnesses->watermark.group;
  ViewsBeside views(directory);
  const Audited<StoredLog> log = StoredLog::Open(directory, *witnesses);
  if (!log) return std::unexpected(log.error());
  report.log_bytes = log->bytes_on_disk();
  report.left_out_bytes = log->left_out_bytes();
  report.views = views.state();
  if (report.views == ViewsState::kPresent) report.views_checkpoint = views.checkpoint();

  LogAudit audit(views.TakeComparison(), CodeThreads());
  const Audited<void> taken = TakeAll(*log, audit, show_progress);
  report.tip = audit.tip();
  report.first_time = audit.first_time();
  const LogModel& model = audit.model();
  report.campaigns_live = model.live_campaigns();
  report.campaigns_deleted = model.campaigns().size() - model.live_campaigns();
  report.coupons = model.issued_coupons();
  if (!taken) return taken;
  const Audited<LogAudit::Checked> checked = audit.Finish();
  if (!checked) return std::unexpected(checked.error());
  report.codes_checked = checked->codes;
  report.view_rows_compared = checked->view_rows;
  if (views.finding()) return std::unexpected(*views.finding());
  return {};
}

}  // namespace

Result<VerificationReport> Verify(const std::filesystem::path& directory,
                                  const ShowProgress& show_progress) {
  const auto begin = std::chrono::steady_clock::now();
  VerificationReport report;
  const Audited<void> verified = VerifyStore(directory, show_progress, report);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
  report.seconds = taken.count();
  if (verified) return report;
  if (const auto* error = std::get_if<Error>(&verified.error())) return std::unexpected(*error);
  report.violation = std::get<Violation>(verified.error());
  return report;
}

}  // namespace coupond::audit
