#ifndef COUPOND_TOOLS_COUPON_AUDIT_MODEL_VIOLATION_H_
#define COUPOND_TOOLS_COUPON_AUDIT_MODEL_VIOLATION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "engine/rules/ids.h"

namespace coupond::audit {

/// What can be wrong with a store. Each has a name (KindName) that programs may hold on to, and a
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
  kTooManyCampaigns,
  kSerialRangeOverlaps,
  kUnknownCampaign,
  kEventAfterDelete,
  kOverIssue,
  kIssuedBeforeStart,
  kDuplicateSerial,
  kSerialSkipped,
  kSerialOutOfRange,
  kClaimGivenTwice,
  kClaimWrong,
  kUserIdTooLong,
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
  kViewCountWrong,
};

inline constexpr ViolationKind kLastViolationKind = ViolationKind::kViewCountWrong;

/// "over_issue" and so on.
[[nodiscard]] std::string_view KindName(ViolationKind kind);
/// One sentence: what it means that this was found.
[[nodiscard]] std::string_view KindMeaning(ViolationKind kind);

/// Where in the log; what does not apply is absent.
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

/// An operating error on the way: a violation if it says that the store is not as it was left, and
/// nothing if it only says that nothing could be found out.
[[nodiscard]] std::optional<Violation> ViolationOf(const Error& error);

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_MODEL_VIOLATION_H_
