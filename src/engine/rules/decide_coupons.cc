#include "engine/rules/decide_parts.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "engine/rules/campaign_changes.h"
#include "engine/rules/command_faults.h"
#include "engine/rules/limits.h"

namespace coupond {
namespace {

/// Returns the coupon that a command is about, if it was issued and belongs to the campaign that
/// the command names, should it name one.
template <typename Command>
std::optional<IssuedCoupon> FindNamed(const Ledger& ledger, const Command& command) {
  std::optional<IssuedCoupon> coupon = ledger.FindIssued(command.serial);
  if (coupon && command.campaign_id && *command.campaign_id != coupon->campaign.id) return {};
  return coupon;
}

/// Refuses because of the coupon's present redemption, or because it has none, and says which.
Decision RefuseByRedemption(RefusalReason reason, const IssuedCoupon& coupon) {
  return Refusal{.reason = reason, .present = coupon.redemption().value_or(Sequence(0))};
}

/// Returns the sequence of the redemption that a command names, or nullopt if there is none.
std::optional<Sequence> FindRedemption(const Ledger& ledger,
                                       const std::variant<Sequence, Claim>& redemption) {
  if (const auto* sequence = std::get_if<Sequence>(&redemption)) return *sequence;
  const std::optional<CarriedOut> request = ledger.FindRequest(std::get<Claim>(redemption));
  if (!request) return std::nullopt;
  return request->sequence;
}

/// Returns the first reason of those that pass, or depend on who asks, to refuse a redemption.
std::optional<Refusal> FindObstacle(const Ledger& ledger, const IssuedCoupon& coupon,
                                    const RedeemCoupon& command, Timestamp time) {
  const CampaignTerms& terms = coupon.campaign.terms;
  const auto is_holder = [&](const std::optional<Claim>& user) {
    return user && ledger.IsHolder(*user, coupon);
  };
  const bool must_be_holder = command.holder || terms.redeem_by_holder_only;
  if (must_be_holder && !is_holder(command.holder) && !is_holder(command.holder_as_sent)) {
    return Refusal{.reason = RefusalReason::kWrongHolder};
  }
  const Timestamp expire_time = coupon.expire_time();
  if (StateAt(coupon.state(), expire_time, time) == CouponState::kExpired) {
    return Refusal{.reason = RefusalReason::kCouponExpired, .at = expire_time};
  }
  if (time < terms.redeem_start_time) {
    return Refusal{.reason = RefusalReason::kCouponNotYetValid, .at = terms.redeem_start_time};
  }
  if (coupon.campaign.paused.redeeming) return Refusal{.reason = RefusalReason::kRedeemingPaused};
  return std::nullopt;
}

/// Returns the serials that the campaign needs before it can issue the place of one more returned
/// coupon again; the count is 0 if it has enough.
SerialRange SerialsForReturn(const Ledger& ledger, const Campaign& campaign) {
  const auto places = static_cast<std::uint64_t>(campaign.terms.total_coupons);
  const auto returned = static_cast<std::uint64_t>(campaign.returned_coupons);
  const bool enough = places + returned + 1 <= campaign.serials.size();
  return {.first = ledger.next_serial(), .count = enough ? 0 : limits::kSerialsAddedForReturns};
}

}  // namespace

Decision DecideCommand(const Ledger& ledger, RedeemCoupon&& command, Timestamp time, Event& event) {
  const std::optional<IssuedCoupon> coupon = FindNamed(ledger, command);
  if (!coupon) return Refuse(RefusalReason::kNoSuchCoupon);
  if (auto repeated = FindRepeated(ledger, command.request)) return *std::move(repeated);
  switch (coupon->state()) {
    case CouponState::kVoided:
    case CouponState::kReturned:
      return Refuse(RefusalReason::kCouponVoided);
    case CouponState::kRedeemed:
      return RefuseByRedemption(RefusalReason::kCouponAlreadyRedeemed, *coupon);
    case CouponState::kIssued:
    case CouponState::kExpired:
      break;
  }
  if (const auto refusal = FindObstacle(ledger, *coupon, command, time)) return *refusal;
  if (command.validate_only) return WouldBeAccepted{};
  event = CouponRedeemed{.campaign = coupon->campaign.number,
                         .serial = command.serial,
                         .order_ref = std::move(command.order_ref),
                         .redeemed_by = std::move(command.redeemed_by),
                         .request_id = std::move(command.request_id),
                         .request = command.request};
  return Accepted{};
}

Decision DecideCommand(const Ledger& ledger, CancelRedemption&& command, Timestamp, Event& event) {
  if (const auto fault = FindFaultOfReason(command.reason)) return Refuse(*fault);
  const std::optional<IssuedCoupon> coupon = FindNamed(ledger, command);
  if (!coupon) return Refuse(RefusalReason::kNoSuchCoupon);
  if (auto repeated = FindRepeated(ledger, command.request)) return *std::move(repeated);
  const CouponState state = coupon->state();
  if (state == CouponState::kVoided || state == CouponState::kReturned) {
    return Refuse(RefusalReason::kCouponVoided);
  }
  const std::optional<Sequence> present = coupon->redemption();
  if (!present || present != FindRedemption(ledger, command.redemption)) {
    return RefuseByRedemption(RefusalReason::kNotRedeemed, *coupon);
  }
  event = RedemptionCanceled{.campaign = coupon->campaign.number,
                             .serial = command.serial,
                             .redemption = *present,
                             .reason = std::move(command.reason),
                             .request = command.request};
  return Accepted{};
}

Decision DecideCommand(const Ledger& ledger, VoidCoupon&& command, Timestamp, Event& event) {
  if (const auto fault = FindFaultOfReason(command.reason)) return Refuse(*fault);
  const std::optional<IssuedCoupon> coupon = FindNamed(ledger, command);
  if (!coupon) return Refuse(RefusalReason::kNoSuchCoupon);
  if (auto repeated = FindRepeated(ledger, command.request)) return *std::move(repeated);
  const Campaign& campaign = coupon->campaign;
  const CouponState state = coupon->state();
  if (state == CouponState::kRedeemed) {
    return RefuseByRedemption(RefusalReason::kCouponAlreadyRedeemed, *coupon);
  }
  if (state == CouponState::kReturned && !command.return_to_pool) {
    return Refuse(RefusalReason::kCouponVoided);
  }
  const bool freed = coupon->campaign.states.IsClaimFreed(coupon->ordinal);
  CouponVoided voided{.campaign = campaign.number,
                      .serial = command.serial,
                      .returned = command.return_to_pool,
                      .reason = {},
                      .added_serials = {},
                      .request = command.request,
                      .claim_freed = command.free_claim && !freed};
  if (!MayVoid(state, freed, voided)) return Unchanged{};
  if (command.return_to_pool && state != CouponState::kReturned) {
    const SerialRange added = SerialsForReturn(ledger, campaign);
    if (!ledger.HasSerialsFor(campaign, added.count)) {
      return Refuse(RefusalReason::kSerialsExhausted);
    }
    if (added.count > 0) voided.added_serials = added;
  }
  voided.reason = std::move(command.reason);
  event = std::move(voided);
  return Accepted{};
}

}  // namespace coupond
