#include "engine/eraser.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/check.h"
#include "engine/rules/limits.h"

namespace coupond {
namespace {

using SteadyClock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t kGroupsPerStep = 256;
/// Until a full queue is tried again.
constexpr milliseconds kQueuePause{10};
/// Until files are rewritten again that a process was reading: twice as long each time, because
/// one that reads for a minute may read for an hour.
constexpr milliseconds kReaderPauseMin{1'000};
constexpr milliseconds kReaderPauseMax{60'000};
/// The same after an error.
constexpr milliseconds kFailurePause{60'000};

Error Stopping() { return {.code = ErrorCode::kUnavailable, .message = "the server is stopping"}; }

}  // namespace

Status Eraser::Resume() {
  if (!can_erase()) return {};
  for (ErasureRow& row : TRY(parts_.views.ListErasures())) unfinished_.AddLost(std::move(row));
  CountUnfinished();
  return {};
}

void Eraser::OnCommit(const std::shared_ptr<const CommitGroup>& group, const LogTip& /*tip*/) {
  if (!can_erase()) return;
  unfinished_.TakeLost(*group);
  CountUnfinished();
}

void Eraser::CountUnfinished() {
  hidden_count_.fetch_add(1, std::memory_order_acq_rel);
  const std::lock_guard lock(mutex_);
  progress_.unfinished_coupons = unfinished_.coupons();
}

bool Eraser::TryErase(ErasureRequest request, Callback done) {
  COUPOND_CHECK(can_erase());
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || progress_.requests >= kRequestsMax) return false;
    waiting_.push_back(
        {.request = std::move(request), .done = std::move(done), .found = {}, .report = {}});
    ++progress_.requests;
    has_news_ = true;
  }
  news_.notify_one();
  return true;
}

ErasureProgress Eraser::progress() const {
  const std::lock_guard lock(mutex_);
  return progress_;
}

void Eraser::Run() {
  while (!stopping_) {
    bool worked = false;
    try {
      worked = !IsPaused() && Step();
    } catch (...) {
      parts_.on_failure(
          {.code = ErrorCode::kIo, .message = "the eraser failed: " + DescribeThrown()});
      Stop();  // or requests would be taken that are never answered
    }
    if (worked) continue;
    std::unique_lock lock(mutex_);
    const bool may_retry = stage_ != Stage::kIdle || !unfinished_.empty();
    const auto woken = [this] { return std::exchange(has_news_, false) || stopping_; };
    if (may_retry && !awaiting_reply_) {
      news_.wait_until(lock, retry_at_, woken);
    } else {
      news_.wait(lock, woken);
    }
  }
  Fail(Stopping());
  std::unique_lock lock(mutex_);
  for (Job& job : std::exchange(waiting_, {})) {
    lock.unlock();
    job.done(Stopping());
    lock.lock();
  }
}

void Eraser::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  news_.notify_one();
}

bool Eraser::IsPaused() const {
  if (stage_ != Stage::kIdle || SteadyClock::now() >= retry_at_) return false;
  const std::lock_guard lock(mutex_);
  return waiting_.empty();
}

bool Eraser::Step() {
  switch (stage_) {
    case Stage::kIdle:
      Begin();
      return stage_ != Stage::kIdle;
    case Stage::kSearching:
      return Search();
    case Stage::kLogging:
      return Log();
    case Stage::kPurging:
      return Purge();
    case Stage::kFinishing:
      return Finish();
  }
  return false;
}

void Eraser::TakeJobs() {
  wanted_.clear();
  const auto add = [this](const Job& job, std::size_t place) {
    for (const std::string& text : job.request.user_ids) wanted_.emplace(text, place);
  };
  for (std::size_t place = 0; place < jobs_.size(); ++place) add(jobs_[place], place);
  const std::lock_guard lock(mutex_);
  for (Job& job : std::exchange(waiting_, {})) {
    const bool is_wanted = std::ranges::any_of(
        job.request.user_ids, [this](const std::string& text) { return wanted_.contains(text); });
    if (is_wanted) {
      waiting_.push_back(std::move(job));
    } else {
      add(job, jobs_.size());
      jobs_.push_back(std::move(job));
    }
  }
}

void Eraser::Begin() {
  stage_ = Stage::kIdle;
  TakeJobs();
  if (jobs_.empty() && unfinished_.empty()) return;
  if (wanted_.empty() && !unfinished_.has_lost()) {
    stage_ = Stage::kPurging;
    return;
  }
  stage_ = Stage::kSearching;
  found_ = 0;
  search_again_ = false;
  next_group_ = GroupNumber(1);
  last_group_ = parts_.log.Tip().group;
  const std::lock_guard lock(mutex_);
  progress_.groups = last_group_.value();
  progress_.groups_read = 0;
}

bool Eraser::Search() {
  std::size_t left = kGroupsPerStep;
  bool found_enough = false;
  const Status read =
      parts_.log.Read(next_group_, [&](const CommitGroup& group, const GroupHash&) -> Status {
        Look(group);
        next_group_ = group.number.Next();
        found_enough = found_ >= parts_.found_max;
        if (--left > 0 && !found_enough && next_group_ <= last_group_) return {};
        return MakeError(ErrorCode::kUnavailable, "enough for now");
      });
  if (!read && left > 0 && !found_enough && next_group_ <= last_group_) {
    Fail(read.error());
    return true;
  }
  search_again_ = found_enough && next_group_ <= last_group_;
  const bool is_over = search_again_ || next_group_ > last_group_;
  {
    const std::lock_guard lock(mutex_);
    progress_.groups_read = next_group_.value() - 1;
    if (is_over) progress_.groups = progress_.groups_read = 0;
  }
  if (is_over) {
    if (search_again_) {
      // The request goes with the last coupons, so some must be left for the last search.
      for (Job& job : jobs_) {
        if (job.request.request && !job.found.empty()) job.found.pop_back();
      }
    } else {
      unfinished_.EndOfSearch();
    }
    next_job_ = 0;
    stage_ = Stage::kLogging;
  }
  return true;
}

void Eraser::Look(const CommitGroup& group) {
  for (const Event& event : group.events) {
    const auto* const issued = std::get_if<CouponIssued>(&event);
    if (issued == nullptr || !issued->holder) continue;
    if (!issued->user_id.empty()) {
      const auto wanted = wanted_.find(issued->user_id);
      if (wanted == wanted_.end()) continue;
      jobs_[wanted->second].found.push_back(
          {.campaign = issued->campaign, .serial = issued->serial});
      ++found_;
      unfinished_.AddGroup(group.number);
    } else if (unfinished_.IsLost(issued->serial)) {
      unfinished_.AddGroup(group.number);
    }
  }
}

template <typename Make>
std::optional<Reply> Eraser::Ask(KeyId key, Make make) {
  if (!awaiting_reply_) {
    switch (parts_.queue.TryPush({.command = make(), .channel = this, .ticket = 0, .key = key})) {
      case CommandQueue::Push::kAccepted:
        awaiting_reply_ = true;
        break;
      case CommandQueue::Push::kFull:
        RetryLater(kQueuePause);
        break;
      case CommandQueue::Push::kClosed:
        Fail(Stopping());
        break;
    }
    return std::nullopt;
  }
  const std::lock_guard lock(mutex_);
  if (reply_) awaiting_reply_ = false;
  return std::exchange(reply_, std::nullopt);
}

void Eraser::Deliver(std::span<const TicketedReply> replies) {
  {
    const std::lock_guard lock(mutex_);
    reply_ = replies.back().reply;
    has_news_ = true;
  }
  news_.notify_one();
}

bool Eraser::Log() {
  if (next_job_ == jobs_.size()) {
    if (search_again_) {
      Begin();
    } else if (unfinished_.empty()) {
      AnswerAll(/*pending=*/false);
    } else {
      stage_ = Stage::kPurging;
    }
    return true;
  }
  Job& job = jobs_[next_job_];
  const bool was_awaiting = awaiting_reply_;
  const std::optional<Reply> reply = Ask(job.request.key, [&] {
    asked_ = NextCommand(job);
    return asked_;
  });
  if (!reply) return stage_ != Stage::kLogging || awaiting_reply_ != was_awaiting;
  OnLogged(job, *reply);
  return true;
}

EraseUser Eraser::NextCommand(Job& job) {
  EraseUser command{.coupons = {}, .free_claims = job.request.free_claims};
  const std::size_t count = std::min(job.found.size(), limits::kErasedCouponsMax);
  std::map<CampaignNumber, std::vector<Serial>> by_campaign;
  for (std::size_t i = 0; i < count; ++i) {
    by_campaign[job.found[i].campaign].push_back(job.found[i].serial);
  }
  for (auto& [campaign, serials] : by_campaign) {
    std::ranges::sort(serials);
    command.coupons.push_back({.campaign = campaign, .serials = std::move(serials)});
  }
  // With the last coupons, so that a repeated request finishes what an interruption has left.
  if (count == job.found.size() && !search_again_) command.request = job.request.request;
  return command;
}

void Eraser::OnLogged(Job& job, const Reply& reply) {
  const auto drop = [&](const ErasureOutcome& outcome) {
    Answer(job, outcome);
    jobs_.erase(jobs_.begin() + static_cast<std::ptrdiff_t>(next_job_));
  };
  const auto* const done = std::get_if<Done>(&reply.outcome);
  if (done == nullptr) return drop(reply);
  job.report.time = reply.time;
  job.report.repeated = done->repeated;
  if (job.report.coupons == 0) job.report.sequence = reply.sequence;
  if (done->changed && !done->repeated) {
    Sequence sequence = reply.sequence;
    for (CouponsToErase& coupons : asked_.coupons) {
      job.report.sequence = sequence;
      job.report.coupons += coupons.serials.size();
      unfinished_.Add({.sequence = sequence,
                       .campaign = coupons.campaign,
                       .serials = std::move(coupons.serials)});
      sequence = sequence.Next();
    }
    CountUnfinished();
  }
  const std::size_t count = std::min(job.found.size(), limits::kErasedCouponsMax);
  job.found.erase(job.found.begin(), job.found.begin() + static_cast<std::ptrdiff_t>(count));
  if (job.found.empty() || done->repeated) {
    job.found.clear();
    ++next_job_;
  }
}

bool Eraser::Purge() {
  const Result<bool> ready = parts_.views_have(unfinished_.last());
  if (ready && !*ready) {
    RetryLater(kQueuePause);
    return false;
  }
  const Result<bool> purged = ready ? parts_.texts->Purge(unfinished_.Places(), stopping_) : ready;
  if (purged && *purged) {
    reader_pause_ = kReaderPauseMin;
    stage_ = Stage::kFinishing;
  } else {
    // What was logged goes on by itself.
    AnswerAll(/*pending=*/true);
    RetryLater(purged ? reader_pause_ : kFailurePause);
    reader_pause_ = std::min(2 * reader_pause_, kReaderPauseMax);
  }
  return true;
}

bool Eraser::Finish() {
  const Sequence last = unfinished_.last();
  const bool was_awaiting = awaiting_reply_;
  const std::optional<Reply> reply = Ask(kNoKey, [&] { return FinishErasure{.erasure = last}; });
  if (!reply) return stage_ != Stage::kFinishing || awaiting_reply_ != was_awaiting;
  if (!std::holds_alternative<Done>(reply->outcome)) {
    AnswerAll(/*pending=*/true);
    RetryLater(kFailurePause);
    return true;
  }
  unfinished_.Finish(last);
  CountUnfinished();
  AnswerAll(/*pending=*/false);
  return true;
}

void Eraser::AnswerAll(bool pending) {
  for (Job& job : jobs_) {
    job.report.pending = pending;
    Answer(job, job.report);
  }
  jobs_.clear();
  stage_ = Stage::kIdle;
}

void Eraser::Answer(Job& job, const ErasureOutcome& outcome) {
  {
    const std::lock_guard lock(mutex_);
    --progress_.requests;
  }
  job.done(outcome);
}

void Eraser::Fail(const Error& error) {
  for (Job& job : jobs_) Answer(job, error);
  jobs_.clear();
  stage_ = Stage::kIdle;
  RetryLater(kFailurePause);
}

void Eraser::RetryLater(std::chrono::milliseconds pause) { retry_at_ = SteadyClock::now() + pause; }

}  // namespace coupond
