#ifndef COUPOND_API_EVENTS_EVENT_READERS_H_
#define COUPOND_API_EVENTS_EVENT_READERS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <unordered_set>
#include <vector>

#include "api/events/event_block.h"
#include "api/events/event_feed.h"
#include "base/cpu_budget.h"
#include "base/error.h"
#include "base/slots.h"
#include "engine/rules/ids.h"
#include "rpc/connect/codec.h"
#include "rpc/http/handler.h"

/// The streams of events of one worker. Each is at its own place in the log and has nothing but
/// that place; it gets what is there from the blocks that all share.
namespace coupond::api {

class EventRounds;

/// What a reader asked for.
struct EventReading {
  Sequence from;
  EventFilter filter = {};
  Sequence head;        ///< the last sequence when it asked
  bool follow = false;  ///< go on with what happens, instead of ending there
};

/// Events to be sent together.
struct EventBatch {
  const EventSelection& events;  ///< may be empty
  Sequence head;                 ///< of the log
  Sequence next;                 ///< where to go on
};

/// One stream of events, which occupies a slot. How it looks is up to the class derived from it.
///
/// Threads: the worker's.
class EventReader {
 public:
  EventReader(EventRounds& rounds, Slots::Slot slot, connect::Codec codec, EventReading reading);
  virtual ~EventReader();
  EventReader(const EventReader&) = delete;
  EventReader& operator=(const EventReader&) = delete;

 protected:
  /// To be called when the client is ready for more. Exactly one of the functions below is called
  /// then, later.
  void AskForMore();

  /// May call AskForMore, or destroy the reader.
  virtual void Send(const EventBatch& batch) = 0;
  virtual void Finish() = 0;
  virtual void Fail(const Error& error) = 0;

 private:
  friend class EventRounds;

  /// Reports whether it has been sent everything that it asked for.
  [[nodiscard]] bool at_end() const { return !reading_.follow && position_ > reading_.head; }

  EventRounds& rounds_;
  const Slots::Slot slot_;
  const connect::Codec codec_;
  const EventReading reading_;
  Sequence position_;  // the next sequence that it is to be sent
  Sequence told_;      // the position that the last message named; 0 before the first
  std::uint64_t told_at_tick_ = 0;
  bool ready_ = false;  // the client has what was sent before
  bool owes_heartbeat_ = false;
  int empty_blocks_ = 0;  // that were passed over since the last message
};

/// The maximum number of readers at a time. A server with a lower connection limit allows half of
/// it.
inline constexpr std::size_t kEventReadersMax = 2'000;
/// The maximum silence on a stream of events. If the service's heartbeat is shorter, that counts.
inline constexpr std::chrono::milliseconds kEventHeartbeat{10'000};
/// The share of a worker's time that sending events may take, and the share of the time in which
/// the worker has nothing else to do, in addition. With more readers, or more that happens, they
/// fall behind: users who want a coupon go first.
inline constexpr double kEventSendCpuShare = 0.04;
inline constexpr double kEventSendIdleShare = 0.1;
/// The maximum number of messages to send before other requests get their turn.
inline constexpr std::size_t kEventMessagesAtOnce = 8;
/// The maximum number of blocks that a worker waits for, or holds until they have been sent.
inline constexpr std::size_t kEventBlocksAskedMax = 16;
/// The maximum number of blocks in a row without an event that passes a reader's filter, after
/// which the reader learns where to go on.
inline constexpr int kEmptyEventBlocksMax = 64;

/// Serves the readers of one worker, each in its turn: those that are behind get the block at their
/// position, made by the feed if it is not kept. Those that have everything wait until more has
/// happened. A reader that has been sent nothing for most of a heartbeat gets an empty message.
///
/// Threads: the worker's. The feed must outlive this, this the readers and the feed's last answer.
class EventRounds final : private EventFeedClient {
 public:
  EventRounds(EventFeed& feed, http::Executor& executor, std::chrono::milliseconds heartbeat);
  EventRounds(const EventRounds&) = delete;
  EventRounds& operator=(const EventRounds&) = delete;

  /// Stops serving, because the worker is ending. Nothing of this runs any more after it.
  void Abandon();

 private:
  friend class EventReader;

  /// A reader that is to be served.
  struct Queued {
    EventReader* reader;  ///< null if it has left
    EventBlockPtr block;  ///< the one that it has waited for; null: it has to be found
  };

  void Enter(EventReader& reader);
  void Leave(EventReader& reader);
  /// Takes a reader that has become ready.
  void Queue(EventReader& reader);

  // On the feed's thread:
  void OnBlock(const WantedBlock& wanted, Result<EventBlockPtr> block) override;
  void OnHead() override;

  void TakeBlock(const WantedBlock& wanted, Result<EventBlockPtr> block);
  void TakeHead();

  void Schedule();
  /// Adds a share of the worker's idle time since the last call to the budget.
  void EarnIdleTime(std::chrono::steady_clock::time_point now);
  /// Serves some of the readers that are queued, and sees to it that others are served later.
  void ServeSome();
  void Serve(EventReader& reader, EventBlockPtr block);
  void ServeFrom(const EventBlock& block, EventReader& reader);
  void AwaitBlock(const WantedBlock& wanted, EventReader& reader);
  /// Queues as many of the postponed readers as may ask for a block.
  void QueuePostponed();
  /// Makes a reader stop waiting for a block. Returns whether it did.
  bool StopWaiting(EventReader& reader);
  void AwaitEvents(EventReader& reader, Sequence head);
  void SendTo(EventReader& reader, const EventSelection& events);
  void AwaitTick();
  void OnTick();

  EventFeed& feed_;
  http::Executor& executor_;
  const std::chrono::milliseconds tick_length_;
  std::unordered_set<EventReader*> readers_;
  std::deque<Queued> queue_;
  std::map<WantedBlock, std::vector<EventReader*>> waiting_;  // for blocks that were asked for
  std::deque<EventReader*> postponed_;     // until fewer blocks have been asked for
  std::unordered_set<EventReader*> idle_;  // they wait for something to happen
  bool awaiting_head_ = false;
  CpuBudget budget_;
  std::chrono::steady_clock::time_point
      looked_at_;                         // when the worker's idle time was last looked at
  std::chrono::nanoseconds worker_time_;  // the CPU time that it had taken then
  std::unique_ptr<http::Timer> pause_;    // non-null while the budget is used up
  bool scheduled_ = false;
  std::uint64_t tick_ = 0;
  std::unique_ptr<http::Timer> ticker_;  // non-null while there are readers
  bool abandoned_ = false;
};

}  // namespace coupond::api

#endif  // COUPOND_API_EVENTS_EVENT_READERS_H_
