#ifndef COUPOND_ENGINE_RULES_DECIDE_H_
#define COUPOND_ENGINE_RULES_DECIDE_H_

#include <variant>

#include "engine/rules/command.h"
#include "engine/rules/event.h"
#include "engine/rules/ids.h"
#include "engine/rules/ledger.h"
#include "engine/rules/refusal.h"
#include "engine/rules/timestamp.h"

namespace coupond {

/// The coupon that the claim has already. Nothing changes.
struct HeldCoupon {
  CampaignNumber campaign;
  Serial serial;
  Timestamp issued_at;
  CouponState state = CouponState::kIssued;
  bool found_as_sent = false;  ///< by the claim as it was sent, not by its normal form

  friend bool operator==(const HeldCoupon&, const HeldCoupon&) = default;
};

/// The campaign or coupon already is as the command asks. Nothing changes.
struct Unchanged {
  friend bool operator==(const Unchanged&, const Unchanged&) = default;
};

/// The command's request was carried out before, by the event `sequence`. Nothing changes.
struct Repeated {
  Sequence sequence;

  friend bool operator==(const Repeated&, const Repeated&) = default;
};

using Decision = std::variant<Event, HeldCoupon, Unchanged, Repeated, Refusal>;

/// Decides a command at `time`, and moves the texts of an accepted one into its event. Depends on
/// its arguments alone: no clock, no randomness, no order of a hash table.
[[nodiscard]] Decision Decide(const Ledger& ledger, Command&& command, Timestamp time);

}  // namespace coupond

#endif  // COUPOND_ENGINE_RULES_DECIDE_H_
