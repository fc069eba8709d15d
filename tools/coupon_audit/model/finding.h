#ifndef COUPOND_TOOLS_COUPON_AUDIT_MODEL_FINDING_H_
#define COUPOND_TOOLS_COUPON_AUDIT_MODEL_FINDING_H_

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

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

/// Why an audit came to an end before that of the log: the store violates something, or it could
/// not be read.
using Finding = std::variant<Violation, Error>;

/// What was asked for, or why there is none.
template <typename T>
using Audited = std::expected<T, Finding>;

/// Returns a violation if the error says that the store is not as it was left; otherwise the error,
/// which says only that nothing could be found out.
[[nodiscard]] Finding FindingOf(Error error);

[[nodiscard]] inline std::unexpected<Finding> Unsound(ViolationKind kind, Place place,
                                                      std::string detail) {
  return std::unexpected<Finding>(
      Violation{.kind = kind, .place = place, .detail = std::move(detail)});
}

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_MODEL_FINDING_H_
