#ifndef COUPOND_TEST_SIMULATION_SIMULATED_WATERMARK_H_
#define COUPOND_TEST_SIMULATION_SIMULATED_WATERMARK_H_

#include <memory>

#include "engine/ports/event_log.h"
#include "simulation/crash_points.h"
#include "simulation/simulated_log.h"
#include "simulation/violation.h"

namespace coupond::simulation {

/// The watermark on a simulated disk: it learns of each durable group, and is written now and then.
/// It may lag behind the log, but never leads. One thread.
class SimulatedWatermark final : public CommitListener {
 public:
  SimulatedWatermark(const SimulatedLog& log, CrashPoints& crash_points)
      : log_(log), crash_points_(crash_points) {}

  void OnCommit(const std::shared_ptr<const CommitGroup>& group, const LogTip& tip) override {
    Demand(tip == log_.Tip() && group->number == tip.group && *group == log_.groups().back(),
           "listeners are told of durable groups, in order", [&] {
             return Numbered("told of group", tip.group) +
                    Numbered(", the log ends at group", log_.Tip().group);
           });
    told_ = tip;
    crash_points_.Pass(Counter::kCrashesInAListener);
  }

  /// Does one step of the watermark's own thread.
  void Write() { written_ = told_; }
  /// The process died: a watermark that was not written is lost, and the log must reach at least as
  /// far as the one that was.
  void Restart() {
    told_ = written_;
    const LogTip tip = log_.Tip();
    Demand(written_.group <= tip.group &&
               (written_.group == GroupNumber(0) || log_.hash(written_.group) == written_.hash),
           "the watermark never leads the log", [&] {
             return Numbered("it says group", written_.group) +
                    Numbered(", the log ends at group", tip.group);
           });
  }
  /// The log was put back, and its watermark written.
  void PutBack() { told_ = written_ = log_.Tip(); }

 private:
  const SimulatedLog& log_;
  CrashPoints& crash_points_;
  LogTip told_;
  LogTip written_;
};

}  // namespace coupond::simulation

#endif  // COUPOND_TEST_SIMULATION_SIMULATED_WATERMARK_H_
