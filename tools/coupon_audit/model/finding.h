#ifndef COUPOND_TOOLS_COUPON_AUDIT_MODEL_FINDING_H_
#define COUPOND_TOOLS_COUPON_AUDIT_MODEL_FINDING_H_

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/error.h"
#include "engine/rules/ids.h"

namespace coupond::audit {

/// What can be wrong with a store. Each has a name (KindName) that programs may rely on, and a
/// meaning for people (KindMeaning); docs/AUDIT.md lists them.
enum class ViolationKind : std::uint8_t {
  // The files of the data directory.
  kLogMissing,
  kLogDamaged,
  kLogOfAnotherStore,
  kLogBehindWatermark,
  kWatermarkMissing,
  kWatermarkDamaged,
  kWatermarkHashWrong,
  // The records of the log.
  kKeyWrong,
  kGroupMissing,
  kChainBroken,
  kGroupUndecodable,
  kGroupNumberWrong,
  kSequenceGap,
  kTimeWentBack,
  kClockResetWrong,
  // The rules, judged by the independent model.
  kStoreNotCreated,
  kStoreCreatedAgain,
  kCampaignNumberWrong,
  kCampaignIdTaken,
  kNameWrong,
  kNameTaken,
  kTotalWrong,
  kStartInPast,
  kStartTooLate,
  kEndNotAfterStart,
  kEndTooLate,
  kDescriptionWrong,
  kMetadataTooLarge,
  kMetadataWrong,
  kCouponsPerUserWrong,
  kRedeemStartTooLate,
  kExpiryNotAfterStart,
  kExpiryTooLate,
  kValidDurationWrong,
  kReasonWrong,
  kTooManyCampaigns,
  kSerialRangeOverlaps,
  kRestoredSerialsTooHigh,
  kUnknownCampaign,
  kEventAfterDelete,
  kChangedWhileArchived,
  kUpdateChangesNothing,
  kStartChangedAfterIssue,
  kTotalBelowIssued,
  kExpiryMovedEarlier,
  kLimitChangedAfterIssue,
  kAddedSerialsWrong,
  kAddedSerialsMisplaced,
  kPauseChangesNothing,
  kResumeChangesNothing,
  kArchivedTwice,
  kNotArchived,
  kOverIssue,
  kIssuedBeforeStart,
  kIssuedAfterEnd,
  kIssuedWhilePaused,
  kIssuedWhileArchived,
  kDuplicateSerial,
  kSerialSkipped,
  kSerialOutOfRange,
  kIssuedWithoutUser,
  kCouponKeysWrong,
  kClaimGivenTwice,
  kUserLimitExceeded,
  kClaimWrong,
  kUserIdTooLong,
  kUserIdMissing,
  kUserIdNotErased,
  kBatchSizeWrong,
  kBatchIncomplete,
  kCouponNotIssued,
  kCouponOfAnotherCampaign,
  kRedeemedTwice,
  kRedeemedAfterVoid,
  kRedeemedWhilePaused,
  kRedeemedTooEarly,
  kRedeemedAfterExpiry,
  kRedemptionNotPresent,
  kVoidedWhileRedeemed,
  kVoidedTwice,
  kReturnedTwice,
  kClaimFreedTwice,
  kOrderRefWrong,
  kRedeemedByWrong,
  kRequestIdWrong,
  kErasedCouponsWrong,
  kErasedTwice,
  kErasureFinishedWrong,
  kRequestKeyWrong,
  kRequestCarriedOutTwice,
  kCodeWrong,
  // The program's own ledger beside the model.
  kLedgerDiffers,
  // The views beside the log.
  kViewsUnreadable,
  kViewCheckpointWrong,
  kViewsAheadOfLog,
  kViewRowMissing,
  kViewRowAltered,
  kViewRowUnexpected,
  kViewRowMisplaced,
  kViewCountWrong,
};

inline constexpr ViolationKind kLastViolationKind = ViolationKind::kViewCountWrong;

/// Returns the name, such as "over_issue".
[[nodiscard]] std::string_view KindName(ViolationKind kind);
/// Returns what it means that this was found, in a sentence.
[[nodiscard]] std::string_view KindMeaning(ViolationKind kind);

/// A place in the log, as far as it applies.
struct Place {
  std::optional<GroupNumber> group;
  std::optional<Sequence> sequence;
  std::optional<CampaignNumber> campaign;

  friend bool operator==(const Place&, const Place&) = default;
};

struct Violation {
  ViolationKind kind;
  Place place;
  std::string detail;  ///< what was found and what should be there, for people
};

/// Why an audit ended before the log did: the store violates something, or could not be read.
using Finding = std::variant<Violation, Error>;

/// A value, or why there is none.
template <typename T>
using Audited = std::expected<T, Finding>;

/// Reports whether it is a violation of this kind.
[[nodiscard]] bool IsViolation(const Finding& finding, ViolationKind kind);

/// Returns a violation if the error says that the store is not as it was left; otherwise the error,
/// which says only that nothing could be found out.
[[nodiscard]] Finding FindingOf(Error error);

/// Returns the same result, its error as a finding.
template <typename T>
[[nodiscard]] Audited<T> AsAudited(Result<T> result) {
  if (!result) return std::unexpected(FindingOf(std::move(result.error())));
  if constexpr (std::is_void_v<T>) {
    return {};
  } else {
    return std::move(*result);
  }
}

/// Returns a violation as the error of an Audited.
[[nodiscard]] inline std::unexpected<Finding> Unsound(ViolationKind kind, Place place,
                                                      std::string detail) {
  return std::unexpected<Finding>(
      Violation{.kind = kind, .place = place, .detail = std::move(detail)});
}

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_MODEL_FINDING_H_
