#include "simulation/simulated_texts.h"

#include <algorithm>
#include <cstdint>

#include "simulation/violation.h"

namespace coupond::simulation {
namespace {

constexpr std::uint64_t kPurgesPerCrash = 8;

}  // namespace

Result<bool> SimulatedTexts::Purge(const TextPlaces& places, const std::atomic<bool>& stop) {
  CheckPlaces(places);
  if (stop) return MakeError(ErrorCode::kUnavailable, "simulated: stopped");
  world_.trace.Add("texts are purged from {} groups and {} campaigns", places.groups.size(),
                   places.campaigns.size());
  // A purge is rare, and what was removed by then is not to come back.
  if (world_.plan.crash_one_in != 0 && world_.random.OneIn(kPurgesPerCrash)) {
    const std::uint64_t passes = 3 + places.groups.size() + places.campaigns.size();
    world_.crash_points.Arm(world_.random.Between(1, passes));
  }
  world_.crash_points.Pass(Counter::kCrashesBeforeAPurge);
  const bool fails = world_.random.Percent(world_.plan.purge_fails_percent);
  const bool waits = !fails && world_.random.Percent(world_.plan.purge_waits_percent);
  // How much of it is done before that.
  const std::uint64_t part = fails || waits ? world_.random.Below(3) : 3;
  if (part == 0) return FailOrWait(fails);
  PurgeLog(places);
  world_.crash_points.Pass(Counter::kCrashesBetweenLogAndViewsInAPurge);
  if (part == 1) return FailOrWait(fails);
  PurgeViews(places);
  world_.crash_points.Pass(Counter::kCrashesAfterAPurge);
  if (part == 2) return FailOrWait(fails);
  world_.coverage.Count(Counter::kPurges);
  purged_ = true;
  return true;
}

Result<bool> SimulatedTexts::FailOrWait(bool fails) {
  world_.coverage.Count(fails ? Counter::kPurgesFailed : Counter::kPurgesThatWait);
  if (fails) return MakeError(ErrorCode::kNoSpace, "simulated: no file can be rewritten");
  return false;
}

void SimulatedTexts::CheckPlaces(const TextPlaces& places) const {
  const auto has_order = [](const auto& numbers) {
    return std::ranges::adjacent_find(numbers, std::ranges::greater_equal()) == numbers.end();
  };
  Demand(has_order(places.groups) && has_order(places.campaigns) && !places.campaigns.empty() &&
             (places.groups.empty() || places.groups.back() <= world_.log.Tip().group),
         "texts are purged where there are some", [&] {
           return std::to_string(places.groups.size()) + " groups and " +
                  std::to_string(places.campaigns.size()) + " campaigns";
         });
}

void SimulatedTexts::PurgeLog(const TextPlaces& places) {
  for (const GroupNumber group : places.groups) {
    world_.log.RemoveHiddenTexts(group);
    world_.crash_points.Pass(Counter::kCrashesInAPurge);
  }
}

void SimulatedTexts::PurgeViews(const TextPlaces& places) {
  // What is in memory alone could not be put together with the texts in the files.
  if (!world_.views.flushed()) static_cast<void>(world_.views.Flush());
  for (const CampaignNumber campaign : places.campaigns) {
    world_.views.RemoveLostTexts(campaign);
    world_.crash_points.Pass(Counter::kCrashesInAPurge);
  }
}

}  // namespace coupond::simulation
