#include "coupon_audit/compare/verification.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <thread>
#include <variant>
#include <vector>

#include "coupon_audit/compare/ledger_comparison.h"
#include "coupon_audit/read/read_ahead.h"
#include "coupon_audit/read/witnessed_log.h"

namespace coupond::audit {
namespace {

/// Returns how many threads check codes: one for each core, because codes are most of the work.
std::size_t CodeThreads() { return std::max(1U, std::thread::hardware_concurrency()); }

/// Reads the rest of the log.
Audited<void> ReadToEnd(ReadAhead& reader) {
  while (!TRY(reader.Next()).empty()) {
  }
  return {};
}

/// Takes all groups of the log, up to the first finding.
Audited<void> TakeAll(const WitnessedLog& log, LogAudit& audit, const ShowProgress& show_progress) {
  ReadAhead reader(log);
  while (true) {
    const std::vector<storage::CheckedRecord> groups = TRY(reader.Next());
    if (groups.empty()) return {};
    for (const storage::CheckedRecord& group : groups) {
      const Audited<void> taken = audit.Take(group);
      // What erased the user may be where the log is damaged. Then that is what is wrong.
      if (!taken && IsViolation(taken.error(), ViolationKind::kUserIdMissing)) {
        TRY(ReadToEnd(reader));
      }
      TRY(taken);
    }
    show_progress(audit.tip().group, log.last_group());
  }
}

/// Opens the views and begins to compare them. Keeps a finding instead of returning it, because the
/// log must be read whatever the views are like.
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
  /// Returns nullopt if there are no views, or if they cannot be compared.
  [[nodiscard]] std::optional<ViewComparison> TakeComparison() { return std::move(comparison_); }
  /// Returns what is wrong with the views before any row is compared.
  [[nodiscard]] const std::optional<Finding>& finding() const { return finding_; }

 private:
  const Audited<StoredViews> stored_;
  std::optional<ViewComparison> comparison_;
  std::optional<Finding> finding_;
};

/// Fills in the report as far as it gets.
Audited<void> VerifyStore(const std::filesystem::path& directory, const ShowProgress& show_progress,
                          VerificationReport& report) {
  // In this order, because a running server goes on: what is read first must not be ahead.
  const LogWitnesses witnesses = TRY(ReadWitnesses(directory));
  report.store_id = witnesses.store_id;
  report.watermark = witnesses.watermark.group;
  ViewsBeside views(directory);
  const WitnessedLog log = TRY(WitnessedLog::Open(directory, witnesses));
  report.log_bytes = log.bytes_on_disk();
  report.left_out_bytes = log.left_out_bytes();
  report.views = views.state();
  if (report.views == ViewsState::kPresent) report.views_checkpoint = views.checkpoint();

  const Audited<Erasures> erasures = log.FindErasures();
  LogAudit audit(views.TakeComparison(), erasures.value_or(Erasures()), CodeThreads());
  const Audited<void> taken = TakeAll(log, audit, show_progress);
  report.tip = audit.tip();
  report.first_time = audit.first_time();
  const LogModel& model = audit.model();
  report.campaigns_live = model.live_campaigns();
  report.campaigns_deleted = model.campaigns().size() - model.live_campaigns();
  report.coupons = model.issued_coupons();
  // The log could be read the second time, but not the first.
  if (taken || IsViolation(taken.error(), ViolationKind::kUserIdMissing)) TRY(erasures);
  TRY(taken);
  const LogAudit::Checked checked = TRY(audit.Finish());
  report.codes_checked = checked.codes;
  report.view_rows_compared = checked.view_rows;
  if (views.finding()) return std::unexpected(*views.finding());
  return {};
}

}  // namespace

Audited<void> LogAudit::Take(const storage::CheckedRecord& record) {
  const CommitGroup& group = record.group;
  Moment moment{.group = group.number, .sequence = group.first_sequence, .time = group.commit_time};
  for (std::size_t i = 0; i < group.events.size(); ++i) {
    const Event& event = group.events[i];
    moment.key = group.KeyOf(i);
    TRY(model_.Take(event, moment));
    Apply(ledger_, event, {.time = moment.time, .sequence = moment.sequence});
    if (const auto* issued = std::get_if<CouponIssued>(&event)) {
      AddCode(*issued, moment);
    } else if (const auto* created = std::get_if<StoreCreated>(&event)) {
      codes_ = std::make_unique<CodeCheck>(created->code_key, code_threads_);
      first_time_ = group.commit_time;
    }
    moment.sequence = moment.sequence.Next();
  }
  HandOnRun();
  tip_ = storage::TipOf(group, record.hash);
  if (views_) views_->OnGroup(group, tip_, model_);
  return {};
}

Audited<LogAudit::Checked> LogAudit::Finish() {
  Checked checked;
  TRY(model_.Finish());
  if (codes_) checked.codes = TRY(codes_->Finish());
  TRY(CheckAgreement(ledger_, model_));
  if (views_) checked.view_rows = TRY(views_->Finish(tip_));
  return checked;
}

void LogAudit::AddCode(const CouponIssued& issued, const Moment& moment) {
  const bool follows = run_.count > 0 && issued.campaign == run_.campaign &&
                       issued.serial == run_.first.Plus(run_.count) &&
                       moment.sequence == run_.first_sequence.Plus(run_.count);
  if (follows) {
    ++run_.count;
    return;
  }
  HandOnRun();
  run_ = {.first = issued.serial,
          .count = 1,
          .group = moment.group,
          .first_sequence = moment.sequence,
          .campaign = issued.campaign};
}

void LogAudit::HandOnRun() {
  if (run_.count > 0) codes_->Add(run_);
  run_.count = 0;
}

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
