#ifndef COUPOND_ENGINE_RULES_DECIDE_BATCH_H_
#define COUPOND_ENGINE_RULES_DECIDE_BATCH_H_

#include <vector>

#include "engine/rules/command.h"
#include "engine/rules/decide.h"
#include "engine/rules/event.h"
#include "engine/rules/ledger.h"
#include "engine/rules/timestamp.h"

namespace coupond {

/// The part of Decide that is about batches. Each user of a batch gets what an IssueCoupon would
/// give, as if they came one after the other. The reasons to refuse the batch, in order: too large;
/// no such campaign; request id reused; user required; request id required; ended; a user's limit
/// reached; sold out; not enough left; not started; paused. Those from "ended" on hold only if
/// a user needs a new coupon.
///
/// With allow_partial, users whose limit is reached, and those for whom no place is left, are
/// refused by themselves, and the rest get their coupons. If there is no new one, the decision is
/// Unchanged, and the batch's request leaves nothing behind.
[[nodiscard]] Decision DecideBatch(const Ledger& ledger, BatchIssueCoupons&& command,
                                   Timestamp time, Event& event, std::vector<Event>& following);

}  // namespace coupond

#endif  // COUPOND_ENGINE_RULES_DECIDE_BATCH_H_
