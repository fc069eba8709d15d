#ifndef COUPOND_API_STATE_ALARM_H_
#define COUPOND_API_STATE_ALARM_H_

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "engine/ports/clock.h"
#include "engine/rules/ids.h"
#include "engine/rules/timestamp.h"
#include "rpc/http/handler.h"

namespace coupond::api {

/// An alarm for the moments at which campaigns change their state by themselves, at their start or
/// end. The clock decides, so it never goes off too early, even if the clock is set back. Uses one
/// timer, for the earliest of all campaigns.
///
/// Threads: the worker's.
class StateAlarm {
 public:
  /// The maximum time between two looks at the clock, and so the longest delay after the clock has
  /// been set forward.
  static constexpr std::chrono::milliseconds kLookEvery{1'000};

  /// `clock` is the one that decides the states. `go_off` must call TakeDue.
  StateAlarm(const Clock& clock, http::Executor& executor, std::function<void()> go_off);

  /// Makes the alarm go off at `moment`, unless it goes off earlier for this campaign. kNever
  /// changes nothing.
  void Expect(const CampaignId& id, Timestamp moment);
  void Forget(const CampaignId& id);
  /// Returns, and forgets, the campaigns whose moment has come at `now`.
  [[nodiscard]] std::vector<CampaignId> TakeDue(Timestamp now);

  /// Stops permanently, because the worker is ending.
  void Abandon();

 private:
  void Arm();
  void Look();

  const Clock& clock_;
  http::Executor& executor_;
  const std::function<void()> go_off_;
  std::map<CampaignId, Timestamp> moments_;
  std::set<std::pair<Timestamp, CampaignId>> in_order_;  // the same, the earliest first
  std::unique_ptr<http::Timer> timer_;                   // for the earliest; null without any
  bool abandoned_ = false;
};

}  // namespace coupond::api

#endif  // COUPOND_API_STATE_ALARM_H_
