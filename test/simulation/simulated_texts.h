#ifndef COUPOND_TEST_SIMULATION_SIMULATED_TEXTS_H_
#define COUPOND_TEST_SIMULATION_SIMULATED_TEXTS_H_

#include <atomic>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/ports/text_purge.h"
#include "simulation/crash_points.h"
#include "simulation/plan.h"
#include "simulation/random.h"
#include "simulation/simulated_log.h"
#include "simulation/simulated_views.h"

namespace coupond::simulation {

/// Removes texts from the simulated disk, first from the log, group by group, then from the views.
/// It may fail, or have to wait for readers, and the process may die at any point of it. One
/// thread.
class SimulatedTexts final : public TextPurge {
 public:
  struct World {
    const Plan& plan;
    Random& random;
    SimulatedLog& log;
    SimulatedViews& views;
    CrashPoints& crash_points;
    Coverage& coverage;
    Trace& trace;
  };

  explicit SimulatedTexts(const World& world) : world_(world) {}

  void Hide(std::span<const Serial> coupons) override { world_.log.Hide(coupons); }
  void Forget(std::span<const Serial> coupons) override { world_.log.Show(coupons); }
  /// Also checks that it is told of places that there are, in order.
  [[nodiscard]] Result<bool> Purge(const TextPlaces& places,
                                   const std::atomic<bool>& stop) override;
  [[nodiscard]] std::vector<std::string> FindCopies() const override { return {}; }

  /// Reports whether a purge has removed everything since the last call.
  [[nodiscard]] bool TakePurged() { return std::exchange(purged_, false); }

 private:
  [[nodiscard]] Result<bool> FailOrWait(bool fails);
  void CheckPlaces(const TextPlaces& places) const;
  void PurgeLog(const TextPlaces& places);
  void PurgeViews(const TextPlaces& places);

  World world_;
  bool purged_ = false;
};

}  // namespace coupond::simulation

#endif  // COUPOND_TEST_SIMULATION_SIMULATED_TEXTS_H_
