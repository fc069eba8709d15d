#include "support/fake_event_log.h"

#include <new>
#include <utility>
#include <variant>

#include "base/check.h"
#include "support/event_hash.h"

namespace coupond::test {
FakeEventLog::FakeEventLog(const std::vector<CommitGroup>& groups) {
  for (const CommitGroup& group : groups) COUPOND_CHECK(Append(group).has_value());
  append_calls_ = 0;
}

LogTip FakeEventLog::Tip() const {
  const std::lock_guard lock(mutex_);
  return TipLocked();
}

LogTip FakeEventLog::TipLocked() const {
  // A group left by a failed append is on the disk, but this process does not know of it.
  const bool kept_unknown =
      failed_ && failure_->after == AfterFailure::kGroupKept && !groups_.empty();
  const std::size_t known = groups_.size() - (kept_unknown ? 1 : 0);
  if (known == 0) return {};
  const CommitGroup& last = groups_[known - 1];
  return {last.number, last.last_sequence(), last.commit_time, hashes_[known - 1]};
}

Status FakeEventLog::Append(const CommitGroup& group) {
  std::unique_lock lock(mutex_);
  ++append_calls_;
  if (failed_) {
    ++append_calls_after_failure_;
    return MakeError(ErrorCode::kUnavailable, "the log refuses appends after a failed one");
  }
  const LogTip tip = TipLocked();
  COUPOND_CHECK(!group.events.empty());
  COUPOND_CHECK(group.number == tip.group.Next());
  COUPOND_CHECK(group.first_sequence == tip.sequence.Next());
  COUPOND_CHECK(TimeFollows(group, tip));

  ++held_;
  changed_.notify_all();
  changed_.wait(lock, [this] { return !holding_ || let_through_ > 0; });
  --held_;
  if (holding_) --let_through_;

  if (failure_ && failure_->successes_before == 0) {
    failed_ = true;
    if (failure_->after == AfterFailure::kGroupKept) {
      groups_.push_back(group);
      hashes_.push_back(FakeHashAfter(tip.hash, group));
    }
    return std::unexpected(failure_->error);
  }
  if (failure_) --failure_->successes_before;
  groups_.push_back(group);
  hashes_.push_back(FakeHashAfter(tip.hash, group));
  return {};
}

Status FakeEventLog::Read(GroupNumber first, const Visitor& visit) const {
  COUPOND_CHECK(first.value() >= 1);
  const LogTip tip = Tip();
  if (first > tip.group.Next()) {
    return MakeError(ErrorCode::kInvalidArgument, "asked for groups beyond the end of the log");
  }
  for (GroupNumber number = first; number <= tip.group; number = number.Next()) {
    CommitGroup group;
    GroupHash hash;
    {
      const std::lock_guard lock(mutex_);
      if (read_failure_ && read_failure_->group == number) {
        return std::unexpected(read_failure_->error);
      }
      if (throws_at_ == number) {
        throws_at_.reset();
        throw std::bad_alloc();
      }
      group = groups_[number.value() - 1];
      hash = hashes_[number.value() - 1];
      RemoveHiddenTexts(group);
    }
    if (Status visited = visit(group, hash); !visited) return visited;
  }
  return {};
}

void FakeEventLog::HoldSyncs() {
  const std::lock_guard lock(mutex_);
  holding_ = true;
  let_through_ = 0;
}

void FakeEventLog::LetThrough(std::size_t count) {
  const std::lock_guard lock(mutex_);
  holding_ = true;
  let_through_ += count;
  changed_.notify_all();
}

void FakeEventLog::ReleaseSyncs() {
  const std::lock_guard lock(mutex_);
  holding_ = false;
  changed_.notify_all();
}

void FakeEventLog::WaitUntilHeld() {
  std::unique_lock lock(mutex_);
  COUPOND_CHECK(holding_);
  changed_.wait(lock, [this] { return held_ > 0 && let_through_ == 0; });
}

void FakeEventLog::FailAppendAfter(std::size_t successes, Error error, AfterFailure after) {
  const std::lock_guard lock(mutex_);
  failure_ = Failure{successes, std::move(error), after};
}

void FakeEventLog::FailReadAt(GroupNumber group, Error error) {
  const std::lock_guard lock(mutex_);
  read_failure_ = ReadFailure{group, std::move(error)};
}

void FakeEventLog::ThrowAtNextReadOf(GroupNumber group) {
  const std::lock_guard lock(mutex_);
  throws_at_ = group;
}

void FakeEventLog::HideTexts(std::span<const Serial> coupons) {
  const std::lock_guard lock(mutex_);
  hidden_texts_.insert(coupons.begin(), coupons.end());
}

void FakeEventLog::ShowTexts(std::span<const Serial> coupons) {
  const std::lock_guard lock(mutex_);
  for (const Serial coupon : coupons) hidden_texts_.erase(coupon);
}

void FakeEventLog::RemoveHiddenTexts(std::span<const GroupNumber> groups) {
  const std::lock_guard lock(mutex_);
  for (const GroupNumber number : groups) RemoveHiddenTexts(groups_.at(number.value() - 1));
}

void FakeEventLog::RemoveHiddenTexts(CommitGroup& group) const {
  for (Event& event : group.events) {
    auto* const issued = std::get_if<CouponIssued>(&event);
    if (issued != nullptr && hidden_texts_.contains(issued->serial)) issued->user_id.clear();
  }
}

std::vector<CommitGroup> FakeEventLog::Groups() const {
  const std::lock_guard lock(mutex_);
  return groups_;
}

std::size_t FakeEventLog::append_calls() const {
  const std::lock_guard lock(mutex_);
  return append_calls_;
}

std::size_t FakeEventLog::append_calls_after_failure() const {
  const std::lock_guard lock(mutex_);
  return append_calls_after_failure_;
}

}  // namespace coupond::test
