#include "simulation/simulation.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <variant>

#include "engine/rules/ledger.h"
#include "simulation/checks.h"
#include "simulation/crash_points.h"
#include "simulation/erasure_check.h"
#include "simulation/first_group.h"
#include "simulation/histories.h"
#include "simulation/judge.h"
#include "simulation/log_replay.h"
#include "simulation/plan.h"
#include "simulation/random.h"
#include "simulation/simulated_clients.h"
#include "simulation/simulated_clock.h"
#include "simulation/simulated_erasures.h"
#include "simulation/simulated_log.h"
#include "simulation/simulated_operator.h"
#include "simulation/simulated_process.h"
#include "simulation/simulated_texts.h"
#include "simulation/simulated_views.h"
#include "simulation/simulated_watermark.h"
#include "simulation/trace.h"
#include "support/recording_channel.h"

namespace coupond::simulation {
namespace {

constexpr std::uint64_t kStepsPerWatermark = 8;
constexpr std::uint64_t kStepsPerLookAtTheClock = 40;
constexpr std::uint64_t kStepsAfterFence = 8;  // roughly until the process has exited
constexpr std::uint64_t kRoundsToSettle = 100'000;
constexpr std::uint64_t kCouponsPerQuery = 50;
constexpr std::size_t kLastSteps = 60;

class Simulation {
 public:
  explicit Simulation(const SimulationOptions& options)
      : options_(options), random_(options.seed), plan_(DrawPlan(random_)) {}

  SimulationResult Run() {
    SimulationResult result{
        .seed = options_.seed, .coverage = {}, .violation = {}, .last_steps = {}};
    try {
      CreateStore();
      Restart(SimulatedViews::Fate::kLastFlush);
      while (clients_.submitted() < options_.commands) Guarded([this] { Step(); });
      Settle();
      CheckTheEnd();
    } catch (Violation& violation) {
      result.violation = std::move(violation);
      result.last_steps = trace_.Last(kLastSteps);
    }
    result.commands = clients_.submitted();
    result.digest = trace_.digest();
    result.coverage = coverage_;
    return result;
  }

 private:
  Engine& engine() { return process_->engine(); }

  void CreateStore() {
    const Status created = log_.Append(store_.group);
    Demand(created.has_value(), "the store can be created",
           [&] { return created.error().message; });
    if (plan_.backup_one_in != 0 && random_.OneIn(2)) operator_.MakeBackup();
  }

  /// Ends the process by a crash, and starts the next one.
  template <typename Turn>
  void Guarded(Turn turn) {
    try {
      turn();
    } catch (const Crash&) {
      Restart(DrawFate());
    }
  }

  void Step() {
    clock_.Move();
    if (random_.OneIn(plan_.crash_one_in)) {
      if (random_.OneIn(8)) crash_points_.End(Counter::kCrashesWhenIdle);
      crash_points_.Arm(random_.Between(1, plan_.crash_passes_max));
    }
    if (random_.OneIn(kStepsPerLookAtTheClock)) AcceptClock();
    if (random_.OneIn(plan_.clean_stop_one_in)) return StopAndStart();
    if (random_.OneIn(plan_.erase_one_in)) erasures_.Ask(engine());
    if (random_.OneIn(plan_.backup_one_in)) operator_.MakeBackup();
    if (operator_.has_backup() && random_.OneIn(plan_.put_back_one_in)) {
      Restart(DrawFate(), /*put_back=*/true);
      return;
    }
    if (random_.OneIn(kStepsPerWatermark)) watermark_.Write();
    // A fenced process answers queries until it has exited.
    if (engine().fenced() && random_.OneIn(kStepsAfterFence)) {
      trace_.Add("the process exits because of the fence");
      Restart(DrawFate());
      return;
    }
    TakeATurn();
  }

  void TakeATurn() {
    std::uint64_t turn =
        random_.Below(plan_.client_weight + plan_.sequencer_weight + plan_.projector_weight +
                      plan_.network_weight + plan_.query_weight + plan_.eraser_weight);
    const auto is_of = [&turn](std::uint64_t weight) {
      const bool mine = turn < weight;
      turn -= mine ? 0 : weight;
      return mine;
    };
    if (is_of(plan_.client_weight)) {
      if (random_.Percent(plan_.give_up_percent)) return clients_.GiveUp();
      return clients_.Send(engine(), std::max(process_->ReadClock().now, judge_.time_reached()));
    }
    if (is_of(plan_.sequencer_weight)) return ProcessGroup();
    if (is_of(plan_.projector_weight)) return Project();
    if (is_of(plan_.network_weight)) return clients_.Hear();
    if (is_of(plan_.eraser_weight)) return erasures_.Step(engine());
    Query();
  }

  void ProcessGroup() {
    if (judge_.waiting() == 0) {
      Demand(!engine().StepSequencer(), "without commands there is nothing to do",
             [] { return "the sequencer handled an empty group"; });
      return;
    }
    if (random_.OneIn(plan_.append_fails_one_in)) {
      log_.FailNextAppend(static_cast<SimulatedLog::Fault>(random_.Below(4)));
    }
    judge_.OnGroupBegins(process_->ReadClock(), engine().fenced());
    const bool handled = engine().StepSequencer();
    Demand(handled, "commands that wait are handled",
           [] { return "the sequencer saw no command"; });
    erasures_.OnGroupEnds();
    judge_.OnGroupEnds();
    Demand(!log_.failed() || engine().fenced(), "a failed append raises the fence",
           [] { return "it is not raised"; });
    Demand(engine().durable_sequence() == log_.synced_sequence(),
           "the sequencer knows what is durable", [&] {
             return Numbered("it says", engine().durable_sequence()) +
                    Numbered(", the log is synced up to", log_.synced_sequence());
           });
  }

  /// Makes the process go by the machine's clock, if there is a dispute.
  void AcceptClock() {
    const ClockReading reading = process_->ReadClock();
    const bool is_open = reading.disputed || engine().log_is_ahead();
    if (!is_open || judge_.waiting() > 0 || engine().fenced()) return;
    const Timestamp shown = reading.disputed.value_or(reading.now);
    judge_.OnAcceptBegins(shown);
    test::RecordingChannel channel;
    const auto pushed = engine().Submit({.command = {},
                                         .channel = &channel,
                                         .ticket = 1,
                                         .key = kOperatorsKey,
                                         .accepts_clock = shown});
    Demand(pushed == CommandQueue::Push::kAccepted && engine().StepSequencer(),
           "commands that wait are handled", [] { return "an operator was not heard"; });
    trace_.Add("an operator accepts the clock");
    if (const auto accepted = judge_.OnAccepted(channel.replies().at(1))) {
      process_->OnAccept(*accepted);
    }
  }

  void Project() {
    if (random_.OneIn(plan_.view_write_fails_one_in)) views_.FailNextWrite();
    engine().StepProjector();
  }

  void ProjectAll() {
    while (engine().StepProjector()) {
    }
    // A query must see everything that is durable now, unless the views have failed.
    const Sequence durable = engine().durable_sequence();
    bool answered = false;
    const bool taken = engine().Query([&](const Status& ready) {
      answered = true;
      Demand(ready || engine().fenced(), "everyone reads their own writes",
             [&] { return ready.error().message; });
    });
    Demand(taken && engine().StepQueries() && answered, "every query is answered",
           [] { return "one was not"; });
    Demand(engine().fenced() || views_.checkpoint() >= durable, "everyone reads their own writes",
           [&] {
             return Numbered("the views are at", views_.checkpoint()) +
                    Numbered(" instead of", durable);
           });
  }

  void Query() {
    if (random_.OneIn(4)) ProjectAll();
    const Sequence checkpoint = views_.checkpoint();
    coverage_.Count(checkpoint < log_.synced_sequence() ? Counter::kQueriesOfViewsThatLag
                                                        : Counter::kQueriesOfViewsUpToDate);
    const auto& campaigns = judge_.model().campaigns();
    if (campaigns.empty()) return;
    const std::uint64_t oldest = campaigns.begin()->first.value();
    const std::uint64_t newest = campaigns.rbegin()->first.value();
    const auto& campaign = campaigns.at(CampaignNumber(random_.Between(oldest, newest)));
    const std::uint64_t first = random_.Below(campaign.IssuedAt(checkpoint) + 1);
    coverage_.Count(Counter::kCouponsRead,
                    CheckCampaignView(views_, campaign, checkpoint, first, kCouponsPerQuery));
    if (campaign.coupons.empty()) return;
    coverage_.Count(Counter::kCouponsFound);
    CheckCouponView(views_, campaign, checkpoint, random_.Below(campaign.coupons.size()));
  }

  void StopAndStart() {
    while (judge_.waiting() > 0) ProcessGroup();
    engine().Stop();
    clients_.HearAll();
    if (engine().fenced()) {
      Restart(DrawFate());
      return;
    }
    watermark_.Write();
    coverage_.Count(Counter::kCleanStops);
    trace_.Add("clean stop at sequence {}", log_.synced_sequence().value());
    Demand(views_.flushed() && views_.checkpoint() == log_.synced_sequence(),
           "a clean stop leaves the views up to date and flushed", [&] {
             return Numbered("they are at", views_.checkpoint()) +
                    Numbered(", the log ends at", log_.synced_sequence());
           });
    const bool at_once = Restart(SimulatedViews::Fate::kLastFlush);
    Demand(!at_once || process_->groups_read() == 0, "after a clean stop there is nothing to read",
           [&] { return std::to_string(process_->groups_read()) + " groups were read"; });
  }

  SimulatedViews::Fate DrawFate() {
    if (random_.Percent(plan_.views_lost_percent)) {
      return random_.OneIn(2) ? SimulatedViews::Fate::kLost : SimulatedViews::Fate::kEarlierFlush;
    }
    return random_.OneIn(2) ? SimulatedViews::Fate::kLastFlush : SimulatedViews::Fate::kLaterWrite;
  }

  /// Starts the next process after a crash, and another if that one crashes while it recovers. The
  /// store may be put back before. Returns whether the first one came up.
  bool Restart(SimulatedViews::Fate fate, bool put_back = false) {
    for (bool first = true;; first = false) {
      crash_points_.Disarm();
      process_.reset();
      clients_.OnCrash();
      erasures_.OnCrash();
      log_.Restart(random_.Percent(plan_.unsynced_kept_percent));
      views_.Restart(fate, random_.Next());
      watermark_.Restart();
      judge_.OnRestart();
      if (std::exchange(put_back, false)) PutBack();
      try {
        Start();
        return first;
      } catch (const Crash&) {
        fate = DrawFate();
      }
    }
  }

  void PutBack() {
    clients_.CheckWhatWasTold(log_, /*all=*/false);
    operator_.PutBack();
    replay_ = LogReplay();
  }

  void Start() {
    if (random_.Percent(plan_.crash_in_recovery_percent)) {
      const std::uint64_t groups = log_.groups().size() - 1;
      crash_points_.Arm(random_.Between(1, plan_.crash_passes_max + groups));
    }
    const bool from_checkpoint = views_.checkpoint() > Sequence(0);
    process_ = std::make_unique<SimulatedProcess>(SimulatedProcess::World{
        .plan = plan_,
        .random = random_,
        .clock = clock_,
        .log = log_,
        .views = views_,
        .watermark = watermark_,
        .texts = texts_,
    });
    coverage_.Count(Counter::kRecoveries);
    if (from_checkpoint) coverage_.Count(Counter::kRecoveriesFromACheckpoint);
    if (process_->groups_read() == 0) coverage_.Count(Counter::kRecoveriesWithNothingToRead);
    CheckRecovered();
  }

  void CheckRecovered() {
    const Ledger& ledger = engine().ledger();
    CheckLedger(ledger, judge_.model());
    replay_.Follow(log_.groups());
    const std::uint64_t digest = ledger.Digest();
    trace_.Add("recovered {} groups of {}, ledger {}", process_->groups_read(),
               log_.groups().size(), digest);
    Demand(digest == replay_.ledger().Digest(), "recovery gives the same as a full replay",
           [] { return "the ledgers' digests differ"; });
    clients_.CheckWhatWasTold(log_, /*all=*/false);
    if (random_.OneIn(2)) ProjectAll();
    CheckViews(views_, judge_.model(), log_);
    CheckNobodyReadsErased(log_);
    CheckFinishedErasures(log_, views_);
    if (engine().eraser().progress().unfinished_coupons > 0) {
      coverage_.Count(Counter::kErasuresResumed);
    }
  }

  /// Stops all faults and new requests: every open request, and every erasure, must then come to an
  /// end.
  void Settle() {
    plan_.crash_one_in = 0;
    plan_.crash_in_recovery_percent = 0;
    plan_.append_fails_one_in = 0;
    plan_.clock_jump_one_in = 0;
    plan_.view_write_fails_one_in = 0;
    plan_.purge_fails_percent = 0;
    plan_.purge_waits_percent = 0;
    Restart(DrawFate());
    for (std::uint64_t round = 0; !clients_.settled() || !erasures_.settled(engine()); ++round) {
      Demand(round < kRoundsToSettle, "every request comes to an end",
             [] { return "some are still open"; });
      clock_.Move();
      if (random_.OneIn(kStepsPerLookAtTheClock)) AcceptClock();
      clients_.Repeat(engine());
      erasures_.Repeat(engine());
      erasures_.Step(engine());
      if (random_.OneIn(4)) engine().StepProjector();
      if (random_.OneIn(4)) ProcessGroup();
      if (random_.OneIn(4)) clients_.HearAll();
    }
  }

  void CheckTheEnd() {
    StopAndStart();
    CheckLog(log_);
    CheckAllErasuresFinished(log_);
    clients_.CheckWhatWasTold(log_, /*all=*/true);
    const std::uint64_t before = engine().ledger().Digest();
    Restart(SimulatedViews::Fate::kLost);
    LogReplay replay;
    replay.Follow(log_.groups());
    Demand(engine().ledger().Digest() == before && before == replay.ledger().Digest(),
           "losing the views loses nothing", [] { return "the ledgers' digests differ"; });
    ProjectAll();
    CheckViews(views_, judge_.model(), log_);
  }

  const SimulationOptions options_;
  Random random_;
  Plan plan_;
  Coverage coverage_;
  Trace trace_;
  CrashPoints crash_points_{coverage_, trace_};
  SimulatedClock clock_{plan_, random_, coverage_, trace_};
  SimulatedLog log_{crash_points_, coverage_, trace_};
  SimulatedViews views_{log_, crash_points_, coverage_};
  SimulatedWatermark watermark_{log_, crash_points_};
  const FirstGroup store_ = MakeFirstGroup(plan_.serials_left, clock_.Now());
  Judge judge_{log_, store_.model, clock_.Now(), coverage_, trace_};
  Histories histories_;
  SimulatedClients clients_{{plan_, random_, judge_, histories_, crash_points_, coverage_, trace_}};
  SimulatedTexts texts_{{plan_, random_, log_, views_, crash_points_, coverage_, trace_}};
  SimulatedErasures erasures_{
      {plan_, random_, log_, views_, texts_, judge_, clients_, crash_points_, coverage_, trace_}};
  SimulatedOperator operator_{
      {random_, clock_, log_, views_, watermark_, judge_, clients_, histories_, coverage_, trace_}};
  LogReplay replay_;
  std::unique_ptr<SimulatedProcess> process_;
};

}  // namespace

SimulationResult Simulate(const SimulationOptions& options) { return Simulation(options).Run(); }

}  // namespace coupond::simulation
