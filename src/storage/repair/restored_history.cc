#include "storage/repair/restored_history.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <optional>
#include <string>
#include <variant>

#include "engine/rules/decide_restore.h"

namespace coupond::storage {
namespace {

std::uint64_t RandomNumber(Entropy& entropy) {
  const std::array<std::uint8_t, 16> bytes = entropy.Random16();
  std::uint64_t number = 0;
  static_assert(sizeof number <= sizeof bytes);
  std::memcpy(&number, bytes.data(), sizeof number);
  return number;
}

}  // namespace

void RestoredHistory::Add(const CommitGroup& group) {
  for (std::size_t i = 0; i < group.events.size(); ++i) {
    const Event& event = group.events[i];
    Apply(ledger_, event, {.time = group.commit_time, .sequence = group.first_sequence.Plus(i)});
    if (std::holds_alternative<CouponIssued>(event)) ++coupons_;
  }
}

Result<CommitGroup> RestoredHistory::Continue(const LogTip& tip, Entropy& entropy,
                                              const Clock& clock) const {
  const std::optional<StoreRestored> restored = DecideRestore(ledger_, RandomNumber(entropy));
  if (!restored) {
    return MakeError(ErrorCode::kSerialsExhausted,
                     "too few serials are left behind " +
                         std::to_string(ledger_.next_serial().value()) + " for the " +
                         std::to_string(ledger_.places_left()) +
                         " coupons that the campaigns can still issue: the store was put back too "
                         "often. Create a new store, whose codes are others, with campaigns for "
                         "what is left; `coupon-audit replay` and `export` show what there is");
  }
  return CommitGroup{.number = tip.group.Next(),
                     .first_sequence = tip.sequence.Next(),
                     .commit_time = std::max(tip.time, clock.Now()),
                     .events = {*restored}};
}

NewSerials RestoredHistory::SerialsIn(const CommitGroup& continued) const {
  return {.first = std::get<StoreRestored>(continued.events.front()).first_serial,
          .live_campaigns = ledger_.live_campaigns(),
          .places_left = ledger_.places_left()};
}

}  // namespace coupond::storage
