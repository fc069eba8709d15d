#ifndef COUPOND_ENGINE_SEQUENCER_SEQUENCER_H_
#define COUPOND_ENGINE_SEQUENCER_SEQUENCER_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/ports/clock.h"
#include "engine/ports/commit_listener.h"
#include "engine/ports/event_log.h"
#include "engine/rules/ledger.h"
#include "engine/sequencer/command_queue.h"
#include "engine/sequencer/fence.h"
#include "engine/sequencer/reply.h"

namespace coupond {

/// The one writer: takes what is waiting as one commit group, decides and applies each command,
/// appends the events with one sync, and only then lets the replies go.
///
/// Threads: Run on one thread of its own (or ProcessWaiting from a test's only thread);
/// durable_sequence from any. What the parts refer to must outlive the sequencer.
class Sequencer {
 public:
  struct Parts {
    EventLog& log;
    CommandQueue& queue;
    const Clock& clock;
    Fence& fence;
    std::vector<CommitListener*> listeners;  ///< told in this order, after the replies have gone
  };

  /// `ledger` must be what the log makes of it, up to its tip.
  Sequencer(Parts parts, Ledger ledger);

  /// Until the queue is closed and empty. What is thrown in it, by whomever, raises the fence.
  void Run();
  /// Handles one group of what is waiting, without waiting for more; false if nothing was.
  bool ProcessWaiting();

  /// All up to here is durable.
  [[nodiscard]] Sequence durable_sequence() const {
    return Sequence(durable_sequence_.load(std::memory_order_acquire));
  }
  [[nodiscard]] const Ledger& ledger() const { return ledger_; }

 private:
  /// The replies of one group to one channel.
  struct Outbox {
    ReplyChannel* channel = nullptr;
    std::vector<TicketedReply> replies;
  };

  /// Decides the commands and makes their events durable; false if the fence had to be raised. What
  /// is thrown and is no std::exception is left to Run: only a simulated end of the process is so.
  [[nodiscard]] bool Commit(std::span<QueuedCommand> commands, CommitGroup& group);
  void DecideAll(std::span<QueuedCommand> commands, CommitGroup& group);
  [[nodiscard]] Reply::Outcome DecideOne(const Command& command, CommitGroup& group);
  /// False if the fence had to be raised.
  [[nodiscard]] bool MakeDurable(const CommitGroup& group);
  /// Something was thrown.
  void Fail(const std::string& why);
  void AddReply(const QueuedCommand& command, const Reply& reply);
  /// Answers all of them so, whatever they were to be answered before.
  void AnswerUnavailable(std::span<QueuedCommand> commands, bool outcome_unknown);
  void ReleaseReplies();

  Parts parts_;
  Ledger ledger_;
  LogTip tip_;
  Timestamp time_;                // of the last decision
  std::vector<Outbox> outboxes_;  // kept, so that their memory is reused
  std::atomic<std::uint64_t> durable_sequence_;
};

}  // namespace coupond

#endif  // COUPOND_ENGINE_SEQUENCER_SEQUENCER_H_
