#include "engine/rules/decide_coupons.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "engine/rules/limits.h"

namespace coupond {
namespace {

Decision Refuse(RefusalReason reason) { return Refusal{.reason = reason}; }

/// Returns how a request that has been made before is answered, or nullopt for a new one.
std::optional<Decision> FindRepeated(const Ledger& ledger,
                                     const std::optional<RequestKey>& request) {
  if (!request) return std::nullopt;
  const std::optional<CarriedOut> before = ledger.FindRequest(request->digest);
  if (!before) return std::nullopt;
  if (before->content != request->content) return Refuse(RefusalReason::kRequestIdReused);
  return Repeated{.sequence = before->sequence};
}

/// Returns the sequence of the redemption that a command names, or nullopt if there is none.
std::optional<Sequence> FindRedemption(const Ledger& ledger,
                                       const std::variant<Sequence, Claim>& redemption) {
  if (const auto* sequence = std::get_if<Sequence>(&redemption)) return *sequence;
  const std::optional<CarriedOut> request = ledger.FindRequest(std::get<Claim>(redemption));
  if (!request) return std::nullopt;
  return request->sequence;
}

}  // namespace

Decision DecideCommand(const Ledger& ledger, RedeemCoupon&& command, Timestamp) {
  const std::optional<IssuedCoupon> coupon = ledger.FindIssued(command.serial);
  if (!coupon || (command.campaign_id && *command.campaign_id != coupon->campaign.id)) {
    return Refuse(RefusalReason::kNoSuchCoupon);
  }
  if (auto repeated = FindRepeated(ledger, command.request)) return *std::move(repeated);
  switch (coupon->state()) {
    case CouponState::kVoided:
    case CouponState::kReturned:
      return Refuse(RefusalReason::kCouponVoided);
    case CouponState::kRedeemed:
      return Refuse(RefusalReason::kCouponAlreadyRedeemed);
    case CouponState::kIssued:
      break;
  }
  if (coupon->campaign.paused.redeeming) return Refuse(RefusalReason::kRedeemingPaused);
  return Event(CouponRedeemed{.campaign = coupon->campaign.number,
                              .serial = command.serial,
                              .order_ref = std::move(command.order_ref),
                              .redeemed_by = std::move(command.redeemed_by),
                              .request_id = std::move(command.request_id),
                              .request = command.request});
}

Decision DecideCommand(const Ledger& ledger, CancelRedemption&& command, Timestamp) {
  if (command.reason.size() > limits::kReasonMaxBytes) return Refuse(RefusalReason::kReasonTooLong);
  const std::optional<IssuedCoupon> coupon = ledger.FindIssued(command.serial);
  if (!coupon) return Refuse(RefusalReason::kNoSuchCoupon);
  if (auto repeated = FindRepeated(ledger, command.request)) return *std::move(repeated);
  const CouponState state = coupon->state();
  if (state == CouponState::kVoided || state == CouponState::kReturned) {
    return Refuse(RefusalReason::kCouponVoided);
  }
  const std::optional<Sequence> present = coupon->campaign.states.RedemptionOf(coupon->ordinal);
  if (!present || present != FindRedemption(ledger, command.redemption)) {
    return Refuse(RefusalReason::kNotRedeemed);
  }
  return Event(RedemptionCanceled{.campaign = coupon->campaign.number,
                                  .serial = command.serial,
                                  .redemption = *present,
                                  .reason = std::move(command.reason),
                                  .request = command.request});
}

Decision DecideCommand(const Ledger& ledger, VoidCoupon&& command, Timestamp) {
  if (command.reason.size() > limits::kReasonMaxBytes) return Refuse(RefusalReason::kReasonTooLong);
  const std::optional<IssuedCoupon> coupon = ledger.FindIssued(command.serial);
  if (!coupon) return Refuse(RefusalReason::kNoSuchCoupon);
  if (auto repeated = FindRepeated(ledger, command.request)) return *std::move(repeated);
  const CouponState state = coupon->state();
  if (state == CouponState::kRedeemed) return Refuse(RefusalReason::kCouponAlreadyRedeemed);
  if (state == CouponState::kReturned && !command.return_to_pool) {
    return Refuse(RefusalReason::kCouponVoided);
  }
  if (state == CouponState::kReturned ||
      (state == CouponState::kVoided && !command.return_to_pool)) {
    return Unchanged{};
  }
  CouponVoided event{.campaign = coupon->campaign.number,
                     .serial = command.serial,
                     .returned = command.return_to_pool,
                     .reason = std::move(command.reason),
                     .added_serials = {},
                     .request = command.request};
  const Campaign& campaign = coupon->campaign;
  const std::uint64_t places = static_cast<std::uint64_t>(campaign.terms.total_coupons);
  const auto returned = static_cast<std::uint64_t>(campaign.returned_coupons);
  if (command.return_to_pool && places + returned + 1 > campaign.serials.size()) {
    constexpr std::uint64_t kAdded = limits::kSerialsAddedForReturns;
    if (!ledger.HasSerialsFor(campaign, kAdded)) return Refuse(RefusalReason::kSerialsExhausted);
    event.added_serials = SerialRange{.first = ledger.next_serial(), .count = kAdded};
  }
  return Event(std::move(event));
}

}  // namespace coupond
