#ifndef COUPOND_ENGINE_RULES_DECIDE_ERASURE_H_
#define COUPOND_ENGINE_RULES_DECIDE_ERASURE_H_

#include <vector>

#include "engine/rules/command.h"
#include "engine/rules/decide.h"
#include "engine/rules/event.h"
#include "engine/rules/ledger.h"

/// Decides on commands that erase a user. As Decide.
namespace coupond {

/// The event of the first campaign becomes `event`, and has the request; those of the others are
/// appended to `following`.
[[nodiscard]] Decision DecideErasure(const Ledger& ledger, EraseUser&& command, Event& event,
                                     std::vector<Event>& following);
[[nodiscard]] Decision DecideErasure(const FinishErasure& command, Event& event);

}  // namespace coupond

#endif  // COUPOND_ENGINE_RULES_DECIDE_ERASURE_H_
