#include "coupon_audit/compare/ledger_comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "coupon_audit/compare/expected_rows.h"

namespace coupond::audit {
namespace {

std::unexpected<Finding> Differ(std::optional<CampaignNumber> campaign, std::string what) {
  return Unsound(ViolationKind::kLedgerDiffers, {.group = {}, .sequence = {}, .campaign = campaign},
                 std::move(what));
}

bool SameClaims(const LedgerCampaign& ledger, const ModelCampaign& model) {
  bool same = true;
  ledger.claims.ForEach([&](const Claim& claim, std::uint32_t ordinal) {
    const auto found = model.claims.find(claim);
    same = same && found != model.claims.end() && found->second == ordinal;
  });
  return same;
}

/// Returns how many coupons are just issued, but have lost their claims with their users.
std::uint64_t FreedIssuedCoupons(const ModelCampaign& model) {
  std::uint64_t coupons = 0;
  model.coupons.ForEach([&](std::uint64_t ordinal, std::uint64_t /*number*/) {
    const ModelCoupon coupon = model.CouponAt(ordinal);
    if (coupon.state == CouponState::kIssued && coupon.claim_freed) ++coupons;
  });
  return coupons;
}

/// Expects the same numbers of coupons in each state.
bool SameCoupons(const LedgerCampaign& ledger, const ModelCampaign& model) {
  bool same = true;
  std::uint64_t coupons = 0;
  ledger.states.ForEach([&](std::uint32_t ordinal, CouponState state, Sequence redemption) {
    const ModelCoupon coupon = model.CouponAt(ordinal);
    same = same && coupon.state == state &&
           (state != CouponState::kRedeemed || coupon.since == redemption) &&
           ledger.states.IsClaimFreed(ordinal) == coupon.claim_freed;
    ++coupons;
  });
  const std::uint64_t expected =
      model.redeemed + model.voided + model.returned + FreedIssuedCoupons(model);
  return same && coupons == expected;
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

/// Expects the same users, and the same user for each coupon that counts.
bool SameHolders(const Ledger& ledger, const ModelCampaign& model) {
  const Holders* const holders = ledger.FindHolders(model.number);
  if (holders == nullptr) return model.holders.holdings().empty();
  std::size_t users = 0;
  holders->ForEach([&users](const Claim&, const Holders::Holding&) { ++users; });
  bool same = users == model.holders.holdings().size();
  for (const ModelHolders::Holding& expected : model.holders.holdings()) {
    const std::optional<Holders::Holding> found = holders->Find(expected.holder);
    same = same && found && found->coupons == expected.coupons && found->latest == expected.latest;
  }
  model.holders.ForEachCoupon([&](std::uint64_t ordinal, const Claim& holder) {
    same = same && holders->Has(holder, static_cast<std::uint32_t>(ordinal));
  });
  return same;
}

/// Compares when coupons expire: the first of each time of issue, and the last one.
bool SameExpiries(const Ledger& ledger, const ModelCampaign& model) {
  const auto same = [&](std::uint64_t ordinal) {
    const std::optional<IssuedCoupon> coupon = ledger.FindIssued(*model.SerialOf(ordinal));
    return coupon && coupon->expire_time() == model.ExpiryOf(ordinal);
  };
  return std::ranges::all_of(model.issue_times, same, &IssueTime::first_ordinal) &&
         (model.ordinals() == 0 || same(model.ordinals() - 1));
}

/// Returns what differs between the two, or an empty text if nothing does.
std::string FindDifference(const Ledger& ledger, const LedgerCampaign& campaign,
                           const ModelCampaign& model) {
  Campaign expected = ExpectedCampaign(model);
  // The ledger does not know these.
  expected.terms.description.clear();
  expected.terms.metadata.clear();
  if (std::string difference = DifferenceOf(campaign, expected); !difference.empty()) {
    return difference;
  }
  if (campaign.claims.size() != model.claims.size()) return "number of claims";
  if (!SameClaims(campaign, model)) return "claims";
  if (!SameHolders(ledger, model)) return "coupons of users";
  return SameCoupons(campaign, model) ? "" : "states of coupons";
}

Audited<void> CheckCampaign(const Ledger& ledger, const ModelCampaign& model) {
  const LedgerCampaign* const campaign = ledger.Find(model.number);
  if (!model.live()) {
    if (campaign == nullptr) return {};
    return Differ(model.number, "the ledger still has the campaign, which was deleted");
  }
  if (campaign == nullptr) return Differ(model.number, "the ledger does not have the campaign");
  if (const std::string what = FindDifference(ledger, *campaign, model); !what.empty()) {
    return Differ(model.number, fmt::format("the ledger and the model differ in: {}", what));
  }
  if (ledger.Find(model.id) != campaign || ledger.Find(model.name) != campaign) {
    return Differ(model.number, "the ledger does not find the campaign by its id and its name");
  }
  if (!FindsBySerial(ledger, model)) {
    return Differ(model.number, "the ledger does not find the campaign's coupons by their serials");
  }
  if (!SameExpiries(ledger, model)) {
    return Differ(model.number, "the ledger and the model differ in when coupons expire");
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
  if (!SameRequests(ledger, model)) {
    return Differ({}, "the ledger and the model differ in the requests that were carried out");
  }
  for (const ModelCampaign& campaign : model.campaigns()) {
    TRY(CheckCampaign(ledger, campaign));
  }
  return {};
}

}  // namespace coupond::audit
