#ifndef COUPOND_TEST_SIMULATION_SIMULATED_OPERATOR_H_
#define COUPOND_TEST_SIMULATION_SIMULATED_OPERATOR_H_

#include <cstddef>
#include <vector>

#include "engine/ports/clock.h"
#include "simulation/histories.h"
#include "simulation/judge.h"
#include "simulation/random.h"
#include "simulation/simulated_clients.h"
#include "simulation/simulated_log.h"
#include "simulation/simulated_views.h"
#include "simulation/simulated_watermark.h"
#include "support/model.h"

namespace coupond::simulation {

/// Makes backups of the store, and puts it back to one of them, also to one that was made in a
/// history that the store has left since. One thread.
class SimulatedOperator {
 public:
  struct World {
    Random& random;
    const Clock& clock;
    SimulatedLog& log;
    SimulatedViews& views;
    SimulatedWatermark& watermark;
    Judge& judge;
    SimulatedClients& clients;
    Histories& histories;
    Coverage& coverage;
    Trace& trace;
  };

  explicit SimulatedOperator(const World& world) : world_(world) {}

  /// Makes a backup, unless the judge does not yet know what happened. A few are kept.
  void MakeBackup();
  [[nodiscard]] bool has_backup() const { return !backups_.empty(); }
  /// Puts the store back, as `coupon-audit restore` does, while no process has it open. Does
  /// nothing if too few serials are left.
  void PutBack();

 private:
  struct Backup {
    SimulatedLog::Contents log;
    test::Model model;  ///< of those groups
    std::size_t history = 0;
    bool used = false;
  };

  World world_;
  std::vector<Backup> backups_;  // the oldest first
};

}  // namespace coupond::simulation

#endif  // COUPOND_TEST_SIMULATION_SIMULATED_OPERATOR_H_
