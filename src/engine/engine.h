#ifndef COUPOND_ENGINE_ENGINE_H_
#define COUPOND_ENGINE_ENGINE_H_

#include <memory>
#include <optional>
#include <thread>

#include "base/error.h"
#include "engine/ports/clock.h"
#include "engine/ports/commit_listener.h"
#include "engine/ports/event_log.h"
#include "engine/ports/view_store.h"
#include "engine/sequencer/command_queue.h"
#include "engine/sequencer/fence.h"
#include "engine/sequencer/recovery.h"
#include "engine/sequencer/sequencer.h"
#include "engine/views/campaign_watch.h"
#include "engine/views/projector.h"
#include "engine/views/query_runner.h"

namespace coupond {

/// The engine as its users see it: commands in, replies out; queries in, answers out. Owns the
/// sequencer's, the projector's and the query thread, and starts and stops them in order.
///
/// Threads: Submit, Query, views and watches from any; Stop once, from the owner's.
class Engine {
 public:
  /// What the engine needs from outside. All of it must outlive the engine.
  struct Ports {
    EventLog& log;
    ViewStore& views;
    const Clock& clock;
    Fence& fence;
    /// Told of every durable group besides the projector; may be null.
    CommitListener* commit_listener = nullptr;
  };

  /// Recovers the ledger and starts the threads. Nothing runs after an error.
  [[nodiscard]] static Result<std::unique_ptr<Engine>> Start(const Ports& ports,
                                                             const RecoveryProgress& progress);
  ~Engine();

  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// Puts a command in the queue. With kAccepted its reply comes to the channel, exactly once; else
  /// nothing happened.
  [[nodiscard]] CommandQueue::Push Submit(QueuedCommand&& command) {
    return queue_.TryPush(std::move(command));
  }
  /// Runs a query once the views contain all that is durable now. False: too busy, or stopping.
  [[nodiscard]] bool Query(QueryRunner::Query query) {
    return query_runner_.TryRun(sequencer_->durable_sequence(), std::move(query));
  }
  /// To be read in queries.
  [[nodiscard]] const ViewStore& views() const { return ports_.views; }
  /// Where workers say which campaigns they want to hear of.
  [[nodiscard]] CampaignWatches& watches() { return watches_; }

  [[nodiscard]] bool fenced() const { return ports_.fence.raised(); }
  [[nodiscard]] Sequence durable_sequence() const { return sequencer_->durable_sequence(); }

  /// Answers every command that was taken and every query (those that still wait: kUnavailable),
  /// refuses new ones, brings the views up to date and, unless fenced, to disk, and ends the
  /// threads. Those who watch are told of all that was done; after that nobody is called any more.
  /// Doing it twice is fine.
  void Stop();

 private:
  Engine(const Ports& ports, Projection projection);

  Ports ports_;
  CommandQueue queue_;
  CampaignWatches watches_;
  Projector projector_;
  QueryRunner query_runner_;
  std::optional<Sequencer> sequencer_;  // there once the ledger is recovered
  std::thread projector_thread_;
  std::thread query_thread_;
  std::thread sequencer_thread_;
};

}  // namespace coupond

#endif  // COUPOND_ENGINE_ENGINE_H_
