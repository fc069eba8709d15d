#ifndef COUPOND_TEST_SYSTEM_CRASH_KILL_PLAN_H_
#define COUPOND_TEST_SYSTEM_CRASH_KILL_PLAN_H_

#include <cstddef>
#include <cstdint>
#include <random>
#include <string_view>

namespace coupond::test {

/// When the server is killed. Two kills in a row during a start leave no service in between.
enum class KillMoment : std::uint8_t {
  kAfterAcknowledgements,  ///< under load, after a number of answers
  kAfterTime,              ///< under load, after a time
  kWhileStarting,          ///< while it creates or opens its store and recovers
  kWhileStopping,          ///< under load, shortly after SIGTERM
};

/// Returns the moment's name in reports.
[[nodiscard]] std::string_view KillMomentName(KillMoment moment);

struct Kill {
  KillMoment moment = KillMoment::kAfterAcknowledgements;
  std::uint64_t acknowledgements = 0;  ///< before the kill; for kWhileStopping, before SIGTERM
  /// For kAfterTime, a fraction of kLoadTimeMax. For kWhileStarting and kWhileStopping, of the
  /// duration of the last start or stop; slightly above 1 it may already be complete.
  double fraction = 0;
};

/// The sequence of kills of a run, a function of the seed. The first one comes while the store is
/// being created. One thread.
class KillPlan {
 public:
  static constexpr std::uint64_t kAcknowledgementsMax = 6'000;

  explicit KillPlan(std::uint64_t seed) : random_(seed) {}
  [[nodiscard]] Kill Next();

 private:
  std::mt19937_64 random_;
  bool first_ = true;
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_SYSTEM_CRASH_KILL_PLAN_H_
