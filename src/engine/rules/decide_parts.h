#ifndef COUPOND_ENGINE_RULES_DECIDE_PARTS_H_
#define COUPOND_ENGINE_RULES_DECIDE_PARTS_H_

#include <optional>

#include "engine/rules/coupon.h"
#include "engine/rules/decide.h"
#include "engine/rules/ledger.h"
#include "engine/rules/refusal.h"

/// What the decisions on several kinds of commands have in common.
namespace coupond {

[[nodiscard]] inline Decision Refuse(RefusalReason reason) { return Refusal{.reason = reason}; }

/// Returns how a request that was made before is answered, or nullopt for a new one.
[[nodiscard]] std::optional<Decision> FindRepeated(const Ledger& ledger,
                                                   const std::optional<RequestKey>& request);

}  // namespace coupond

#endif  // COUPOND_ENGINE_RULES_DECIDE_PARTS_H_
