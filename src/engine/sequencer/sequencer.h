#ifndef COUPOND_ENGINE_SEQUENCER_SEQUENCER_H_
#define COUPOND_ENGINE_SEQUENCER_SEQUENCER_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/ports/clock.h"
#include "engine/ports/engine_observer.h"
#include "engine/ports/event_log.h"
#include "engine/rules/decide.h"
#include "engine/rules/ledger.h"
#include "engine/rules/timestamp.h"
#include "engine/sequencer/change_marks.h"
#include "engine/sequencer/command_queue.h"
#include "engine/sequencer/fence.h"
#include "engine/sequencer/reply.h"

namespace coupond {

/// The one writer: takes what is waiting as one commit group, decides and applies each command,
/// appends the events with one sync, and only then lets the replies go.
///
/// While the clock's time is disputed, a command is refused (kClockAhead) if its outcome depends on
/// which time is right, until the clocks agree again. If the log ends too far ahead of the clock,
/// all are (kLogAhead), until the server's time has caught up. Both also end when an operator
/// accepts what the machine's clock shows.
///
/// Threads: Run on one thread of its own (or ProcessWaiting from a test's only thread);
/// durable_sequence and changes from any. What the parts refer to must outlive the sequencer.
class Sequencer {
 public:
  struct Parts {
    LogWriter& log;
    CommandQueue& queue;
    const Clock& clock;
    Fence& fence;
    std::vector<CommitListener*> listeners;  ///< called in this order, after the replies
    EngineObserver* observer = nullptr;
    /// How far the log may end ahead of the clock. Beyond that nothing is decided.
    std::chrono::nanoseconds clock_slack = kUnlimited;
  };

  /// `ledger` must be what the log makes of it, up to its tip.
  Sequencer(Parts parts, Ledger ledger);

  /// Handles commands until the queue is closed and empty.
  void Run();
  /// Handles one group of what is waiting, without waiting for more. Returns false if nothing was.
  ///
  /// Any exception raises the fence, and every command of the group has its reply when this returns
  /// or throws. It rethrows only what is no std::exception, which only a simulated crash of the
  /// process is.
  bool ProcessWaiting();

  /// Returns the last durable sequence.
  [[nodiscard]] Sequence durable_sequence() const {
    return Sequence(durable_sequence_.load(std::memory_order_acquire));
  }
  /// Returns the time of the last group. Nothing is decided at an earlier one, unless an operator
  /// puts the clock back.
  [[nodiscard]] Timestamp decision_time() const {
    return Timestamp::FromUnixNanoseconds(decision_time_.load(std::memory_order_acquire));
  }
  /// Returns when campaigns last changed. A change is marked before anyone learns of it.
  [[nodiscard]] const ChangeMarks& changes() const { return changes_; }
  [[nodiscard]] const Ledger& ledger() const { return ledger_; }

 private:
  /// The replies of one group to one channel.
  struct Outbox {
    ReplyChannel* channel = nullptr;
    std::vector<TicketedReply> replies;
  };

  void ProcessGroup(std::span<QueuedCommand> commands);
  /// Decides the commands and makes their events durable. Returns false if the fence was raised.
  [[nodiscard]] bool Commit(std::span<QueuedCommand> commands, CommitGroup& group);
  void DecideAll(std::span<QueuedCommand> commands, const ClockReading& reading,
                 CommitGroup& group);
  /// Refuses all of them, because the log ends too far ahead of the clock.
  void RefuseAll(std::span<QueuedCommand> commands, const ClockReading& reading);
  [[nodiscard]] bool IsLogAhead(const ClockReading& reading) const {
    return time_.Since(reading.now) > parts_.clock_slack;
  }
  /// Answers an operator's wish to go by the machine's clock, and adds the event for it to the
  /// group if time goes back. Returns the time to go on from once the group is durable, or nullopt
  /// if nothing is accepted.
  [[nodiscard]] std::optional<Timestamp> DecideAcceptance(const QueuedCommand& wish,
                                                          const ClockReading& reading,
                                                          CommitGroup& group);
  /// Adds the events in following_, which happened after `place`, and returns how many they are.
  std::size_t AddFollowing(CommitGroup& group, EventPlace place);
  /// Returns the reply to a command, whose event happened at `place` if it was accepted.
  [[nodiscard]] static Reply MakeReply(const Decision& decision, const Event& event,
                                       const EventPlace& place);
  /// Appends the group, or confirms the end of the log if it has no events. Returns false if the
  /// fence was raised.
  [[nodiscard]] bool MakeDurable(const CommitGroup& group);
  void AddReply(const QueuedCommand& command, const Reply& reply);
  void ReleaseReplies();
  /// Answers all of them with Unavailable, whatever their replies were to be. Allocates nothing.
  void AnswerUnavailable(std::span<QueuedCommand> commands, bool outcome_unknown);
  /// Runs `step`; an exception from it raises the fence.
  template <typename Step>
  void Guarded(Step step);
  /// Raises the fence because of the exception being handled. Call only inside a catch block.
  void FailAsThrown() noexcept;

  Parts parts_;
  Ledger ledger_;
  LogTip tip_;
  Timestamp time_;                // of the last decision
  std::vector<Outbox> outboxes_;  // kept, so that their memory is reused
  std::vector<Event> following_;  // of the command that is being decided, beside its first event
  ChangeMarks changes_;
  std::atomic<std::uint64_t> durable_sequence_;
  std::atomic<std::int64_t> decision_time_;  // in nanoseconds since 1970
  bool appending_ = false;                   // of this group: whether it may be in the log
  std::exception_ptr thrown_;                // to be rethrown when everyone has been answered
};

}  // namespace coupond

#endif  // COUPOND_ENGINE_SEQUENCER_SEQUENCER_H_
