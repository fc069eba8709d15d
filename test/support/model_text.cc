#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "support/model.h"

namespace coupond::test {
namespace {

ModelOutcome::Kind KindOf(const GrantedCoupon& granted) {
  if (granted.limit_reached) return ModelOutcome::Kind::kLimitReached;
  return granted.already_issued ? ModelOutcome::Kind::kHeld : ModelOutcome::Kind::kIssued;
}

/// Reports whether the reply has the expected outcome, whatever the time of its decision.
bool SameOutcome(const ModelOutcome& expected, const Reply::Outcome& outcome) {
  using Kind = ModelOutcome::Kind;
  if (const auto* granted = std::get_if<GrantedCoupon>(&outcome)) {
    return expected.kind == KindOf(*granted) && expected.campaign == granted->campaign &&
           expected.serial == granted->serial && expected.issued_at == granted->issued_at &&
           expected.expire_time == granted->expire_time && expected.state == granted->state &&
           expected.found_as_sent == granted->found_as_sent;
  }
  if (const auto* refusal = std::get_if<Refusal>(&outcome)) {
    return expected.kind == Kind::kRefused && expected.reason == refusal->reason &&
           expected.at == refusal->at && expected.coupons == refusal->coupons &&
           expected.present == refusal->present;
  }
  if (const auto* done = std::get_if<Done>(&outcome)) {
    const bool is_done = expected.kind == Kind::kCreated || expected.kind == Kind::kChanged ||
                         expected.kind == Kind::kDeleted || expected.kind == Kind::kValidated ||
                         expected.kind == Kind::kBatch;
    if (done->repeated) return expected.kind == Kind::kRepeated && done->changed;
    return (done->changed ? is_done : expected.kind == Kind::kUnchanged) &&
           expected.at == done->start_time;
  }
  return false;
}

std::string Numbered(const std::string& what, std::uint64_t number) {
  return what + " " + std::to_string(number);
}

/// Returns nothing for a coupon that is just issued.
std::string InState(CouponState state) {
  switch (state) {
    case CouponState::kIssued:
      return "";
    case CouponState::kRedeemed:
      return ", redeemed";
    case CouponState::kVoided:
      return ", voided";
    case CouponState::kReturned:
      return ", returned";
    case CouponState::kExpired:
      return ", expired";
  }
  return ", in an unknown state";
}

/// Returns nothing for no time.
std::string At(Timestamp time) {
  if (time == Timestamp()) return "";
  return " at " + std::to_string(time.unix_nanoseconds());
}

/// Returns nothing for a refusal that tells no number.
std::string Numbers(std::int64_t coupons, Sequence present) {
  return (coupons == 0 ? "" : ", coupons: " + std::to_string(coupons)) +
         (present == Sequence(0) ? "" : Numbered(", present:", present.value()));
}

std::string Until(Timestamp expire_time) {
  if (expire_time == kNever) return "";
  return " until " + std::to_string(expire_time.unix_nanoseconds());
}

/// Returns how a coupon was granted, and which.
std::string DescribeGrant(ModelOutcome::Kind kind, CampaignNumber campaign, Serial serial,
                          CouponState state, Timestamp issued_at, Timestamp expire_time) {
  const std::string how = kind == ModelOutcome::Kind::kIssued ? "issued"
                          : kind == ModelOutcome::Kind::kHeld ? "already issued"
                                                              : "limit reached, the last is";
  return how + Numbered(" campaign", campaign.value()) + Numbered(" serial", serial.value()) +
         InState(state) + At(issued_at) + Until(expire_time);
}

}  // namespace

bool IsSameButForTheTime(ModelOutcome one, ModelOutcome other) {
  const auto same_result = [](const BatchResult& a, const BatchResult& b) {
    const auto reason = [](const BatchResult& result) {
      return result.refusal ? std::optional(result.refusal->reason) : std::nullopt;
    };
    if (a.is_new != b.is_new || reason(a) != reason(b)) return false;
    return a.is_new ? a.coupon->expire_time == b.coupon->expire_time : a.coupon == b.coupon;
  };
  if (!std::ranges::equal(one.results, other.results, same_result)) return false;
  one.results.clear();
  other.results.clear();
  if (one.kind == ModelOutcome::Kind::kIssued) one.issued_at = other.issued_at;
  return one == other;
}

std::optional<std::string> Difference(const ModelOutcome& expected, Timestamp time,
                                      const Reply& reply) {
  if (SameOutcome(expected, reply.outcome) && expected.sequence == reply.sequence &&
      time == reply.time) {
    return std::nullopt;
  }
  return "expected " + Describe(expected) + ", at " + std::to_string(time.unix_nanoseconds()) +
         "; got " + Describe(reply) + ", at " + std::to_string(reply.time.unix_nanoseconds());
}

std::string Describe(RefusalReason reason) {
  switch (reason) {
    case RefusalReason::kNameEmpty:
      return "name_empty";
    case RefusalReason::kNameTooLong:
      return "name_too_long";
    case RefusalReason::kTotalTooSmall:
      return "total_too_small";
    case RefusalReason::kTotalTooLarge:
      return "total_too_large";
    case RefusalReason::kStartTimeMissing:
      return "start_time_missing";
    case RefusalReason::kStartTimeInPast:
      return "start_time_in_past";
    case RefusalReason::kStartTimeTooLate:
      return "start_time_too_late";
    case RefusalReason::kDescriptionTooLong:
      return "description_too_long";
    case RefusalReason::kEndTimeTooLate:
      return "end_time_too_late";
    case RefusalReason::kMetadataTooLarge:
      return "metadata_too_large";
    case RefusalReason::kCouponsPerUserOutOfRange:
      return "coupons_per_user_out_of_range";
    case RefusalReason::kExpireTimeTooLate:
      return "expire_time_too_late";
    case RefusalReason::kValidDurationOutOfRange:
      return "valid_duration_out_of_range";
    case RefusalReason::kRedeemStartTimeTooLate:
      return "redeem_start_time_too_late";
    case RefusalReason::kReasonTooLong:
      return "reason_too_long";
    case RefusalReason::kBatchTooLarge:
      return "batch_too_large";
    case RefusalReason::kNoSuchCampaign:
      return "no_such_campaign";
    case RefusalReason::kCampaignArchived:
      return "campaign_archived";
    case RefusalReason::kChangedMeanwhile:
      return "changed_meanwhile";
    case RefusalReason::kStartTimeFixed:
      return "start_time_fixed";
    case RefusalReason::kTotalBelowIssued:
      return "total_below_issued";
    case RefusalReason::kEndTimeNotAfterStart:
      return "end_time_not_after_start";
    case RefusalReason::kExpireTimeTooEarly:
      return "expire_time_too_early";
    case RefusalReason::kCouponsPerUserFixed:
      return "coupons_per_user_fixed";
    case RefusalReason::kNameTaken:
      return "name_taken";
    case RefusalReason::kTooManyCampaigns:
      return "too_many_campaigns";
    case RefusalReason::kSerialsExhausted:
      return "serials_exhausted";
    case RefusalReason::kUserRequired:
      return "user_required";
    case RefusalReason::kRequestIdRequired:
      return "request_id_required";
    case RefusalReason::kEnded:
      return "ended";
    case RefusalReason::kUserLimitReached:
      return "user_limit_reached";
    case RefusalReason::kSoldOut:
      return "sold_out";
    case RefusalReason::kNotEnoughLeft:
      return "not_enough_left";
    case RefusalReason::kNotStarted:
      return "not_started";
    case RefusalReason::kPaused:
      return "paused";
    case RefusalReason::kNoSuchCoupon:
      return "no_such_coupon";
    case RefusalReason::kRequestIdReused:
      return "request_id_reused";
    case RefusalReason::kCouponVoided:
      return "coupon_voided";
    case RefusalReason::kCouponAlreadyRedeemed:
      return "coupon_already_redeemed";
    case RefusalReason::kNotRedeemed:
      return "not_redeemed";
    case RefusalReason::kWrongHolder:
      return "wrong_holder";
    case RefusalReason::kCouponExpired:
      return "coupon_expired";
    case RefusalReason::kCouponNotYetValid:
      return "coupon_not_yet_valid";
    case RefusalReason::kRedeemingPaused:
      return "redeeming_paused";
    case RefusalReason::kClockAhead:
      return "clock_ahead";
    case RefusalReason::kLogAhead:
      return "log_ahead";
  }
  return "unknown";
}

std::string Describe(const ModelOutcome& outcome) {
  const std::string sequence = Numbered(", sequence", outcome.sequence.value());
  switch (outcome.kind) {
    case ModelOutcome::Kind::kCreated:
    case ModelOutcome::Kind::kBatch:
    case ModelOutcome::Kind::kChanged:
    case ModelOutcome::Kind::kDeleted:
      return "done" + sequence;
    case ModelOutcome::Kind::kUnchanged:
      return "nothing to do" + sequence;
    case ModelOutcome::Kind::kRepeated:
      return "done before" + sequence;
    case ModelOutcome::Kind::kValidated:
      return "to be done" + sequence;
    case ModelOutcome::Kind::kIssued:
    case ModelOutcome::Kind::kHeld:
    case ModelOutcome::Kind::kLimitReached:
      return DescribeGrant(outcome.kind, outcome.campaign, outcome.serial, outcome.state,
                           outcome.issued_at, outcome.expire_time) +
             sequence;
    case ModelOutcome::Kind::kRefused:
      return "refused: " + Describe(outcome.reason) + At(outcome.at) +
             Numbers(outcome.coupons, outcome.present) + sequence;
  }
  return "unknown";
}

std::string Describe(const Reply& reply) {
  const std::string sequence = Numbered(", sequence", reply.sequence.value());
  if (const auto* granted = std::get_if<GrantedCoupon>(&reply.outcome)) {
    return DescribeGrant(KindOf(*granted), granted->campaign, granted->serial, granted->state,
                         granted->issued_at, granted->expire_time) +
           sequence;
  }
  if (const auto* refusal = std::get_if<Refusal>(&reply.outcome)) {
    return "refused: " + Describe(refusal->reason) + At(refusal->at) +
           Numbers(refusal->coupons, refusal->present) + sequence;
  }
  if (const auto* unavailable = std::get_if<Unavailable>(&reply.outcome)) {
    return std::string("unavailable, outcome ") +
           (unavailable->outcome_unknown ? "unknown" : "known") + sequence;
  }
  const Done& done = std::get<Done>(reply.outcome);
  return (done.repeated ? "done before" : done.changed ? "done" : "nothing to do") + sequence;
}

}  // namespace coupond::test
