#ifndef COUPOND_ENGINE_RULES_DECIDE_COUPONS_H_
#define COUPOND_ENGINE_RULES_DECIDE_COUPONS_H_

#include "engine/rules/command.h"
#include "engine/rules/decide.h"
#include "engine/rules/ledger.h"
#include "engine/rules/timestamp.h"

/// The part of Decide that is about single coupons. The reasons to refuse, in order:
///
///   of all three       no such coupon; request id reused
///   RedeemCoupon       voided; already redeemed; wrong holder; expired; not yet valid; redeeming
///                      paused
///   CancelRedemption   voided; not redeemed, or not by the redemption that is named
///   VoidCoupon         already redeemed; voided, if its place was returned and is to be kept;
///                      serials exhausted
///
/// A request that was carried out before is answered as then, whatever has become of the coupon
/// since, unless there is no such coupon any more. A reason that is too long is refused before
/// anything else.
namespace coupond {

[[nodiscard]] Decision DecideCommand(const Ledger& ledger, RedeemCoupon&& command, Timestamp time,
                                     Event& event);
[[nodiscard]] Decision DecideCommand(const Ledger& ledger, CancelRedemption&& command,
                                     Timestamp time, Event& event);
[[nodiscard]] Decision DecideCommand(const Ledger& ledger, VoidCoupon&& command, Timestamp time,
                                     Event& event);

}  // namespace coupond

#endif  // COUPOND_ENGINE_RULES_DECIDE_COUPONS_H_
