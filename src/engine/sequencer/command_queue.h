#ifndef COUPOND_ENGINE_SEQUENCER_COMMAND_QUEUE_H_
#define COUPOND_ENGINE_SEQUENCER_COMMAND_QUEUE_H_

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "engine/rules/command.h"
#include "engine/rules/ids.h"
#include "engine/rules/limits.h"
#include "engine/rules/timestamp.h"
#include "engine/sequencer/reply.h"

namespace coupond {

/// A command in the queue, and the channel for its reply, which must outlive the reply.
struct QueuedCommand {
  Command command;
  ReplyChannel* channel = nullptr;
  std::uint64_t ticket = 0;
  KeyId key = kNoKey;  ///< with which it was allowed; the log has it with each of its events
  /// If given, this is no command but an operator's wish to go by the machine's clock, which showed
  /// this time when the operator looked at it.
  std::optional<Timestamp> accepts_clock = {};
  /// Set by the queue if it measures.
  std::chrono::steady_clock::time_point queued_at = {};
};

/// Returns an upper bound of the bytes that a log writes for the events of a command that was
/// allowed with this key.
[[nodiscard]] std::size_t EventBytesMax(const Command& command, KeyId key = kNoKey);
/// Returns the most events that the commands lead to.
[[nodiscard]] std::size_t EventsMax(std::span<const QueuedCommand> commands);

/// The queue in front of the sequencer: first in, first out, bounded.
///
/// Threads: TryPush, TryPushAll and Close from any; Wait and Take from the sequencer's only.
class CommandQueue {
 public:
  enum class Push { kAccepted, kFull, kClosed };

  /// If `measures`, the queue records when each command arrives. Wait stays awake for `busy_wait`
  /// before it sleeps.
  explicit CommandQueue(std::size_t capacity = limits::kCommandQueueMax, bool measures = false,
                        std::chrono::nanoseconds busy_wait = std::chrono::nanoseconds(0));

  /// Takes the command only with kAccepted; then its reply comes, exactly once.
  [[nodiscard]] Push TryPush(QueuedCommand&& command) { return TryPushAll({&command, 1}).last; }
  struct PushedAll {
    std::size_t accepted = 0;     ///< the number of commands taken, from the first on
    Push last = Push::kAccepted;  ///< the outcome of the last, or of the first that was not taken
  };
  /// Takes the commands that there is room for, with one wake-up of the sequencer at most.
  [[nodiscard]] PushedAll TryPushAll(std::span<QueuedCommand> commands);
  /// Refuses further commands. Those that are in the queue are still handed out.
  void Close();

  /// Waits until there are commands. Returns false if the queue is closed and empty.
  [[nodiscard]] bool Wait();
  /// Takes the next commands in order: at most `max`, whose events have at most `bytes_max`
  /// (EventBytesMax), but one if there is any. What accepts the clock comes alone. Valid until the
  /// next Take.
  [[nodiscard]] std::span<QueuedCommand> Take(std::size_t max,
                                              std::size_t bytes_max = limits::kGroupBytesMax);

  /// Returns the number of commands that wait. It may be out of date at once.
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] std::size_t capacity() const { return capacity_; }

 private:
  const std::size_t capacity_;
  const bool measures_;
  const std::chrono::nanoseconds busy_wait_;

  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<QueuedCommand> waiting_;  // guarded by mutex_
  bool consumer_sleeps_ = false;        // guarded by mutex_
  bool closed_ = false;                 // guarded by mutex_
  // Whether there is something to wake up for. Written with mutex_ held.
  std::atomic<bool> has_news_ = false;

  // Swapped with waiting_ when used up, so that a command is moved once and the lock is short.
  std::vector<QueuedCommand> taken_;  // the sequencer's alone
  std::size_t handed_out_ = 0;        // of taken_; the sequencer's alone
  std::atomic<std::size_t> taken_left_{0};
};

}  // namespace coupond

#endif  // COUPOND_ENGINE_SEQUENCER_COMMAND_QUEUE_H_
