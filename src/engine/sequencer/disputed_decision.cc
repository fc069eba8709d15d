#include "engine/sequencer/disputed_decision.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <variant>

namespace coupond {
namespace {

/// Reports whether the caller would be told the same. When a new coupon was issued is that of the
/// batch's event, whichever time is right.
bool IsSame(const BatchResult& one, const BatchResult& other) {
  if (one.is_new != other.is_new || one.refusal.has_value() != other.refusal.has_value()) {
    return false;
  }
  if (one.refusal && one.refusal->reason != other.refusal->reason) return false;
  return one.is_new || one.coupon == other.coupon;
}

std::shared_ptr<BatchResults>* ResultsOf(Command& command) {
  auto* const batch = std::get_if<BatchIssueCoupons>(&command);
  return batch != nullptr && batch->results ? &batch->results : nullptr;
}

}  // namespace

Decision DecideInDispute(const Ledger& ledger, Command&& command, const ClockReading& reading,
                         Event& event, std::vector<Event>& following) {
  Command again = command;
  std::shared_ptr<BatchResults> results;
  std::shared_ptr<BatchResults> results_then;
  if (auto* const wanted = ResultsOf(again)) {
    results = *wanted;
    *wanted = results_then = std::make_shared<BatchResults>();
  }
  Event event_then;
  std::vector<Event> following_then;
  const Decision then =
      Decide(ledger, std::move(again), *reading.disputed, event_then, following_then);
  std::vector<Event> following_now;
  const Decision now = Decide(ledger, std::move(command), reading.now, event, following_now);
  bool same = now == then;
  if (same && std::holds_alternative<Accepted>(now)) {
    same = event == event_then && following_now == following_then;
  }
  // A batch that was refused shows no coupons. One that was carried out before is the same event;
  // its coupons are shown as they are.
  const bool shows_results =
      !std::holds_alternative<Refusal>(now) && !std::holds_alternative<Repeated>(now);
  if (same && results && shows_results) {
    same = std::ranges::equal(results->coupons, results_then->coupons, IsSame);
  }
  if (!same) {
    if (results) results->coupons.clear();  // none of them was issued
    return Refusal{
        .reason = RefusalReason::kClockAhead, .at = *reading.disputed, .clock = reading.now};
  }
  following.insert(following.end(), std::move_iterator(following_now.begin()),
                   std::move_iterator(following_now.end()));
  return now;
}

}  // namespace coupond
