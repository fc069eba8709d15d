#ifndef COUPOND_ENGINE_RULES_DECIDE_PARTS_H_
#define COUPOND_ENGINE_RULES_DECIDE_PARTS_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/rules/campaign.h"
#include "engine/rules/command.h"
#include "engine/rules/coupon.h"
#include "engine/rules/decide.h"
#include "engine/rules/event.h"
#include "engine/rules/ledger.h"
#include "engine/rules/refusal.h"
#include "engine/rules/timestamp.h"

/// The parts of Decide that have files of their own, with the reasons to refuse in their order, and
/// what the parts share. Their parameters are those of Decide.
namespace coupond {

// What all parts share.

[[nodiscard]] inline Decision Refuse(RefusalReason reason) { return Refusal{.reason = reason}; }

/// Returns how a request that was made before is answered, or nullopt for a new one.
[[nodiscard]] inline std::optional<Decision> FindRepeated(
    const Ledger& ledger, const std::optional<RequestKey>& request) {
  if (!request) return std::nullopt;
  const std::optional<CarriedOut> before = ledger.FindRequest(request->digest);
  if (!before) return std::nullopt;
  if (before->content != request->content) return Refuse(RefusalReason::kRequestIdReused);
  return Repeated{.sequence = before->sequence};
}

// Issuing a coupon, and what a batch shares with it. The reasons to refuse, in order: no such
// campaign; user required; request id required; ended; the user's limit reached; sold out; not
// started; paused. A caller who has a coupon already is shown it before any reason that concerns
// the campaign.

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

// Batches.

/// Each user of a batch gets what an IssueCoupon would give, as if they came one after the other.
/// The reasons to refuse the batch, in order: too large; no such campaign; request id reused; user
/// required; request id required; ended; a user's limit reached; sold out; not enough left; not
/// started; paused. Those from "ended" on hold only if a user needs a new coupon.
///
/// With allow_partial, users whose limit is reached, and those for whom no place is left, are
/// refused by themselves, and the rest get their coupons. If there is no new one, the decision is
/// Unchanged, and the batch's request leaves nothing behind.
[[nodiscard]] Decision DecideBatch(const Ledger& ledger, BatchIssueCoupons&& command,
                                   Timestamp time, Event& event, std::vector<Event>& following);

// Single coupons. The reasons to refuse, in order:
//
//   of all three       no such coupon; request id reused
//   RedeemCoupon       voided; already redeemed; wrong holder; expired; not yet valid; redeeming
//                      paused
//   CancelRedemption   voided; not redeemed, or not by the redemption that is named
//   VoidCoupon         already redeemed; voided, if its place was returned and is to be kept;
//                      serials exhausted
//
// A request that was carried out before is answered as then, whatever has become of the coupon
// since, unless there is no such coupon any more. A reason that is too long is refused before
// anything else.

[[nodiscard]] Decision DecideCommand(const Ledger& ledger, RedeemCoupon&& command, Timestamp time,
                                     Event& event);
[[nodiscard]] Decision DecideCommand(const Ledger& ledger, CancelRedemption&& command,
                                     Timestamp time, Event& event);
[[nodiscard]] Decision DecideCommand(const Ledger& ledger, VoidCoupon&& command, Timestamp time,
                                     Event& event);

// The erasure of a user.

/// The event of the first campaign becomes `event`, and has the request; those of the others are
/// appended to `following`.
[[nodiscard]] Decision DecideErasure(const Ledger& ledger, EraseUser&& command, Event& event,
                                     std::vector<Event>& following);
[[nodiscard]] Decision DecideErasure(const FinishErasure& command, Event& event);

}  // namespace coupond

#endif  // COUPOND_ENGINE_RULES_DECIDE_PARTS_H_
