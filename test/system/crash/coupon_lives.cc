#include "system/crash/coupon_lives.h"

#include <array>
#include <utility>

namespace coupond::test {
namespace {

using Kind = CouponRequestKind;
using Outcome = CouponReply::Outcome;

std::string_view StateName(CouponState state) {
  static constexpr std::array<std::string_view, 5> kNames{"issued", "redeemed", "voided",
                                                          "returned", "expired"};
  return kNames.at(static_cast<std::size_t>(state));
}

}  // namespace

std::string_view NameOf(CouponRequestKind kind) {
  static constexpr std::array<std::string_view, 6> kNames{
      "to redeem it",    "once more to redeem it",        "to cancel a redemption",
      "to make it void", "to make it void and return it", "to look at it"};
  return kNames.at(static_cast<std::size_t>(kind));
}

std::string_view NameOf(CouponReply::Outcome outcome) {
  static constexpr std::array<std::string_view, 7> kNames{
      "done", "done before",  "unchanged",     "already redeemed",
      "void", "not redeemed", "no such coupon"};
  return kNames.at(static_cast<std::size_t>(outcome));
}

std::optional<CouponRequest> CouponLives::Begin(CouponRequestKind kind, const std::string& code,
                                                const std::string& request_id, std::uint32_t draw) {
  const auto [found, is_new] = lives_.try_emplace(code);
  if (is_new) touched_.push_back(code);
  Life& life = found->second;
  if (life.pending) return std::nullopt;
  const bool names_redemption = kind == Kind::kCancel || kind == Kind::kRepeatRedemption;
  CouponRequest request{.kind = names_redemption && life.redemptions.empty() ? Kind::kRedeem : kind,
                        .campaign = {},
                        .code = code,
                        .request_id = request_id,
                        .redemption = 0,
                        .redemption_id = {}};
  if (names_redemption && !life.redemptions.empty()) {
    // Mostly the last one, which is the present one or has been canceled.
    const std::size_t back = draw % 4 == 0 ? draw / 4 % life.redemptions.size() : 0;
    const Redeemed& named = life.redemptions[life.redemptions.size() - 1 - back];
    request.redemption = named.sequence;
    request.redemption_id = named.request_id;
    request.names_redemption_by_id = draw % 2 == 0;
    if (kind == Kind::kRepeatRedemption) request.request_id = named.request_id;
  }
  if (request.kind == Kind::kReturn && !life.return_begun) {
    life.return_begun = true;
    ++returns_begun_;
  }
  life.before_pending = life.state;
  life.pending = request;
  return request;
}

CouponReply::Outcome CouponLives::ExpectedOf(const CouponRequest& request, State before) {
  const bool is_dead =
      before.state == CouponState::kVoided || before.state == CouponState::kReturned;
  const bool is_redeemed = before.state == CouponState::kRedeemed;
  switch (request.kind) {
    case Kind::kRedeem:
      if (is_dead) return Outcome::kVoid;
      return is_redeemed ? Outcome::kAlreadyRedeemed : Outcome::kDone;
    case Kind::kRepeatRedemption:
      return Outcome::kRepeated;
    case Kind::kCancel:
      if (is_dead) return Outcome::kVoid;
      return is_redeemed && before.redemption == request.redemption ? Outcome::kDone
                                                                    : Outcome::kNotRedeemed;
    case Kind::kVoid:
      if (is_redeemed) return Outcome::kAlreadyRedeemed;
      if (before.state == CouponState::kReturned) return Outcome::kVoid;
      return is_dead ? Outcome::kUnchanged : Outcome::kDone;
    case Kind::kReturn:
      if (is_redeemed) return Outcome::kAlreadyRedeemed;
      return before.state == CouponState::kReturned ? Outcome::kUnchanged : Outcome::kDone;
    case Kind::kLook:
      return Outcome::kDone;
  }
  return Outcome::kDone;
}

CouponLives::State CouponLives::After(const CouponRequest& request, State before,
                                      std::uint64_t sequence) {
  if (ExpectedOf(request, before) != Outcome::kDone) return before;
  switch (request.kind) {
    case Kind::kRedeem:
      return {.state = CouponState::kRedeemed, .redemption = sequence};
    case Kind::kCancel:
      return {};
    case Kind::kVoid:
      return {.state = CouponState::kVoided};
    case Kind::kReturn:
      return {.state = CouponState::kReturned};
    case Kind::kRepeatRedemption:
    case Kind::kLook:
      break;
  }
  return before;
}

CouponLives::State CouponLives::StateOf(const ShownCoupon& shown) {
  return {.state = shown.state, .redemption = shown.redemption};
}

std::string CouponLives::Describe(State state) {
  std::string text(StateName(state.state));
  if (state.redemption != 0) text += " by event " + std::to_string(state.redemption);
  return text;
}

FaultKind CouponLives::KindOf(State expected, State shown) {
  if (expected.state == CouponState::kRedeemed) {
    return shown.state == CouponState::kRedeemed ? FaultKind::kDuplicate
                                                 : FaultKind::kRedemptionLost;
  }
  return FaultKind::kChangeLost;
}

std::optional<CouponLives::Finding> CouponLives::FindWrongAnswer(const CouponRequest& request,
                                                                 const CouponReply& reply,
                                                                 const Life& life) {
  const State before = life.before_pending;
  const Outcome expected = ExpectedOf(request, before);
  const std::string asked = request.code + ", " + Describe(before) + ", was asked " +
                            std::string(NameOf(request.kind)) + ": ";
  // A retry of a redemption that took place is told so.
  const bool fits = reply.outcome == expected ||
                    (request.is_retry && request.kind == Kind::kRedeem &&
                     expected == Outcome::kDone && reply.outcome == Outcome::kRepeated);
  if (!fits) {
    // Whoever does what can no longer be done has forgotten why.
    const bool was_forgotten =
        reply.outcome == Outcome::kDone ||
        (request.kind == Kind::kCancel && reply.outcome == Outcome::kNotRedeemed);
    const FaultKind kind = request.kind == Kind::kRepeatRedemption ? FaultKind::kRedemptionLost
                           : was_forgotten                         ? KindOf(before, {})
                                                                   : FaultKind::kUnexpected;
    return Finding{kind, asked + std::string(NameOf(reply.outcome)) + " in place of " +
                             std::string(NameOf(expected))};
  }
  if (request.kind == Kind::kRepeatRedemption && reply.sequence != request.redemption) {
    return Finding{FaultKind::kDuplicate, asked + "event " + std::to_string(reply.sequence) +
                                              " in place of " + std::to_string(request.redemption)};
  }
  if (!reply.coupon) return std::nullopt;
  const State after = After(request, before, reply.sequence);
  const State shown = StateOf(*reply.coupon);
  if (reply.coupon->code == request.code && shown == after) return std::nullopt;
  return Finding{request.kind == Kind::kLook ? KindOf(after, shown) : FaultKind::kUnexpected,
                 asked + "it is shown as " + reply.coupon->code + ", " + Describe(shown)};
}

std::optional<CouponLives::Finding> CouponLives::Hear(const CouponRequest& request,
                                                      const CouponReply& reply) {
  const auto found = lives_.find(request.code);
  if (found == lives_.end() || !found->second.pending) return std::nullopt;
  Life& life = found->second;
  std::optional<Finding> finding = FindWrongAnswer(request, reply, life);
  // The request took place before a restart, and its redemption was seen.
  if (!finding && request.kind == Kind::kRedeem && life.state != life.before_pending &&
      reply.sequence != life.state.redemption) {
    finding =
        Finding{FaultKind::kDuplicate,
                request.code + " was redeemed by event " + std::to_string(life.state.redemption) +
                    ", and by event " + std::to_string(reply.sequence) + " too"};
  }
  life.pending.reset();
  if (finding && reply.outcome != Outcome::kDone) return finding;
  if (request.kind == Kind::kRedeem && ExpectedOf(request, life.before_pending) == Outcome::kDone) {
    life.redemptions.push_back({.sequence = reply.sequence, .request_id = request.request_id});
  }
  life.state = After(request, life.before_pending, reply.sequence);
  return finding;
}

std::optional<CouponLives::Finding> CouponLives::Check(const ShownCoupon& shown) {
  const auto found = lives_.find(shown.code);
  const State seen = StateOf(shown);
  const State known = found == lives_.end() ? State() : found->second.state;
  if (seen == known) return std::nullopt;
  if (found != lives_.end() && found->second.pending && known == found->second.before_pending) {
    const CouponRequest& pending = *found->second.pending;
    if (seen == After(pending, known, seen.redemption)) {
      found->second.state = seen;
      return std::nullopt;
    }
  }
  return Finding{KindOf(known, seen),
                 shown.code + " was " + Describe(known) + ", and is " + Describe(seen)};
}

}  // namespace coupond::test
