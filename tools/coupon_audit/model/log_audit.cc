#include "coupon_audit/model/log_audit.h"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <variant>

#include "engine/rules/ledger.h"

namespace coupond::audit {
namespace {

std::unexpected<Finding> Differ(std::optional<CampaignNumber> campaign, std::string what) {
  return Unsound(ViolationKind::kLedgerDiffers, {.group = {}, .sequence = {}, .campaign = campaign},
                 std::move(what));
}

/// Null: the terms and counts are the same.
const char* FindDifference(const Campaign& ledger, const ModelCampaign& model) {
  if (ledger.number != model.number || ledger.id != model.id) return "id";
  if (ledger.name != model.name) return "name";
  if (static_cast<std::uint64_t>(ledger.total_coupons) != model.total) return "total";
  if (static_cast<std::uint64_t>(ledger.issued_coupons) != model.issued) return "issued coupons";
  if (ledger.start_time != model.start) return "start time";
  if (ledger.created_at != model.created) return "time of creation";
  if (ledger.first_serial != model.first_serial) return "first serial";
  if (ledger.claims.size() != model.claims.size()) return "number of claims";
  bool same_claims = true;
  ledger.claims.ForEach([&](const Claim& claim, std::uint32_t ordinal) {
    const auto found = model.claims.find(claim);
    same_claims = same_claims && found != model.claims.end() && found->second == ordinal;
  });
  return same_claims ? nullptr : "claims";
}

Audited<void> CheckCampaign(const Ledger& ledger, const ModelCampaign& model) {
  const Campaign* const campaign = ledger.Find(model.number);
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
  for (const ModelCampaign& campaign : model.campaigns()) {
    if (auto same = CheckCampaign(ledger, campaign); !same) return same;
  }
  return {};
}

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
