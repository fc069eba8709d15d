#include "coupon_audit/model/log_audit.h"

#include <utility>
#include <variant>

#include "coupon_audit/model/ledger_agreement.h"
#include "engine/rules/apply.h"

namespace coupond::audit {

Audited<void> LogAudit::Take(const LoggedGroup& logged) {
  const CommitGroup& group = logged.group;
  Moment moment{.group = group.number, .sequence = group.first_sequence, .time = group.commit_time};
  for (const Event& event : group.events) {
    if (auto taken = model_.Take(event, moment); !taken) return taken;
    Apply(ledger_, event, group.commit_time);
    if (const auto* issued = std::get_if<CouponIssued>(&event)) {
      AddCode(*issued, moment);
    } else if (const auto* created = std::get_if<StoreCreated>(&event)) {
      codes_ = std::make_unique<CodeCheck>(created->code_key, code_threads_);
      first_time_ = group.commit_time;
    }
    moment.sequence = moment.sequence.Next();
  }
  HandOnRun();
  tip_ = {.group = group.number,
          .sequence = group.last_sequence(),
          .time = group.commit_time,
          .hash = logged.hash};
  if (views_) views_->OnGroup(group, tip_, model_);
  return {};
}

Audited<LogAudit::Checked> LogAudit::Finish() {
  Checked checked;
  if (codes_) {
    Audited<std::uint64_t> codes = codes_->Finish();
    if (!codes) return std::unexpected(std::move(codes.error()));
    checked.codes = *codes;
  }
  if (auto agreed = CheckAgreement(ledger_, model_); !agreed) {
    return std::unexpected(std::move(agreed.error()));
  }
  if (!views_) return checked;
  Audited<std::uint64_t> rows = views_->Finish(tip_);
  if (!rows) return std::unexpected(std::move(rows.error()));
  checked.view_rows = *rows;
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

}  // namespace coupond::audit
