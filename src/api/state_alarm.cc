#include "api/state_alarm.h"

#include <algorithm>

namespace coupond::api {

using std::chrono::milliseconds;

StateAlarm::StateAlarm(const Clock& clock, http::Executor& executor, std::function<void()> go_off)
    : clock_(clock), executor_(executor), go_off_(std::move(go_off)) {}

void StateAlarm::Expect(const CampaignId& id, Timestamp moment) {
  if (moment == kNever) return;
  const auto [known, is_new] = moments_.try_emplace(id, moment);
  if (!is_new) {
    if (known->second <= moment) return;
    in_order_.erase({known->second, id});
    known->second = moment;
  }
  const auto place = in_order_.emplace(moment, id).first;
  if (place == in_order_.begin()) Arm();
}

void StateAlarm::Forget(const CampaignId& id) {
  const auto known = moments_.find(id);
  if (known == moments_.end()) return;
  in_order_.erase({known->second, id});
  moments_.erase(known);
  // A timer that is too early for the others does no harm.
  if (moments_.empty()) timer_.reset();
}

std::vector<CampaignId> StateAlarm::TakeDue(Timestamp now) {
  std::vector<CampaignId> due;
  while (!in_order_.empty() && in_order_.begin()->first <= now) {
    due.push_back(in_order_.begin()->second);
    moments_.erase(due.back());
    in_order_.erase(in_order_.begin());
  }
  return due;
}

/// Timers measure time otherwise than the clock, which may be set or corrected meanwhile. So a long
/// wait is made of short ones.
void StateAlarm::Arm() {
  timer_.reset();
  if (abandoned_ || in_order_.empty()) return;
  const auto rest = std::chrono::ceil<milliseconds>(in_order_.begin()->first.Since(clock_.Now()));
  timer_ = executor_.StartTimer(std::clamp(rest, milliseconds(0), kLookEvery), [this] { Look(); });
}

void StateAlarm::Look() {
  if (clock_.Now() >= in_order_.begin()->first) go_off_();
  Arm();
}

void StateAlarm::Abandon() {
  abandoned_ = true;
  timer_.reset();
}

}  // namespace coupond::api
