#ifndef COUPOND_ENGINE_RULES_APPLY_H_
#define COUPOND_ENGINE_RULES_APPLY_H_

#include "engine/rules/event.h"
#include "engine/rules/ledger.h"
#include "engine/rules/timestamp.h"

namespace coupond {

/// Changes the ledger by one event that happened at `time`. Cannot fail: what Decide would never
/// have allowed (an event of a campaign that does not exist) changes nothing; finding such a thing
/// in a log is the auditor's work.
void Apply(Ledger& ledger, const Event& event, Timestamp time);

}  // namespace coupond

#endif  // COUPOND_ENGINE_RULES_APPLY_H_
