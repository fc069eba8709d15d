#ifndef COUPOND_API_EVENTS_EVENT_FEED_H_
#define COUPOND_API_EVENTS_EVENT_FEED_H_

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
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

/// The receiver of what a worker has asked the feed for. Called on the feed's thread, under its
/// lock: must not wait, throw, or call the feed.
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
/// Threads: any.
class EventFeed {
 public:
  /// Starts the thread. The engine may stop before this does, but must outlive it. So must `codec`.
  EventFeed(Engine& engine, const CouponCodec& codec);
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
  /// Drops whatever the client has asked for. It is not called any more.
  void Forget(EventFeedClient& client);

  /// Counts the readers of all workers.
  void AddReader() { readers_.fetch_add(1, std::memory_order_relaxed); }
  void RemoveReader() { readers_.fetch_sub(1, std::memory_order_relaxed); }

  /// Ends the thread. Nobody is answered any more. A second call does nothing.
  void Stop();

 private:
  using Clock = std::chrono::steady_clock;

  struct Asked {
    WantedBlock wanted;
    EventFeedClient* client;
  };

  void Run();
  /// Does some work, or waits until there may be some. The caller holds mutex_ by `lock`.
  void Step(std::unique_lock<std::mutex>& lock);
  void AnswerFirst(std::unique_lock<std::mutex>& lock);
  [[nodiscard]] Result<EventBlockPtr> Make(const WantedBlock& wanted);
  /// Tells those who wait for it that the head has moved. Returns whether there were any. The
  /// caller holds mutex_.
  [[nodiscard]] bool TellHead();
  [[nodiscard]] std::chrono::nanoseconds GatherTime() const;
  void OnHeadMoved();

  /// Drops the blocks that may show texts which were hidden since they were made.
  void DropHidden();

  ViewHead& head_;
  const Eraser& eraser_;
  std::atomic<std::size_t> readers_{0};
  EventBlockMaker maker_;      // the thread's alone
  CpuBudget budget_;           // the thread's alone
  std::uint64_t made_at_ = 0;  // the thread's alone: hidden_count() when the maker was last used

  std::mutex mutex_;
  std::condition_variable work_;
  // All guarded by mutex_.
  bool stopping_ = false;
  bool waiting_for_head_ = false;
  std::deque<Asked> asked_;
  std::map<EventFeedClient*, Sequence> awaiting_head_;
  Clock::time_point told_at_;
  KeptEventBlocks kept_{kEventBlocksKeptBytes};
  std::uint64_t hidden_count_ = 0;  // when the kept blocks were made

  std::thread thread_;
};

}  // namespace coupond::api

#endif  // COUPOND_API_EVENTS_EVENT_FEED_H_
