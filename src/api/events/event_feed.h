#ifndef COUPOND_API_EVENTS_EVENT_FEED_H_
#define COUPOND_API_EVENTS_EVENT_FEED_H_

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "api/events/event_block.h"
#include "api/events/event_block_maker.h"
#include "api/events/kept_event_blocks.h"
#include "base/cpu_budget.h"
#include "base/error.h"
#include "engine/codes/coupon_code.h"
#include "engine/engine.h"
#include "engine/rules/ids.h"
#include "rpc/connect/codec.h"

namespace coupond::api {

/// The receiver of what a worker has asked the feed for. Called on the feed's thread: must not
/// wait, or call Forget. If one of these throws, it has done nothing, and is called again later.
class EventFeedClient {
 public:
  virtual ~EventFeedClient() = default;
  virtual void OnBlock(const WantedBlock& wanted, Result<EventBlockPtr> block) = 0;
  virtual void OnHead() = 0;
};

/// The share of one core that making blocks may take. Readers of what happened long ago wait for
/// it.
inline constexpr double kEventFeedCpuShare = 0.2;
/// The size of the blocks that are kept for further readers.
inline constexpr std::size_t kEventBlocksKeptBytes = std::size_t{16} * 1024 * 1024;

/// Blocks of events for all workers, made on a thread of its own, which has a low priority and a
/// bounded share of CPU time. Blocks are made when they are asked for, and kept for a while, so
/// that the readers at the end of the log share them. A reader that falls behind holds on to
/// nothing: what it misses is made again.
///
/// Threads: any. Except for Forget, nothing that workers and the projector call waits for the
/// thread while it reads, encodes, allocates memory or tells a reader: others may hold it up for
/// long.
class EventFeed {
 public:
  /// Called on the thread with what is wrong when a block cannot be made, or something throws.
  using FailureHook = std::function<void(const Error&)>;

  /// Starts the thread. The engine may stop before this does, but must outlive it. So must `codec`.
  EventFeed(Engine& engine, const CouponCodec& codec, FailureHook on_failure = {});
  ~EventFeed() { Stop(); }
  EventFeed(const EventFeed&) = delete;
  EventFeed& operator=(const EventFeed&) = delete;

  /// Returns the last sequence of which blocks can be made.
  [[nodiscard]] Sequence head() const { return head_.sequence(); }
  /// Returns a block that is kept and covers the sequence, or null.
  [[nodiscard]] EventBlockPtr Find(const WantedBlock& wanted);
  /// Has a block made that begins with the sequence or covers it, unless there is one. It must not
  /// lie beyond head(). The client is answered once; never during the call.
  void Ask(const WantedBlock& wanted, EventFeedClient& client);
  /// Tells the client once when head() has got beyond the sequence, after a pause in which events
  /// gather: the more readers there are, the longer it is.
  void AwaitHead(Sequence sequence, EventFeedClient& client);
  /// Drops whatever the client has asked for. It is not called any more. Waits for a call in
  /// progress.
  void Forget(EventFeedClient& client);

  /// Counts the readers of all workers.
  void AddReader() { readers_.fetch_add(1, std::memory_order_relaxed); }
  void RemoveReader() { readers_.fetch_sub(1, std::memory_order_relaxed); }

  /// Ends the thread. No reader is answered any more. A second call does nothing.
  void Stop();

 private:
  using Clock = std::chrono::steady_clock;

  struct Asked {
    WantedBlock wanted;
    EventFeedClient* client;
  };

  void Run();
  /// Takes note of the exception being handled, and waits a little. Call only inside a catch block.
  void PauseAsThrown() noexcept;
  void Report(const Error& error) const;
  /// Does some work, or waits until there may be some. Returns false when stopping.
  [[nodiscard]] bool Step();
  /// Reports whether a reader waits for the head that can be told. The caller holds mutex_.
  [[nodiscard]] bool HasNewsOfTheHead() const;
  void TellHead();
  /// Answers those who ask for the block, unless it has to be made again.
  void Answer(const WantedBlock& wanted);
  void Deliver(const WantedBlock& wanted, const Result<EventBlockPtr>& block);
  [[nodiscard]] Result<EventBlockPtr> Make(const WantedBlock& wanted);
  /// Drops the blocks that may show texts which were hidden since they were made: `hidden_count`
  /// has grown.
  void DropHidden(std::uint64_t hidden_count);
  [[nodiscard]] std::chrono::nanoseconds GatherTime() const;
  void OnHeadMoved();

  ViewHead& head_;
  const Eraser& eraser_;
  const FailureHook on_failure_;
  std::atomic<std::size_t> readers_{0};
  // The thread's alone.
  EventBlockMaker maker_;
  CpuBudget budget_;
  std::uint64_t made_at_ = 0;  // hidden_count() when the maker was last used
  Clock::time_point told_at_;

  /// Held while clients are called, and taken before mutex_. Only Forget waits for it.
  std::mutex calling_;
  /// Held for moments only: the thread has a low priority, and others wait for it.
  std::mutex mutex_;
  std::condition_variable work_;
  /// The projector wakes the thread. Set under mutex_.
  std::atomic<bool> waiting_for_head_{false};
  // All guarded by mutex_.
  bool stopping_ = false;
  std::list<Asked> asked_;
  std::map<EventFeedClient*, Sequence> awaiting_head_;
  KeptEventBlocks kept_{kEventBlocksKeptBytes};
  std::uint64_t hidden_count_ = 0;  // when the kept blocks were made

  std::thread thread_;
};

}  // namespace coupond::api

#endif  // COUPOND_API_EVENTS_EVENT_FEED_H_
