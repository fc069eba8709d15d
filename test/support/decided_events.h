#ifndef COUPOND_TEST_SUPPORT_DECIDED_EVENTS_H_
#define COUPOND_TEST_SUPPORT_DECIDED_EVENTS_H_

#include <utility>
#include <variant>
#include <vector>

#include "engine/rules/command.h"
#include "engine/rules/decide.h"
#include "engine/rules/event.h"
#include "engine/rules/ledger.h"
#include "engine/rules/timestamp.h"

namespace coupond::test {

/// Returns the events that a command leads to, in their order: none unless it is accepted.
inline std::vector<Event> DecidedEvents(const Ledger& ledger, Command&& command, Timestamp time) {
  std::vector<Event> events(1);
  std::vector<Event> following;
  if (!std::holds_alternative<Accepted>(
          Decide(ledger, std::move(command), time, events.front(), following))) {
    return {};
  }
  for (Event& event : following) events.push_back(std::move(event));
  return events;
}

/// Applies events that follow one another, the first of them at `first`.
inline void ApplyAll(Ledger& ledger, const std::vector<Event>& events, EventPlace first) {
  for (const Event& event : events) {
    Apply(ledger, event, first);
    first.sequence = first.sequence.Next();
  }
}

}  // namespace coupond::test

#endif  // COUPOND_TEST_SUPPORT_DECIDED_EVENTS_H_
