#include "engine/rules/decide_parts.h"

#include <cstddef>
#include <utility>

namespace coupond {

Decision DecideErasure(const Ledger& ledger, EraseUser&& command, Event& event,
                       std::vector<Event>& following) {
  if (auto repeated = FindRepeated(ledger, command.request)) return *std::move(repeated);
  if (command.coupons.empty()) return Unchanged{};
  bool is_first = true;
  for (CouponsToErase& coupons : command.coupons) {
    Event& erased = is_first ? event : following.emplace_back();
    erased = UserErased{.campaign = coupons.campaign,
                        .serials = std::move(coupons.serials),
                        .claims_freed = command.free_claims,
                        .request = is_first ? command.request : std::nullopt};
    is_first = false;
  }
  return Accepted{};
}

Decision DecideErasure(const FinishErasure& command, Event& event) {
  event = ErasureFinished{.erasure = command.erasure};
  return Accepted{};
}

}  // namespace coupond
