#include "engine/rules/decide_parts.h"

namespace coupond {

std::optional<Decision> FindRepeated(const Ledger& ledger,
                                     const std::optional<RequestKey>& request) {
  if (!request) return std::nullopt;
  const std::optional<CarriedOut> before = ledger.FindRequest(request->digest);
  if (!before) return std::nullopt;
  if (before->content != request->content) return Refuse(RefusalReason::kRequestIdReused);
  return Repeated{.sequence = before->sequence};
}

}  // namespace coupond
