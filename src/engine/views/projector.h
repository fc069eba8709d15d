#ifndef COUPOND_ENGINE_VIEWS_PROJECTOR_H_
#define COUPOND_ENGINE_VIEWS_PROJECTOR_H_

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "base/error.h"
#include "engine/ports/engine_observer.h"
#include "engine/ports/event_log.h"
#include "engine/ports/view_store.h"
#include "engine/rules/limits.h"
#include "engine/views/projection.h"

namespace coupond {

/// Follows the sequencer and writes the rows of the views. Groups gather for kGatherTime, unless
/// someone waits for them: a write costs little more for many groups than for one, and each wake-up
/// would take time from the threads that answer.
///
/// Threads: OnCommit on the sequencer's (or recovery's), which waits when the projector is
/// limits::kUnprojectedEventsMax events behind; Run on a thread of its own (or ProjectWaiting from
/// a test's only thread); the rest from any.
class Projector final : public CommitListener {
 public:
  static constexpr std::chrono::milliseconds kGatherTime{5};

  /// `on_failure` is called on the projector's thread when the views cannot be written. After that
  /// projecting ends: queries would otherwise show less than was acknowledged.
  /// `listener` and `observer` may be null.
  Projector(ViewStore& views, Projection projection, std::function<void(const Error&)> on_failure,
            ViewListener* listener = nullptr,
            std::size_t capacity_events = limits::kUnprojectedEventsMax,
            std::uint64_t events_per_flush = limits::kEventsPerViewFlush,
            EngineObserver* observer = nullptr,
            std::chrono::milliseconds gather_time = kGatherTime);

  void OnCommit(const std::shared_ptr<const CommitGroup>& group, const LogTip& tip) override;

  /// Projects groups until Stop, and then until all of them are in the views.
  void Run();
  /// Projects some of the groups that wait, without waiting for more. Returns false if there were
  /// none.
  bool ProjectWaiting();
  /// kFlushed: the views are flushed to disk at the end. kAsTheyAre: they are not.
  enum class Leave { kFlushed, kAsTheyAre };
  void Stop(Leave leave);

  /// Waits until the views contain everything up to `sequence`, which must be durable already.
  /// Returns an error if they never will.
  [[nodiscard]] Status AwaitSequence(Sequence sequence);

 private:
  struct Committed {
    std::shared_ptr<const CommitGroup> group;
    LogTip tip;
  };

  void RunUntilStopped();
  /// Reports whether there are as many events as are projected at once. The caller holds mutex_.
  [[nodiscard]] bool HasGathered() const;
  /// Waits for groups and takes some. Returns none at the end.
  [[nodiscard]] std::vector<Committed> TakeSome();
  /// Takes some of waiting_, which may be none. The caller holds mutex_.
  [[nodiscard]] std::vector<Committed> TakeSomeLocked();
  [[nodiscard]] Status Project(const std::vector<Committed>& groups);
  void Fail(const Error& error);

  ViewStore& views_;
  const std::function<void(const Error&)> on_failure_;
  ViewListener* const listener_;
  const std::size_t capacity_events_;
  const std::uint64_t events_per_flush_;
  EngineObserver* const observer_;
  const std::chrono::milliseconds gather_time_;
  Projection projection_;  // Run's alone
  Sequence flushed_;       // Run's alone: the views are on disk up to here
  std::mutex mutex_;
  std::condition_variable work_;     // the projector waits for it
  std::condition_variable changed_;  // the others wait for it
  // All guarded by mutex_.
  std::deque<Committed> waiting_;
  std::size_t waiting_events_ = 0;
  Sequence projected_;
  Sequence awaited_;  // the highest sequence that someone has waited for
  bool stopping_ = false;
  Leave leave_ = Leave::kFlushed;
  bool finished_ = false;
  bool failed_ = false;
};

}  // namespace coupond

#endif  // COUPOND_ENGINE_VIEWS_PROJECTOR_H_
