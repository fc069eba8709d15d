#ifndef COUPOND_ENGINE_SEQUENCER_DISPUTED_DECISION_H_
#define COUPOND_ENGINE_SEQUENCER_DISPUTED_DECISION_H_

#include <vector>

#include "engine/ports/clock.h"
#include "engine/rules/command.h"
#include "engine/rules/decide.h"
#include "engine/rules/event.h"
#include "engine/rules/ledger.h"

namespace coupond {

/// Decides a command while it is disputed what time it is: at both times of `reading`. If all that
/// comes of it is the same, returns that, decided at reading.now, with `event` and `following` as
/// Decide leaves them; otherwise refuses with kClockAhead, and adds nothing to `following`.
[[nodiscard]] Decision DecideInDispute(const Ledger& ledger, Command&& command,
                                       const ClockReading& reading, Event& event,
                                       std::vector<Event>& following);

}  // namespace coupond

#endif  // COUPOND_ENGINE_SEQUENCER_DISPUTED_DECISION_H_
