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
[[nodiscard]] inline std::optional<Decision> FindRepeated(
    const Ledger& ledger, const std::optional<RequestKey>& request) {
  if (!request) return std::nullopt;
  const std::optional<CarriedOut> before = ledger.FindRequest(request->digest);
  if (!before) return std::nullopt;
  if (before->content != request->content) return Refuse(RefusalReason::kRequestIdReused);
  return Repeated{.sequence = before->sequence};
}

}  // namespace coupond

#endif  // COUPOND_ENGINE_RULES_DECIDE_PARTS_H_
