#include "engine/views/projector.h"

#include <algorithm>
#include <utility>

#include "base/error.h"

namespace coupond {

Projector::Projector(ViewStore& views, Projection projection,
                     std::function<void(const Error&)> on_failure, ViewListener* listener,
                     std::size_t capacity_events, std::uint64_t events_per_flush,
                     EngineObserver* observer, std::chrono::milliseconds gather_time)
    : views_(views),
      on_failure_(std::move(on_failure)),
      listener_(listener),
      capacity_events_(capacity_events),
      events_per_flush_(events_per_flush),
      observer_(observer),
      gather_time_(gather_time),
      projection_(std::move(projection)),
      flushed_(projection_.checkpoint().tip.sequence),
      projected_(flushed_) {}

bool Projector::HasGathered() const {
  return waiting_events_ >= std::min(limits::kEventsPerProjection, capacity_events_);
}

void Projector::OnCommit(const std::shared_ptr<const CommitGroup>& group, const LogTip& tip) {
  bool wake = false;
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return waiting_events_ < capacity_events_ || failed_; });
    if (failed_) return;
    waiting_.push_back(Committed{group, tip});
    waiting_events_ += group->events.size();
    wake = waiting_.size() == 1 || HasGathered();
  }
  if (wake) work_.notify_one();
}

std::vector<Projector::Committed> Projector::TakeSome() {
  std::vector<Committed> taken;
  {
    std::unique_lock lock(mutex_);
    work_.wait(lock, [this] { return !waiting_.empty() || stopping_; });
    work_.wait_for(lock, gather_time_,
                   [this] { return awaited_ > projected_ || HasGathered() || stopping_; });
    taken = TakeSomeLocked();
  }
  changed_.notify_all();
  return taken;
}

std::vector<Projector::Committed> Projector::TakeSomeLocked() {
  std::vector<Committed> taken;
  for (std::size_t events = 0; !waiting_.empty() && events < limits::kEventsPerProjection;) {
    events += waiting_.front().group->events.size();
    waiting_events_ -= waiting_.front().group->events.size();
    taken.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  return taken;
}

bool Projector::ProjectWaiting() {
  std::vector<Committed> groups;
  {
    const std::lock_guard lock(mutex_);
    groups = TakeSomeLocked();
  }
  changed_.notify_all();
  if (groups.empty()) return false;
  if (const Status projected = Project(groups); !projected) Fail(projected.error());
  return true;
}

void Projector::Run() {
  try {
    RunUntilStopped();
  } catch (...) {
    Fail({ErrorCode::kIo, "the projector failed: " + DescribeThrown()});
  }
}

void Projector::RunUntilStopped() {
  while (true) {
    const std::vector<Committed> groups = TakeSome();
    if (groups.empty()) break;
    if (const Status projected = Project(groups); !projected) return Fail(projected.error());
  }
  Leave leave{};
  {
    const std::lock_guard lock(mutex_);
    leave = leave_;
  }
  if (leave == Leave::kFlushed) {
    if (const Status flushed = views_.Flush(); !flushed) return Fail(flushed.error());
  }
  {
    const std::lock_guard lock(mutex_);
    finished_ = true;
  }
  changed_.notify_all();
}

Status Projector::Project(const std::vector<Committed>& groups) {
  for (const Committed& committed : groups) TRY(projection_.Add(*committed.group, committed.tip));
  const ViewChanges changes = projection_.Take();
  TRY(views_.Write(changes));
  const Sequence last = groups.back().tip.sequence;
  std::size_t events_behind = 0;
  {
    const std::lock_guard lock(mutex_);
    projected_ = last;
    events_behind = waiting_events_;
  }
  changed_.notify_all();
  if (observer_ != nullptr) observer_->OnProjected(events_behind);
  // Only now: a caller that asks because of a change finds it, and queries need not wait for this.
  if (listener_ != nullptr) listener_->OnViewChanges(changes);
  if (last.value() - flushed_.value() >= events_per_flush_) {
    TRY(views_.Flush());
    flushed_ = last;
  }
  return {};
}

void Projector::Stop(Leave leave) {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    leave_ = leave;
  }
  work_.notify_one();
}

void Projector::Fail(const Error& error) {
  on_failure_(error);  // first, so that those who wait find the failure known
  {
    const std::lock_guard lock(mutex_);
    failed_ = true;
    waiting_.clear();
    waiting_events_ = 0;
  }
  changed_.notify_all();
}

Status Projector::AwaitSequence(Sequence sequence) {
  std::unique_lock lock(mutex_);
  awaited_ = std::max(awaited_, sequence);
  if (awaited_ > projected_) work_.notify_one();
  changed_.wait(lock, [&] { return projected_ >= sequence || finished_ || failed_; });
  if (projected_ >= sequence) return {};
  return MakeError(ErrorCode::kUnavailable,
                   "the views are no longer kept up to date; retry when the server is back");
}

}  // namespace coupond
