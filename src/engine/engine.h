#ifndef COUPOND_ENGINE_ENGINE_H_
#define COUPOND_ENGINE_ENGINE_H_

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include "base/error.h"
#include "engine/eraser.h"
#include "engine/ports/clock.h"
#include "engine/ports/engine_observer.h"
#include "engine/ports/event_log.h"
#include "engine/ports/text_purge.h"
#include "engine/ports/view_store.h"
#include "engine/rules/ledger.h"
#include "engine/rules/limits.h"
#include "engine/rules/timestamp.h"
#include "engine/sequencer/change_marks.h"
#include "engine/sequencer/command_queue.h"
#include "engine/sequencer/fence.h"
#include "engine/sequencer/recovery.h"
#include "engine/sequencer/sequencer.h"
#include "engine/views/campaign_watch.h"
#include "engine/views/projector.h"
#include "engine/views/query_runner.h"
#include "engine/views/view_head.h"

namespace coupond {

/// The engine as its users see it: commands in, replies out; queries in, answers out. Owns the
/// threads of the sequencer, the projector, the queries and the eraser, and starts and stops them
/// in order.
///
/// Threads: Submit, Query, changes, clock, log_tip, views, watches, view_head, queue_lengths,
/// recovery and eraser from any; Stop once, from the owner's.
class Engine {
 public:
  /// What the engine needs from outside. All of it must outlive the engine.
  struct Ports {
    LogWriter& log;
    const LogReader& stored_log;
    ViewStore& views;
    const Clock& clock;
    Fence& fence;
    /// Called with every durable group, like the projector; may be null.
    CommitListener* commit_listener = nullptr;
    EngineObserver* observer = nullptr;  ///< may be null
    TextPurge* texts = nullptr;          ///< null: no user can be erased
    /// How far the log may end ahead of the clock. Beyond that the engine answers only queries.
    std::chrono::nanoseconds clock_slack = kUnlimited;
    /// How long the sequencer stays awake before it sleeps.
    std::chrono::nanoseconds busy_wait{0};
  };
  struct Capacities {
    std::size_t queue = limits::kCommandQueueMax;
    std::uint64_t events_per_view_flush = limits::kEventsPerViewFlush;
    std::size_t found_texts = Eraser::kFoundMax;
  };

  /// Recovers the ledger and starts the threads. Nothing runs after an error.
  [[nodiscard]] static Result<std::unique_ptr<Engine>> Start(const Ports& ports,
                                                             const RecoveryProgress& progress);
  /// Recovers the ledger and starts no thread: everything is done on the caller's, by the Step
  /// functions and by Stop. `recovering` is called after each group of the log's tail that recovery
  /// reads; it may step the projector, and must when the tail has more than
  /// limits::kUnprojectedEventsMax events. Without Stop, such an engine ends as in a crash.
  [[nodiscard]] static Result<std::unique_ptr<Engine>> StartStepped(
      const Ports& ports, const Capacities& capacities,
      const std::function<void(Engine& engine)>& recovering);
  ~Engine();

  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// Puts a command in the queue. With kAccepted its reply comes to the channel, exactly once; else
  /// nothing happened.
  [[nodiscard]] CommandQueue::Push Submit(QueuedCommand&& command) {
    return queue_.TryPush(std::move(command));
  }
  /// Puts as many of the commands in the queue as there is room for, the first ones.
  [[nodiscard]] CommandQueue::PushedAll SubmitAll(std::span<QueuedCommand> commands) {
    return queue_.TryPushAll(commands);
  }
  /// How long a query's caller may have to wait for others.
  enum class QueryKind : std::uint8_t {
    kShort,
    kLong,  ///< part of an export; runs on its own thread, independently of short queries
  };
  /// Runs a query once the views contain all that is durable now. Those of one kind run one after
  /// another. Returns false if too many wait or the engine is stopping.
  [[nodiscard]] bool Query(QueryRunner::Query query, QueryKind kind = QueryKind::kShort) {
    QueryRunner& runner = kind == QueryKind::kShort ? query_runner_ : long_query_runner_;
    return runner.TryRun(sequencer_->durable_sequence(), std::move(query));
  }
  /// Returns when campaigns last changed. What a query read of a campaign is complete, without
  /// waiting, as long as that is not after the durable_sequence from before the query was asked.
  [[nodiscard]] const ChangeMarks& changes() const { return sequencer_->changes(); }
  /// Returns the clock by which queries answer: that by which commands are decided, but never
  /// before the last decision, unless an operator has put time back since. Its readings have a
  /// disputed time also if the log ends too far ahead of the clock.
  [[nodiscard]] const Clock& clock() const { return query_clock_; }
  /// Returns the views, for use in queries.
  [[nodiscard]] const ViewStore& views() const { return ports_.views; }
  /// Returns the log as it is stored, for reading what is durable; not on a worker's thread.
  [[nodiscard]] const LogReader& stored_log() const { return ports_.stored_log; }
  /// Returns the registry of the campaigns that workers watch.
  [[nodiscard]] CampaignWatches& watches() { return watches_; }
  /// Returns how far the views have come.
  [[nodiscard]] ViewHead& view_head() { return view_head_; }
  [[nodiscard]] const ViewHead& view_head() const { return view_head_; }

  /// The lengths of the engine's queues. They may be out of date at once.
  struct QueueLengths {
    std::size_t commands = 0;
    std::size_t commands_max = 0;
    std::size_t queries = 0;
  };
  [[nodiscard]] QueueLengths queue_lengths() const {
    return {.commands = queue_.size(),
            .commands_max = queue_.capacity(),
            .queries = query_runner_.size() + long_query_runner_.size()};
  }
  /// What the start read.
  struct Recovery {
    std::chrono::nanoseconds time{};  ///< for loading the ledger and reading the log's tail
    std::uint64_t events = 0;         ///< of the log's tail
  };
  [[nodiscard]] const Recovery& recovery() const { return recovery_; }

  /// Returns what erases users.
  [[nodiscard]] Eraser& eraser() { return eraser_; }
  [[nodiscard]] const Eraser& eraser() const { return eraser_; }

  /// Returns where the log ends: nothing after it is durable.
  [[nodiscard]] LogTip log_tip() const { return ports_.log.Tip(); }
  [[nodiscard]] bool fenced() const { return ports_.fence.raised(); }
  /// Reports whether all commands are refused, because the log ends too far ahead of the clock.
  [[nodiscard]] bool log_is_ahead() const {
    return sequencer_->decision_time().Since(ports_.clock.Now()) > ports_.clock_slack;
  }
  /// Reports whether all commands are refused because the log is ahead, and the machine's clock has
  /// been set since the start to what is not before the log's end: then the two agree, as they
  /// would at a start with this clock.
  [[nodiscard]] bool clock_has_caught_up() const;
  /// Goes by the machine's clock if it has caught up.
  void AcceptClockThatCaughtUp() const;
  [[nodiscard]] Sequence durable_sequence() const { return sequencer_->durable_sequence(); }

  /// Each does the next piece of its thread's work, and returns whether there was any. Only for an
  /// engine that was started with StartStepped.
  bool StepSequencer() { return sequencer_->ProcessWaiting(); }
  bool StepProjector() { return projector_.ProjectWaiting(); }
  /// The projector must have been stepped so far that it has all that was durable when it was
  /// asked.
  bool StepQueries() { return query_runner_.RunWaiting() || long_query_runner_.RunWaiting(); }
  bool StepEraser() { return eraser_.Step(); }
  /// Returns the sequencer's ledger. Not to be read while its thread runs.
  [[nodiscard]] const Ledger& ledger() const { return sequencer_->ledger(); }

  /// Answers every command that was taken and every query (those that still wait: kUnavailable),
  /// refuses new ones, brings the views up to date and, unless fenced, to disk, and ends the
  /// threads. Watchers are woken for everything that was done; after that the engine makes no more
  /// calls. A second call does nothing.
  void Stop();

 private:
  class Tail;
  class QueryClock final : public Clock {
   public:
    explicit QueryClock(const Engine& engine) : engine_(engine) {}
    [[nodiscard]] Timestamp Now() const override {
      return std::max(engine_.ports_.clock.Now(), engine_.sequencer_->decision_time());
    }
    [[nodiscard]] ClockReading Read() const override;

   private:
    const Engine& engine_;
  };
  /// Tells both of its members.
  class ViewListeners final : public ViewListener {
   public:
    ViewListeners(CampaignWatches& watches, ViewHead& head) : watches_(watches), head_(head) {}
    void OnViewChanges(const ViewChanges& changes) override {
      watches_.OnViewChanges(changes);
      head_.OnViewChanges(changes);
    }

   private:
    CampaignWatches& watches_;
    ViewHead& head_;
  };

  Engine(const Ports& ports, const Capacities& capacities, Projection projection);
  /// Returns whether the views have everything up to the sequence. Waits for it, unless the engine
  /// is stepped.
  [[nodiscard]] Result<bool> ViewsHave(Sequence sequence);
  /// Recovers the ledger, passing `tail` the groups that the views lack, and makes the sequencer.
  [[nodiscard]] Status Recover(CommitListener& tail, const RecoveryProgress& progress);

  Ports ports_;
  bool stepped_ = false;
  Recovery recovery_;
  CommandQueue queue_;
  CampaignWatches watches_;
  ViewHead view_head_;
  ViewListeners view_listeners_{watches_, view_head_};
  Projector projector_;
  QueryRunner query_runner_;
  QueryRunner long_query_runner_;
  Eraser eraser_;
  std::optional<Sequencer> sequencer_;  // there once the ledger is recovered
  const QueryClock query_clock_{*this};
  std::thread projector_thread_;
  std::thread query_thread_;
  std::thread long_query_thread_;
  std::thread sequencer_thread_;
  std::thread eraser_thread_;
};

/// The hooks with which a server starts its engine. Views that turn out to be damaged are rebuilt
/// from the log, and the start can be abandoned.
struct EngineStart {
  /// Shows how far reading the log has come.
  std::function<void(std::uint64_t groups_done, std::uint64_t groups)> show;
  /// Called now and then; the start is abandoned if it returns true.
  std::function<bool()> told_to_stop;
  /// Called with the reason why the views are rebuilt.
  std::function<void(const Error&)> views_discarded;
};

/// Starts the engine. Returns null if the start was abandoned. An error that occurred before
/// that is returned anyway.
[[nodiscard]] Result<std::unique_ptr<Engine>> StartEngine(const Engine::Ports& ports,
                                                          const EngineStart& start);

}  // namespace coupond

#endif  // COUPOND_ENGINE_ENGINE_H_
