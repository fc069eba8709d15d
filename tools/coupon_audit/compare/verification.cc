#include "coupon_audit/compare/verification.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "coupon_audit/read/read_ahead.h"
#include "coupon_audit/read/witnessed_log.h"

namespace coupond::audit {
namespace {

std::unexpected<Finding> Differ(std::optional<CampaignNumber> campaign, std::string what) {
  return Unsound(ViolationKind::kLedgerDiffers, {.group = {}, .sequence = {}, .campaign = campaign},
                 std::move(what));
}

bool SameSerials(const Campaign& ledger, const ModelCampaign& model) {
  std::vector<SerialRange> ranges;
  ledger.serials.ForEach([&ranges](SerialRange range) { ranges.push_back(range); });
  return ranges == model.serials;
}

bool SameClaims(const LedgerCampaign& ledger, const ModelCampaign& model) {
  bool same = true;
  ledger.claims.ForEach([&](const Claim& claim, std::uint32_t ordinal) {
    const auto found = model.claims.find(claim);
    same = same && found != model.claims.end() && found->second == ordinal;
  });
  return same;
}

/// Expects the same numbers of coupons in each state.
bool SameCoupons(const LedgerCampaign& ledger, const ModelCampaign& model) {
  bool same = true;
  std::uint64_t coupons = 0;
  ledger.states.ForEach([&](std::uint32_t ordinal, CouponState state, Sequence redemption) {
    const ModelCoupon coupon = model.CouponAt(ordinal);
    same = same && coupon.state == state &&
           (state != CouponState::kRedeemed || coupon.since == redemption);
    ++coupons;
  });
  return same && coupons == model.redeemed + model.voided + model.returned;
}

bool SameRequests(const Ledger& ledger, const LogModel& model) {
  return std::ranges::all_of(model.requests(), [&ledger](const auto& request) {
    return ledger.FindRequest(request.first) == request.second;
  });
}

/// Reports whether the ledger finds coupons of each range of serials, as far as they were issued.
bool FindsBySerial(const Ledger& ledger, const ModelCampaign& model) {
  for (std::size_t i = 0; i < model.serials.size(); ++i) {
    const std::uint64_t ordinal = model.first_ordinals[i];
    const auto found = ledger.FindIssued(model.serials[i].first);
    if (found.has_value() != (ordinal < model.ordinals())) return false;
    if (found && (found->campaign.number != model.number || found->ordinal != ordinal)) {
      return false;
    }
  }
  return true;
}

/// Returns what differs between the two, or nullptr if nothing does.
const char* FindDifference(const LedgerCampaign& ledger, const ModelCampaign& model) {
  const CampaignTerms& terms = ledger.terms;
  if (ledger.number != model.number || ledger.id != model.id) return "id";
  if (terms.name != model.name) return "name";
  if (static_cast<std::uint64_t>(terms.total_coupons) != model.total) return "total";
  if (static_cast<std::uint64_t>(ledger.issued_coupons) != model.issued) return "issued coupons";
  if (static_cast<std::uint64_t>(ledger.redeemed_coupons) != model.redeemed) {
    return "redeemed coupons";
  }
  if (static_cast<std::uint64_t>(ledger.voided_coupons) != model.voided) return "voided coupons";
  if (static_cast<std::uint64_t>(ledger.returned_coupons) != model.returned) {
    return "returned coupons";
  }
  if (terms.start_time != model.start) return "start time";
  if (terms.end_time != model.end) return "end time";
  if (ledger.created_at != model.created) return "time of creation";
  if (ledger.revision != model.revision) return "revision";
  if (ledger.paused.issuing != model.issuing_paused) return "pause of issuing";
  if (ledger.paused.redeeming != model.redeeming_paused) return "pause of redeeming";
  if (ledger.sold_out_at != model.sold_out) return "time at which it sold out";
  if (ledger.archived_at != model.archived) return "time of archiving";
  if (!SameSerials(ledger, model)) return "serials";
  if (ledger.claims.size() != model.claims.size()) return "number of claims";
  if (!SameClaims(ledger, model)) return "claims";
  return SameCoupons(ledger, model) ? nullptr : "states of coupons";
}

Audited<void> CheckCampaign(const Ledger& ledger, const ModelCampaign& model) {
  const LedgerCampaign* const campaign = ledger.Find(model.number);
  if (!model.live()) {
    if (campaign == nullptr) return {};
    return Differ(model.number, "the ledger still has the campaign, which was deleted");
  }
  if (campaign == nullptr) return Differ(model.number, "the ledger does not have the campaign");
  if (const char* const what = FindDifference(*campaign, model)) {
    return Differ(model.number, fmt::format("the ledger and the model differ in the {}", what));
  }
  if (ledger.Find(model.id) != campaign || ledger.Find(model.name) != campaign) {
    return Differ(model.number, "the ledger does not find the campaign by its id and its name");
  }
  if (!FindsBySerial(ledger, model)) {
    return Differ(model.number, "the ledger does not find the campaign's coupons by their serials");
  }
  return {};
}

/// Returns how many threads check codes: one for each core, because codes are most of the work.
std::size_t CodeThreads() { return std::max(1U, std::thread::hardware_concurrency()); }

/// Takes all groups of the log, up to the first finding.
Audited<void> TakeAll(const WitnessedLog& log, LogAudit& audit, const ShowProgress& show_progress) {
  ReadAhead reader(log);
  while (true) {
    const std::vector<storage::CheckedRecord> groups = TRY(reader.Next());
    if (groups.empty()) return {};
    for (const storage::CheckedRecord& group : groups) TRY(audit.Take(group));
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

  LogAudit audit(views.TakeComparison(), CodeThreads());
  const Audited<void> taken = TakeAll(log, audit, show_progress);
  report.tip = audit.tip();
  report.first_time = audit.first_time();
  const LogModel& model = audit.model();
  report.campaigns_live = model.live_campaigns();
  report.campaigns_deleted = model.campaigns().size() - model.live_campaigns();
  report.coupons = model.issued_coupons();
  TRY(taken);
  const LogAudit::Checked checked = TRY(audit.Finish());
  report.codes_checked = checked.codes;
  report.view_rows_compared = checked.view_rows;
  if (views.finding()) return std::unexpected(*views.finding());
  return {};
}

}  // namespace

Audited<void> CheckAgreement(const Ledger& ledger, const LogModel& model) {
  if (ledger.live_campaigns() != model.live_campaigns()) {
    return Differ({}, fmt::format("the ledger has {} live campaigns, the model {}",
                                  ledger.live_campaigns(), model.live_campaigns()));
  }
  if (ledger.next_campaign_number() != model.next_campaign_number() ||
      ledger.next_serial() != model.next_serial()) {
    return Differ({}, "the ledger and the model differ in the next campaign number or serial");
  }
  if (!SameRequests(ledger, model)) {
    return Differ({}, "the ledger and the model differ in the requests that were carried out");
  }
  for (const ModelCampaign& campaign : model.campaigns()) {
    TRY(CheckCampaign(ledger, campaign));
  }
  return {};
}

Audited<void> LogAudit::Take(const storage::CheckedRecord& record) {
  const CommitGroup& group = record.group;
  Moment moment{.group = group.number, .sequence = group.first_sequence, .time = group.commit_time};
  for (const Event& event : group.events) {
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
