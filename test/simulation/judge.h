#ifndef COUPOND_TEST_SIMULATION_JUDGE_H_
#define COUPOND_TEST_SIMULATION_JUDGE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/rules/command.h"
#include "engine/rules/timestamp.h"
#include "engine/sequencer/reply.h"
#include "simulation/coverage.h"
#include "simulation/simulated_log.h"
#include "simulation/trace.h"
#include "support/model.h"

namespace coupond::simulation {

/// Holds every reply, and every event on the disk, against the model, in the order of the log.
///
/// A group whose fate is open (the process died, or the append failed) is judged at the next start,
/// when the disk tells: then the commands happened, all of them, at the group's time, or none did,
/// and nobody may have been told anything that rests on them. One thread.
class Judge {
 public:
  /// `model` is what must hold after the log's first group, and `created_at` that group's time.
  Judge(const SimulatedLog& log, test::Model model, Timestamp created_at, Coverage& coverage,
        Trace& trace);

  /// A command is in the queue. Tickets are 1, 2, 3, … in the order of the queue.
  void OnSubmitted(std::uint64_t ticket, const Command& command);
  /// The sequencer is about to take all that waits.
  void OnGroupBegins(Timestamp clock_now, bool fenced);
  void OnReply(const TicketedReply& reply);
  /// The sequencer has come back.
  void OnGroupEnds();
  /// The process is gone and the log opened again; what was in the queue is gone, too.
  void OnRestart();

  [[nodiscard]] const test::Model& model() const { return model_; }
  [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }
  /// What the sequencer should take for the time, whatever the clock says.
  [[nodiscard]] Timestamp time_reached() const { return time_reached_; }

 private:
  struct Submitted {
    std::uint64_t ticket = 0;
    Command command;
    std::optional<Reply> reply;
  };

  /// The commands of the group happened, in this order, at that time. `disk_group` is what the log
  /// holds of them; null: nothing.
  void JudgeGroup(Timestamp time, const CommitGroup* disk_group);
  void CheckNothingHappened(bool outcome_unknown) const;
  void Count(const test::ModelOutcome& outcome);

  const SimulatedLog& log_;
  Coverage& coverage_;
  Trace& trace_;
  test::Model model_;
  std::vector<Submitted> waiting_;
  std::vector<Submitted> group_;         // taken, and not yet judged
  std::vector<Submitted> failed_group_;  // whose append failed: the next start shows its fate
  std::size_t judged_groups_ = 1;        // of the log
  Timestamp time_reached_;               // of the last decision of this process
  Timestamp group_time_;                 // what the time of group_ must be
  Timestamp failed_group_time_;
  bool fenced_ = false;  // before group_ was taken
};

}  // namespace coupond::simulation

#endif  // COUPOND_TEST_SIMULATION_JUDGE_H_
