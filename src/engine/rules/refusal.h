#ifndef COUPOND_ENGINE_RULES_REFUSAL_H_
#define COUPOND_ENGINE_RULES_REFUSAL_H_

#include <cstdint>

#include "engine/rules/timestamp.h"

namespace coupond {

/// The reasons to refuse a command, in order of precedence: if several hold at once, the first is
/// the answer. A refusal is an answer, not an error.
enum class RefusalReason : std::uint8_t {
  // Faults of the command itself.
  kNameEmpty,
  kNameTooLong,
  kTotalTooSmall,
  kTotalTooLarge,
  kStartTimeMissing,
  kStartTimeInPast,
  kStartTimeTooLate,
  kDescriptionTooLong,
  kEndTimeTooLate,
  kMetadataTooLarge,
  kReasonTooLong,
  // Conflicts with the ledger.
  kNoSuchCampaign,
  kCampaignArchived,
  kChangedMeanwhile,
  kStartTimeFixed,
  kTotalBelowIssued,
  kEndTimeNotAfterStart,
  kNameTaken,
  kTooManyCampaigns,
  kSerialsExhausted,
  // IssueCoupon: first what is final, then what passes.
  kEnded,
  kSoldOut,
  kNotStarted,
  kPaused,
  // What is done to a coupon.
  kNoSuchCoupon,
  kRequestIdReused,
  kCouponVoided,
  kCouponAlreadyRedeemed,
  kNotRedeemed,
  kRedeemingPaused,
};

struct Refusal {
  RefusalReason reason;
  /// With kNotStarted, when the campaign starts; with kEnded and kSoldOut, since when that holds.
  Timestamp at = {};

  friend bool operator==(const Refusal&, const Refusal&) = default;
};

}  // namespace coupond

#endif  // COUPOND_ENGINE_RULES_REFUSAL_H_
