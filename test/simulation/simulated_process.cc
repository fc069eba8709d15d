#include "simulation/simulated_process.h"

#include <string>
#include <utility>

#include "engine/sequencer/recovery.h"
#include "engine/views/projection.h"
#include "simulation/violation.h"

namespace coupond::simulation {
namespace {

/// Feeds the projector during recovery, and gives it its turn.
class TailListener final : public CommitListener {
 public:
  TailListener(Projector& projector, Random& random) : projector_(projector), random_(random) {}

  void OnCommit(const std::shared_ptr<const CommitGroup>& group, const LogTip& tip) override {
    ++groups_;
    projector_.OnCommit(group, tip);
    if (random_.OneIn(4)) projector_.ProjectWaiting();
  }
  [[nodiscard]] std::uint64_t groups() const { return groups_; }

 private:
  Projector& projector_;
  Random& random_;
  std::uint64_t groups_ = 0;
};

}  // namespace

SimulatedProcess::SimulatedProcess(const World& world) : queue_(world.plan.queue_capacity) {
  auto projection = Projection::Load(world.views);
  Demand(projection.has_value(), "recovery succeeds", [&] { return projection.error().message; });
  projector_.emplace(
      world.views, std::move(*projection), [this](const Error& error) { fence_.Raise(error); },
      nullptr, limits::kUnprojectedEventsMax, world.plan.events_per_flush);
  TailListener tail(*projector_, world.random);
  auto ledger = Recover(world.log, world.views, tail, {});
  Demand(ledger.has_value(), "recovery succeeds", [&] { return ledger.error().message; });
  groups_read_ = tail.groups();
  sequencer_.emplace(Sequencer::Parts{.log = world.log,
                                      .queue = queue_,
                                      .clock = world.clock,
                                      .fence = fence_,
                                      .listeners = {&*projector_, &world.watermark}},
                     std::move(*ledger));
}

}  // namespace coupond::simulation
