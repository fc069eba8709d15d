#ifndef COUPOND_TEST_SIMULATION_SIMULATED_ERASURES_H_
#define COUPOND_TEST_SIMULATION_SIMULATED_ERASURES_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "simulation/crash_points.h"
#include "simulation/erasure_forecast.h"
#include "simulation/judge.h"
#include "simulation/plan.h"
#include "simulation/random.h"
#include "simulation/simulated_clients.h"
#include "simulation/simulated_log.h"
#include "simulation/simulated_texts.h"
#include "simulation/simulated_views.h"

namespace coupond::simulation {

/// Those who have users erased, and the eraser's turns. They ask for several at once, repeat
/// requests whose outcome they do not know, and compare each answer with the disk. One thread.
class SimulatedErasures {
 public:
  struct World {
    const Plan& plan;
    Random& random;
    const SimulatedLog& log;
    const SimulatedViews& views;
    SimulatedTexts& texts;
    Judge& judge;
    SimulatedClients& clients;
    CrashPoints& crash_points;
    Coverage& coverage;
    Trace& trace;
  };

  explicit SimulatedErasures(const World& world)
      : world_(world), forecast_(world.log, world.plan.found_texts) {}

  /// Asks for some users to be erased, new ones and those of whom nobody knows the outcome.
  void Ask(Engine& engine);
  /// Asks once more for one of whom nobody knows the outcome, and for nothing new.
  void Repeat(Engine& engine);
  /// Lets the eraser take a step.
  void Step(Engine& engine);
  /// Checks what the sequencer has written, if it says that erasures are finished.
  void OnGroupEnds() const;
  /// The process died: the requests stay open.
  void OnCrash();

  /// Reports whether nobody waits for anything, and the process has nothing left to erase.
  [[nodiscard]] bool settled(const Engine& engine) const {
    return open_.empty() && repeats_.empty() && engine.eraser().progress().unfinished_coupons == 0;
  }

 private:
  struct Asked {
    ErasureRequest request;
    Sequence log_end;  ///< when the eraser was asked
  };

  [[nodiscard]] ErasureRequest Draw();
  /// Returns a user who may have coupons.
  [[nodiscard]] std::string DrawUser();
  [[nodiscard]] std::optional<RequestKey> DrawRequest();
  void Submit(Engine& engine, ErasureRequest request);
  void OnAnswer(std::uint64_t id, const ErasureOutcome& outcome);
  void CheckReport(const Asked& asked, const ErasureReport& report) const;
  /// Puts the eraser's command into the judge's books.
  void NoteSubmitted(const Command& command);

  World world_;
  ErasureForecast forecast_;
  std::uint64_t last_id_ = 0;
  std::map<std::uint64_t, Asked> open_;  // in the eraser
  std::vector<ErasureRequest> repeats_;
  std::vector<ErasureRequest> old_;  // the latest few with request ids
};

}  // namespace coupond::simulation

#endif  // COUPOND_TEST_SIMULATION_SIMULATED_ERASURES_H_
