// Erasures of users.

#include <algorithm>
#include <utility>

#include "system/program/history_replay.h"
#include "system/program/history_verdict.h"

namespace coupond::test {
namespace {

using Fault = std::optional<HistoryFault>;

}  // namespace

void HistoryReplay::PassOverEnds(std::uint64_t last) {
  while (model_.last_sequence().value() < last &&
         ends_.contains(model_.last_sequence().Next().value())) {
    model_.Judge(FinishErasure{.erasure = model_.last_sequence()}, last_time_);
  }
}

Fault HistoryReplay::Judge(const api::EraseUserRequest& request, const Operation& operation) {
  EraseUser command{.coupons = {}, .free_claims = request.forget_claims()};
  command.request = KeyOf(request.request_id(), "erase " + request.SerializeAsString());
  for (const api::Event& event : operation.erasures) {
    if (event.claim_freed() != request.forget_claims()) {
      return WrongDetail("the log says something else of the claims");
    }
    CouponsToErase erased;
    for (const std::string& code : event.erased_coupons().codes()) {
      const Serial serial = SerialOf(code);
      const auto issued = coupons_.find(serial);
      if (issued == coupons_.end()) return WrongDetail("nobody was given a coupon that it erased");
      if (issued->second.user_id != request.user_id()) return WrongDetail("it erased another user");
      if (campaign_of_serial_.at(serial) != event.campaign_id()) {
        return WrongDetail("another campaign's id");
      }
      if (!erased_.insert(serial).second) return WrongDetail("a coupon was erased twice");
      erased.serials.push_back(serial);
    }
    const auto campaign =
        std::ranges::find(model_.campaigns(), IdOf(event.campaign_id()),
                          [](const auto& numbered) { return numbered.second.id; });
    if (campaign == model_.campaigns().end()) return WrongDetail("another campaign's id");
    erased.campaign = campaign->first;
    command.coupons.push_back(std::move(erased));
  }
  return FindDifference(model_.Judge(std::move(command), time_), operation);
}

}  // namespace coupond::test
