#include "system/crash/kill_plan.h"

#include <utility>

namespace coupond::test {

std::string_view KillMomentName(KillMoment moment) {
  switch (moment) {
    case KillMoment::kAfterAcknowledgements:
      return "under load, after some answers";
    case KillMoment::kAfterTime:
      return "under load, after a time";
    case KillMoment::kWhileStarting:
      return "while starting";
    case KillMoment::kWhileStopping:
      return "while stopping";
  }
  std::unreachable();
}

Kill KillPlan::Next() {
  const std::uint64_t moment = random_() % 20;
  Kill kill{.moment = KillMoment::kAfterAcknowledgements,
            .acknowledgements = 1 + random_() % kAcknowledgementsMax,
            .fraction = static_cast<double>(random_() % 1'100) / 1'000};
  if (std::exchange(first_, false) || moment < 5) {
    kill.moment = KillMoment::kWhileStarting;
  } else if (moment < 9) {
    kill.moment = KillMoment::kWhileStopping;
  } else if (moment < 13) {
    kill.moment = KillMoment::kAfterTime;
  }
  return kill;
}

}  // namespace coupond::test
