#ifndef COUPOND_ENGINE_VIEWS_PROJECTOR_H_
#define COUPOND_ENGINE_VIEWS_PROJECTOR_H_

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>

#include "engine/ports/commit_listener.h"
#include "engine/ports/error.h"
#include "engine/ports/view_store.h"
#include "engine/rules/limits.h"
#include "engine/views/projection.h"

namespace coupond {

/// Follows the sequencer and writes the rows of the views, several groups at once when behind.
///
/// Threads: OnCommit on the sequencer's (or recovery's), which waits when the projector is
/// limits::kUnprojectedGroupsMax groups behind; Run on a thread of its own; the rest from any.
class Projector final : public CommitListener {
 public:
  /// `on_failure` is called on the projector's thread when the views cannot be written. After that
  /// nothing is projected any more: queries would otherwise show less than was acknowledged.
  Projector(ViewStore& views, Projection projection, std::function<void(const Error&)> on_failure,
            std::size_t capacity = limits::kUnprojectedGroupsMax);

  void OnCommit(const std::shared_ptr<const CommitGroup>& group, const LogTip& tip) override;

  /// Until Stop, and then until all groups are in the views and on disk.
  void Run();
  void Stop();

  /// Waits until the views contain everything up to `sequence`, which must be durable already; an
  /// error if they never will.
  [[nodiscard]] Status AwaitSequence(Sequence sequence) const;

 private:
  struct Committed {
    std::shared_ptr<const CommitGroup> group;
    LogTip tip;
  };

  /// Waits for groups; empty at the end.
  [[nodiscard]] std::deque<Committed> TakeAll();
  [[nodiscard]] Status Project(const std::deque<Committed>& groups);
  void Fail(const Error& error);

  ViewStore& views_;
  const std::function<void(const Error&)> on_failure_;
  const std::size_t capacity_;
  Projection projection_;  // Run's alone
  Sequence flushed_;       // Run's alone: the views are on disk up to here
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  // All guarded by mutex_.
  std::deque<Committed> waiting_;
  Sequence projected_;
  bool stopping_ = false;
  bool finished_ = false;
  bool failed_ = false;
};

}  // namespace coupond

#endif  // COUPOND_ENGINE_VIEWS_PROJECTOR_H_
