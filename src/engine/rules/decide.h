#ifndef COUPOND_ENGINE_RULES_DECIDE_H_
#define COUPOND_ENGINE_RULES_DECIDE_H_

#include <optional>
#include <variant>
#include <vector>

#include "engine/rules/command.h"
#include "engine/rules/event.h"
#include "engine/rules/ids.h"
#include "engine/rules/ledger.h"
#include "engine/rules/refusal.h"
#include "engine/rules/timestamp.h"

namespace coupond {

/// The event in which the command is carried out was written.
struct Accepted {
  Timestamp expire_time = kNever;  ///< of a coupon that was issued

  friend bool operator==(const Accepted&, const Accepted&) = default;
};

/// A coupon that the caller has already. Nothing changes.
struct HeldCoupon {
  CampaignNumber campaign;
  Serial serial;
  Timestamp issued_at;
  Timestamp expire_time = kNever;
  CouponState state = CouponState::kIssued;
  bool found_as_sent = false;  ///< by the claim as it was sent, not by its normal form
  /// The caller asked for one more, and has as many as the campaign allows; this is the last one.
  bool limit_reached = false;

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

/// The command would have been accepted, but asked for the decision alone.
struct WouldBeAccepted {
  friend bool operator==(const WouldBeAccepted&, const WouldBeAccepted&) = default;
};

using Decision = std::variant<Accepted, HeldCoupon, Unchanged, Repeated, WouldBeAccepted, Refusal>;

/// What came of one of the coupons that a batch asked for.
struct BatchResult {
  /// The caller's coupon; with kUserLimitReached, the last one that the user has. Neither a coupon
  /// nor a refusal: the batch as a whole was refused.
  std::optional<HeldCoupon> coupon = {};
  bool is_new = false;  ///< the batch issued the coupon
  std::optional<Refusal> refusal = {};

  friend bool operator==(const BatchResult&, const BatchResult&) = default;
};
/// In the order in which the batch asked.
struct BatchResults {
  std::vector<BatchResult> coupons;
};

/// Decides a command at `time`. Moves the texts of an accepted one into `event`, which is left
/// alone otherwise: the event is written where it stays, because moving one costs as much as
/// deciding. A batch, or the erasure of a user, may be several events: the others are appended to
/// `following`. Depends on its arguments alone: no clock, no randomness, no order of a hash table.
[[nodiscard]] Decision Decide(const Ledger& ledger, Command&& command, Timestamp time, Event& event,
                              std::vector<Event>& following);

}  // namespace coupond

#endif  // COUPOND_ENGINE_RULES_DECIDE_H_
