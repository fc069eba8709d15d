#include "engine/views/projector.h"

#include <utility>

namespace coupond {

Projector::Projector(ViewStore& views, Projection projection,
                     std::function<void(const Error&)> on_failure, std::size_t capacity)
    : views_(views),
      on_failure_(std::move(on_failure)),
      capacity_(capacity),
      projection_(std::move(projection)),
      flushed_(projection_.checkpoint().tip.sequence),
      projected_(flushed_) {}

void Projector::OnCommit(const std::shared_ptr<const CommitGroup>& group, const LogTip& tip) {
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return waiting_.size() < capacity_ || failed_; });
    if (failed_) return;
    waiting_.push_back(Committed{group, tip});
  }
  changed_.notify_all();
}

std::deque<Projector::Committed> Projector::TakeAll() {
  std::deque<Committed> taken;
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !waiting_.empty() || stopping_; });
    taken.swap(waiting_);
  }
  changed_.notify_all();
  return taken;
}

void Projector::Run() {
  while (true) {
    const std::deque<Committed> groups = TakeAll();
    if (groups.empty()) break;
    if (const Status projected = Project(groups); !projected) return Fail(projected.error());
  }
  if (const Status flushed = views_.Flush(); !flushed) return Fail(flushed.error());
  {
    const std::lock_guard lock(mutex_);
    finished_ = true;
  }
  changed_.notify_all();
}

Status Projector::Project(const std::deque<Committed>& groups) {
  for (const Committed& committed : groups) projection_.Add(*committed.group, committed.tip);
  if (Status written = views_.Write(projection_.Take()); !written) return written;
  const Sequence last = groups.back().tip.sequence;
  if (last.value() - flushed_.value() >= limits::kEventsPerViewFlush) {
    if (Status flushed = views_.Flush(); !flushed) return flushed;
    flushed_ = last;
  }
  {
    const std::lock_guard lock(mutex_);
    projected_ = last;
  }
  changed_.notify_all();
  return {};
}

void Projector::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
}

void Projector::Fail(const Error& error) {
  {
    const std::lock_guard lock(mutex_);
    failed_ = true;
    waiting_.clear();
  }
  changed_.notify_all();
  on_failure_(error);
}

Status Projector::AwaitSequence(Sequence sequence) const {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return projected_ >= sequence || finished_ || failed_; });
  if (projected_ >= sequence) return {};
  return MakeError(ErrorCode::kUnavailable, "the views are no longer kept up to date");
}

}  // namespace coupond
