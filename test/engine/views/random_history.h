#ifndef COUPOND_TEST_ENGINE_VIEWS_RANDOM_HISTORY_H_
#define COUPOND_TEST_ENGINE_VIEWS_RANDOM_HISTORY_H_

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/ports/event_log.h"
#include "engine/rules/event.h"
#include "engine/rules/ledger.h"
#include "engine/rules/random_commands.h"
#include "support/builders.h"
#include "support/decided_events.h"

namespace coupond::test {

/// The groups that random commands lead to, in some of which the store is restored.
class RandomHistory {
 public:
  static constexpr std::uint64_t kUsers = 20;
  /// Returns the user_id of one of the users who get coupons.
  [[nodiscard]] static std::string UserId(std::uint64_t user) {
    return "user " + std::to_string(user);
  }

  explicit RandomHistory(std::uint64_t seed) : commands_(seed) {}

  /// Returns the next group, which has at least one event.
  CommitGroup Next() {
    CommitGroup group{.number = tip_.group.Next(),
                      .first_sequence = tip_.sequence.Next(),
                      .commit_time = At(static_cast<std::int64_t>(tip_.group.value() / 20)),
                      .events = {}};
    const std::uint64_t tries = 1 + Below(10);
    for (std::uint64_t i = 0; i < tries || group.events.empty(); ++i) {
      for (Event& event : Draw(group.commit_time)) {
        const Sequence sequence = group.first_sequence.Plus(group.events.size());
        Apply(ledger_, event, {.time = group.commit_time, .sequence = sequence});
        commands_.Remember(event, sequence);
        group.events.push_back(std::move(event));
      }
    }
    tip_ = {.group = group.number,
            .sequence = group.last_sequence(),
            .time = group.commit_time,
            .hash = {}};
    return group;
  }

  /// The ledger and the end of the log after the last group.
  [[nodiscard]] const Ledger& ledger() const { return ledger_; }
  [[nodiscard]] const LogTip& tip() const { return tip_; }
  std::uint64_t Below(std::uint64_t bound) { return commands_.Below(bound); }

 private:
  /// Draws what may happen next: nothing if it was refused.
  std::vector<Event> Draw(Timestamp time) {
    if (Below(100) == 0) return {StoreRestored{ledger_.next_serial().Plus(Below(5))}};
    std::vector<Event> events = DecidedEvents(ledger_, commands_.Next(time), time);
    for (Event& event : events) {
      if (auto* const issued = std::get_if<CouponIssued>(&event); issued && issued->holder) {
        issued->user_id = UserId(Below(kUsers));
      }
    }
    return events;
  }

  RandomCommands commands_;
  Ledger ledger_;
  LogTip tip_;
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_ENGINE_VIEWS_RANDOM_HISTORY_H_
