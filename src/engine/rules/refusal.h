#ifndef COUPOND_ENGINE_RULES_REFUSAL_H_
#define COUPOND_ENGINE_RULES_REFUSAL_H_

#include <cstdint>

#include "engine/rules/ids.h"
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
  kCouponsPerUserOutOfRange,
  kRedeemStartTimeTooLate,
  kExpireTimeTooLate,
  kValidDurationOutOfRange,
  kMetadataTooLarge,
  kReasonTooLong,
  kBatchTooLarge,
  // Conflicts with the ledger.
  kNoSuchCampaign,
  kCampaignArchived,
  kChangedMeanwhile,
  kStartTimeFixed,
  kTotalBelowIssued,
  kEndTimeNotAfterStart,
  kExpireTimeTooEarly,
  kCouponsPerUserFixed,
  kNameTaken,
  kTooManyCampaigns,
  kSerialsExhausted,
  // IssueCoupon: first what the request lacks, then what is final, then what passes.
  kUserRequired,
  kRequestIdRequired,
  kEnded,
  kUserLimitReached,
  kSoldOut,
  kNotEnoughLeft,  ///< of a batch: fewer places are left than it needs
  kNotStarted,
  kPaused,
  // What is done to a coupon.
  kNoSuchCoupon,
  kRequestIdReused,  ///< of a campaign that is created or updated: before all others
  kCouponVoided,
  kCouponAlreadyRedeemed,
  kNotRedeemed,
  kWrongHolder,
  kCouponExpired,
  kCouponNotYetValid,
  kRedeemingPaused,
  // Of the sequencer, which alone knows the clock.
  kClockAhead,  ///< the machine's clock shows another time, at which the outcome would differ
  kLogAhead,    ///< the log ends so far ahead of the clock that nothing is decided
};

struct Refusal {
  RefusalReason reason;
  /// With kNotStarted, when the campaign starts; with kCouponNotYetValid, when redeeming starts;
  /// with kEnded, kSoldOut and kCouponExpired, since when that holds; with kClockAhead, what the
  /// machine's clock shows; with kLogAhead, when the log ends.
  Timestamp at = {};
  /// With kClockAhead, the time by which the server goes; with kLogAhead, what the machine's clock
  /// shows.
  Timestamp clock = {};
  /// With kTotalBelowIssued, how many coupons are issued, which is the lowest total; with
  /// kNotEnoughLeft, how many are left.
  std::int64_t coupons = 0;
  /// With kChangedMeanwhile, the campaign's present revision; with kCouponAlreadyRedeemed and
  /// kNotRedeemed, the coupon's present redemption, or 0 if it is not redeemed.
  Sequence present = {};

  friend bool operator==(const Refusal&, const Refusal&) = default;
};

}  // namespace coupond

#endif  // COUPOND_ENGINE_RULES_REFUSAL_H_
