#include "engine/rules/decide_parts.h"

#include <utility>

namespace coupond {
namespace {

/// Reports whether the caller's coupon would count against a limit of more than one.
bool Counts(const CampaignTerms& terms, const IssueCoupon& command) {
  return command.holder && terms.coupons_per_user > 1;
}

/// Returns the user's last coupon if the user has as many as the campaign allows.
std::optional<HeldCoupon> FindLastAllowed(const Ledger& ledger, const LedgerCampaign& campaign,
                                          const IssueCoupon& command, Timestamp time) {
  if (!command.holder || campaign.terms.coupons_per_user == 1) return std::nullopt;
  const Holders* const holders = ledger.FindHolders(campaign.number);
  const auto holding = holders == nullptr ? std::nullopt : holders->Find(*command.holder);
  if (!holding || holding->coupons < campaign.terms.coupons_per_user) return std::nullopt;
  HeldCoupon last = Held(campaign, holding->latest, time);
  last.limit_reached = true;
  return last;
}

}  // namespace

HeldCoupon Held(const LedgerCampaign& campaign, std::uint32_t ordinal, Timestamp time) {
  const Timestamp issued_at = campaign.issue_times.Of(ordinal);
  const Timestamp expire_time = ExpireTimeOf(campaign.terms, issued_at);
  return HeldCoupon{.campaign = campaign.number,
                    .serial = campaign.serials.At(ordinal),
                    .issued_at = issued_at,
                    .expire_time = expire_time,
                    .state = StateAt(campaign.states.Of(ordinal), expire_time, time)};
}

std::optional<HeldCoupon> FindHeld(const LedgerCampaign& campaign, const IssueCoupon& command,
                                   Timestamp time) {
  const bool by_holder = command.holder && campaign.terms.coupons_per_user == 1;
  for (const bool as_sent : {false, true}) {
    const std::optional<Claim>& claim =
        by_holder ? (as_sent ? command.holder_as_sent : command.holder)
                  : (as_sent ? command.request_key_as_sent : command.request_key);
    if (!claim) continue;
    const std::optional<std::uint32_t> ordinal = campaign.claims.Find(*claim);
    if (!ordinal || campaign.states.IsClaimFreed(*ordinal)) continue;
    HeldCoupon held = Held(campaign, *ordinal, time);
    held.found_as_sent = as_sent;
    return held;
  }
  return std::nullopt;
}

Refusal RefuseToIssue(const Campaign& campaign, CampaignState state, Timestamp time) {
  switch (state) {
    case CampaignState::kArchived:
      return Refusal{.reason = RefusalReason::kEnded, .at = *campaign.archived_at};
    case CampaignState::kEnded:
      return Refusal{.reason = RefusalReason::kEnded, .at = IssuingEndOf(campaign.terms)};
    case CampaignState::kSoldOut:
      return Refusal{.reason = RefusalReason::kSoldOut, .at = campaign.sold_out_at.value_or(time)};
    case CampaignState::kScheduled:
      return Refusal{.reason = RefusalReason::kNotStarted, .at = campaign.terms.start_time};
    case CampaignState::kPaused:
    case CampaignState::kOpen:
      break;
  }
  return Refusal{.reason = RefusalReason::kPaused};
}

std::optional<RefusalReason> FindMissing(const CampaignTerms& terms, const IssueCoupon& command) {
  if (terms.user_required && !command.holder) return RefusalReason::kUserRequired;
  if (Counts(terms, command) && !command.request_key) return RefusalReason::kRequestIdRequired;
  return std::nullopt;
}

void Issue(const LedgerCampaign& campaign, std::uint64_t ordinal, IssueCoupon&& command,
           Event& event) {
  auto& issued = event.emplace<CouponIssued>();
  issued.campaign = campaign.number;
  issued.serial = campaign.serials.At(ordinal);
  issued.holder = command.holder;
  if (Counts(campaign.terms, command) || !command.holder) issued.request_key = command.request_key;
  issued.user_id = std::move(command.user_id);
}

Decision DecideCommand(const Ledger& ledger, IssueCoupon&& command, Timestamp time, Event& event) {
  const LedgerCampaign* campaign = ledger.Find(command.campaign_id);
  if (campaign == nullptr) return Refuse(RefusalReason::kNoSuchCampaign);
  const CampaignTerms& terms = campaign->terms;
  if (const auto missing = FindMissing(terms, command)) return Refuse(*missing);
  if (const auto held = FindHeld(*campaign, command, time)) return *held;
  const CampaignState state = StateOf(*campaign, time);
  const bool is_over = state == CampaignState::kArchived || state == CampaignState::kEnded;
  if (!is_over) {
    if (const auto last = FindLastAllowed(ledger, *campaign, command, time)) return *last;
  }
  if (state != CampaignState::kOpen) return RefuseToIssue(*campaign, state, time);
  Issue(*campaign, campaign->ordinals(), std::move(command), event);
  return Accepted{.expire_time = ExpireTimeOf(terms, time)};
}

}  // namespace coupond
