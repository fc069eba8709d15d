#ifndef COUPOND_ENGINE_RULES_DECIDE_ISSUE_H_
#define COUPOND_ENGINE_RULES_DECIDE_ISSUE_H_

#include <cstdint>
#include <optional>

#include "engine/rules/campaign.h"
#include "engine/rules/command.h"
#include "engine/rules/decide.h"
#include "engine/rules/ledger.h"
#include "engine/rules/refusal.h"
#include "engine/rules/timestamp.h"

/// The part of Decide that is about issuing a coupon, and what a batch shares with it. The reasons
/// to refuse, in order: no such campaign; user required; request id required; ended; the user's
/// limit reached; sold out; not started; paused. A caller who has a coupon already is shown it
/// before any reason that concerns the campaign.
namespace coupond {

[[nodiscard]] Decision DecideCommand(const Ledger& ledger, IssueCoupon&& command, Timestamp time,
                                     Event& event);

/// Describes a coupon of the campaign for a caller who has it.
[[nodiscard]] HeldCoupon Held(const LedgerCampaign& campaign, std::uint32_t ordinal,
                              Timestamp time);

/// Returns the first thing that the campaign's terms ask for and the command lacks.
[[nodiscard]] std::optional<RefusalReason> FindMissing(const CampaignTerms& terms,
                                                       const IssueCoupon& command);

/// Finds the coupon that the caller has already, by the normal form first.
[[nodiscard]] std::optional<HeldCoupon> FindHeld(const LedgerCampaign& campaign,
                                                 const IssueCoupon& command, Timestamp time);

/// Returns why a campaign in this state, which is not kOpen, gives out no coupon at `time`.
[[nodiscard]] Refusal RefuseToIssue(const Campaign& campaign, CampaignState state, Timestamp time);

/// Makes `event` a CouponIssued: the coupon with this ordinal goes to the caller.
void Issue(const LedgerCampaign& campaign, std::uint64_t ordinal, IssueCoupon&& command,
           Event& event);

}  // namespace coupond

#endif  // COUPOND_ENGINE_RULES_DECIDE_ISSUE_H_
