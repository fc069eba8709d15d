#ifndef COUPOND_TEST_SIMULATION_JUDGE_H_
#define COUPOND_TEST_SIMULATION_JUDGE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <unordered_set>
#include <utility>
#include <vector>

#include "engine/ports/clock.h"
#include "engine/rules/command.h"
#include "engine/rules/ids.h"
#include "engine/rules/timestamp.h"
#include "engine/sequencer/reply.h"
#include "simulation/coverage.h"
#include "simulation/simulated_log.h"
#include "simulation/trace.h"
#include "support/model.h"

namespace coupond::simulation {

/// The key with which an operator may accept what the machine's clock shows.
inline constexpr KeyId kOperatorsKey{99};

/// Compares every reply, and every event on the disk, with the model, in the order of the log.
///
/// A group whose fate is unknown (the process died, or the append failed) is judged at the next
/// start, by what is on the disk: either all of its commands happened, at the group's time, or none
/// did, and then no reply may rest on them. No serial may be on the disk twice, even if the store
/// was put back to before the first time. One thread.
class Judge {
 public:
  /// `model` is what must hold after the log's first group, and `created_at` that group's time.
  Judge(const SimulatedLog& log, test::Model model, Timestamp created_at, Coverage& coverage,
        Trace& trace);

  /// Records that a command is in the queue. Tickets are 1, 2, 3, … in the order of the queue.
  /// The eraser keeps the replies to its commands to itself.
  enum class From : std::uint8_t { kClients, kEraser };
  void OnSubmitted(std::uint64_t ticket, const Command& command, KeyId key,
                   From from = From::kClients);
  /// Records that the sequencer is about to take what waits, as far as it fits into one group.
  void OnGroupBegins(const ClockReading& clock, bool fenced);
  void OnReply(const TicketedReply& reply);
  /// Records that the sequencer has returned.
  void OnGroupEnds();
  /// Records that the process died and the log was opened again; the queue is lost too.
  void OnRestart();

  /// Records that an operator is about to make the process go by the machine's clock, which shows
  /// `time`. Nothing must wait.
  void OnAcceptBegins(Timestamp time);
  /// Records the reply. Returns the time from which the process goes on, or nullopt if the log has
  /// failed.
  std::optional<Timestamp> OnAccepted(const Reply& reply);

  /// Records that the store was put back after the last restart: its log is what the model knows.
  void OnPutBack(test::Model model);

  [[nodiscard]] const test::Model& model() const { return model_; }
  /// Reports whether the model knows all that is on the disk, and nothing else may still be there.
  [[nodiscard]] bool has_judged_all() const {
    return group_.empty() && failed_group_.empty() && judged_groups_ == log_.groups().size();
  }
  [[nodiscard]] std::size_t waiting() const { return waiting_.size() + taken_.size(); }
  /// Reports whether a command of the eraser's is not answered yet.
  [[nodiscard]] bool has_erasers_command() const;
  /// Returns the time that the sequencer should use, whatever the clock says.
  [[nodiscard]] Timestamp time_reached() const { return time_reached_; }

 private:
  struct Submitted {
    std::uint64_t ticket = 0;
    Command command;
    KeyId key;
    std::optional<Reply> reply;
    From from = From::kClients;
  };

  /// Judges a command for which the two times of the clock may differ in their outcomes. Returns
  /// nullopt, and leaves the model alone, if they do.
  std::optional<test::ModelOutcome> JudgeInDispute(const Submitted& submitted, Timestamp time);
  /// Judges a reply that must be a refusal because of the clock.
  void CheckRefused(const Submitted& submitted, const Refusal& expected) const;
  /// Checks the group with which time was put back.
  void JudgeReset(const CommitGroup& group);
  [[nodiscard]] bool is_log_ahead() const {
    return time_reached_.Since(group_clock_.now) > kClockSlack;
  }

  /// Applies the commands of the group to the model, in this order, at that time. `disk_group` is
  /// their group in the log; null: none.
  void JudgeGroup(Timestamp time, const CommitGroup* disk_group);
  void TakeGroup();
  void CheckNothingHappened(bool outcome_unknown) const;
  /// Checks what a batch that was answered was told of each of its coupons.
  void CheckResults(const Submitted& submitted, const test::ModelOutcome& expected) const;
  /// Checks that the coupon of an event, if it has one, is new.
  void NoteIssued(const Event& event);

  // judge_coverage.cc has these.
  void Count(const test::ModelOutcome& outcome, const Command& command, Timestamp time);
  void CountEnded(const Command& command, Timestamp time);
  void CountIssued(const test::ModelOutcome& outcome);
  void CountBatch(const test::ModelOutcome& outcome);
  void CountChanged(const test::ModelOutcome& outcome, const Command& command);
  void CountUpdated(const CampaignUpdated& event);
  void CountRedeemed(const Command& command, const CouponRedeemed& event);
  void CountVoided(const CouponVoided& event);
  void CountErased(const test::ModelOutcome& outcome);
  /// Counts a repetition of a redemption that was canceled meanwhile.
  void CountRepeated(const Command& command);
  /// Counts a cancel that names another redemption than the present one.
  void CountNotRedeemed(const Command& command);

  const SimulatedLog& log_;
  Coverage& coverage_;
  Trace& trace_;
  test::Model model_;
  std::vector<Submitted> waiting_;
  std::vector<Submitted> taken_;         // from the queue, and not yet in a group
  std::vector<Submitted> group_;         // taken, and not yet judged
  std::vector<Submitted> failed_group_;  // whose append failed: the next start shows its fate
  std::size_t judged_groups_ = 1;        // of the log
  Timestamp time_reached_;               // of the last decision of this process
  Timestamp group_time_;                 // what the time of group_ must be
  ClockReading group_clock_;             // when group_ began
  std::optional<Timestamp> accepting_;   // an operator does
  Timestamp failed_group_time_;
  ClockReading failed_group_clock_;
  bool fenced_ = false;                // before group_ was taken
  std::unordered_set<Serial> issued_;  // in any history
  std::set<std::pair<CampaignNumber, Claim>> freed_;
  std::set<std::pair<CampaignNumber, Claim>> freed_by_erasures_;
};

}  // namespace coupond::simulation

#endif  // COUPOND_TEST_SIMULATION_JUDGE_H_
