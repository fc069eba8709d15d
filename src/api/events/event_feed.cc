#include "api/events/event_feed.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <utility>

#include "base/check.h"
#include "base/thread.h"

namespace coupond::api {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

/// Added to the nice value of the thread: everything else goes first.
constexpr int kEventsNice = 10;
/// What may be used at once after a time in which nothing was read.
constexpr nanoseconds kFeedBurst = milliseconds(50);
/// How long events gather before readers that wait for them are told, for each reader. Each message
/// costs a worker time, however few events are in it.
constexpr microseconds kGatherTimeOfAReader{250};
constexpr milliseconds kGatherTimeMin{10};
constexpr milliseconds kGatherTimeMax{250};

}  // namespace

EventFeed::EventFeed(Engine& engine, const CouponCodec& codec)
    : head_(engine.view_head()),
      eraser_(engine.eraser()),
      maker_({.log = engine.stored_log(), .views = engine.views(), .codec = codec}),
      budget_(kEventFeedCpuShare, kFeedBurst, Clock::now()) {
  thread_ = std::thread([this] { Run(); });
  head_.SetListener([this] { OnHeadMoved(); });
}

void EventFeed::Stop() {
  head_.SetListener(nullptr);
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    asked_.clear();
    awaiting_head_.clear();
  }
  work_.notify_one();
  if (thread_.joinable()) thread_.join();
}

EventBlockPtr EventFeed::Find(const WantedBlock& wanted) {
  const std::lock_guard lock(mutex_);
  DropHidden();
  return kept_.Find(wanted);
}

void EventFeed::DropHidden() {
  const std::uint64_t count = eraser_.hidden_count();
  if (std::exchange(hidden_count_, count) == count) return;
  static_cast<void>(kept_.Clear());
}

void EventFeed::Ask(const WantedBlock& wanted, EventFeedClient& client) {
  COUPOND_CHECK(wanted.first <= head());
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    asked_.push_back({.wanted = wanted, .client = &client});
  }
  work_.notify_one();
}

void EventFeed::AwaitHead(Sequence sequence, EventFeedClient& client) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    awaiting_head_.insert_or_assign(&client, sequence);
  }
  work_.notify_one();
}

void EventFeed::Forget(EventFeedClient& client) {
  const std::lock_guard lock(mutex_);
  std::erase_if(asked_, [&client](const Asked& asked) { return asked.client == &client; });
  awaiting_head_.erase(&client);
}

void EventFeed::OnHeadMoved() {
  {
    const std::lock_guard lock(mutex_);
    if (!std::exchange(waiting_for_head_, false)) return;
  }
  work_.notify_one();
}

nanoseconds EventFeed::GatherTime() const {
  const auto readers = static_cast<std::int64_t>(readers_.load(std::memory_order_relaxed));
  return std::clamp<nanoseconds>(readers * kGatherTimeOfAReader, kGatherTimeMin, kGatherTimeMax);
}

bool EventFeed::TellHead() {
  const Sequence head = head_.sequence();
  return std::erase_if(awaiting_head_, [head](const auto& waiting) {
           if (waiting.second >= head) return false;
           waiting.first->OnHead();
           return true;
         }) > 0;
}

void EventFeed::Run() {
  NameThisThread("events");
  LowerThisThreadsPriority(kEventsNice);
  std::unique_lock lock(mutex_);
  while (!stopping_) Step(lock);
}

void EventFeed::Step(std::unique_lock<std::mutex>& lock) {
  const auto now = Clock::now();
  const auto next_tell = told_at_ + GatherTime();
  // Before the blocks, which may take as long as somebody reads what happened long ago.
  if (now >= next_tell && TellHead()) told_at_ = now;
  if (!asked_.empty()) {
    const nanoseconds wait = budget_.WaitAt(now);
    if (wait <= nanoseconds(0)) return AnswerFirst(lock);
    work_.wait_for(lock, std::min<nanoseconds>(wait, kGatherTimeMin));
  } else if (awaiting_head_.empty()) {
    work_.wait(lock);
  } else if (now < next_tell) {
    work_.wait_until(lock, next_tell);
  } else {
    // From here on the projector wakes this thread. It has to wait for the lock with what is news.
    waiting_for_head_ = true;
    work_.wait(lock);
  }
}

void EventFeed::AnswerFirst(std::unique_lock<std::mutex>& lock) {
  const WantedBlock wanted = asked_.front().wanted;
  DropHidden();
  Result<EventBlockPtr> block = kept_.Find(wanted);
  if (*block == nullptr) {
    const std::uint64_t hidden_count = hidden_count_;
    lock.unlock();
    const nanoseconds before = ThreadCpuTime();
    block = Make(wanted);
    budget_.Spend(ThreadCpuTime() - before);
    lock.lock();
    if (eraser_.hidden_count() != hidden_count) return;  // it is made again
    if (block) static_cast<void>(kept_.Keep(KeptEventBlocks::MakeReady(*block)));
  }
  // Others may have asked for it meanwhile, and some may have left.
  std::erase_if(asked_, [&](const Asked& asked) {
    if (asked.wanted != wanted) return false;
    asked.client->OnBlock(wanted, block);
    return true;
  });
}

Result<EventBlockPtr> EventFeed::Make(const WantedBlock& wanted) {
  try {
    const std::uint64_t hidden_count = eraser_.hidden_count();
    if (std::exchange(made_at_, hidden_count) != hidden_count) maker_.ForgetTexts();
    return maker_.Make(wanted.codec, wanted.first, head_.sequence());
  } catch (...) {
    return MakeError(ErrorCode::kIo, "events could not be read: " + DescribeThrown());
  }
}

}  // namespace coupond::api
