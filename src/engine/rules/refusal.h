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
  // Conflicts with the ledger.
  kNameTaken,
  kTooManyCampaigns,
  kSerialsExhausted,
  kNoSuchCampaign,
  kNotStarted,
  kSoldOut,
};

struct Refusal {
  RefusalReason reason;
  /// Only with kNotStarted: when the campaign starts.
  Timestamp start_time;

  friend bool operator==(const Refusal&, const Refusal&) = default;
};

}  // namespace coupond

#endif  // COUPOND_ENGINE_RULES_REFUSAL_H_
