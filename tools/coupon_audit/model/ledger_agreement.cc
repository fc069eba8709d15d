#include "coupon_audit/model/ledger_agreement.h"

#include <fmt/format.h>

#include <string>
#include <utility>

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

}  // namespace coupond::audit
