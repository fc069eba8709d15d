#ifndef COUPOND_TEST_SYSTEM_CRASH_KILL_PLAN_H_
#define COUPOND_TEST_SYSTEM_CRASH_KILL_PLAN_H_

#include <cstddef>
#include <cstdint>
#include <random>
#include <string_view>

namespace coupond::test {

/// When the server is killed. Two that come while it starts follow each other without service in
/// between: killed twice in a row.
enum class KillMoment : std::uint8_t {
  kAfterAcknowledgements,  ///< under load, after so many answers
  kAfterTime,              ///< under load, after so long
  kWhileStarting,          ///< while it makes or opens its store and recovers
  kWhileStopping,          ///< under load, and told to stop a moment before
};

/// "under load" and so on.
[[nodiscard]] std::string_view KillMomentName(KillMoment moment);

struct Kill {
  KillMoment moment = KillMoment::kAfterAcknowledgements;
  std::uint64_t acknowledgements = 0;  ///< before the kill or, kWhileStopping, before SIGTERM
  /// kAfterTime: of kLoadTimeMax. kWhileStarting, kWhileStopping: of what the last start or stop
  /// took, so a little more than 1 may find it done.
  double fraction = 0;
};

/// The kills of a run, one after the other: a function of the seed. The first meets a store that is
/// being made. One thread.
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
