#include "api/events/event_feed.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>
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
/// The time after which something that threw is tried again.
constexpr milliseconds kPauseAfterThrow{100};

}  // namespace

EventFeed::EventFeed(Engine& engine, const CouponCodec& codec, FailureHook on_failure)
    : head_(engine.view_head()),
      eraser_(engine.eraser()),
      on_failure_(std::move(on_failure)),
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
  // The thread drops what may show hidden texts, when it is asked for a block next.
  return hidden_count_ == eraser_.hidden_count() ? kept_.Find(wanted) : nullptr;
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
  const std::lock_guard calling(calling_);
  const std::lock_guard lock(mutex_);
  std::erase_if(asked_, [&client](const Asked& asked) { return asked.client == &client; });
  awaiting_head_.erase(&client);
}

void EventFeed::OnHeadMoved() {
  if (!waiting_for_head_.exchange(false, std::memory_order_acq_rel)) return;
  // The thread may be about to wait.
  {
    const std::lock_guard lock(mutex_);
  }
  work_.notify_one();
}

nanoseconds EventFeed::GatherTime() const {
  const auto readers = static_cast<std::int64_t>(readers_.load(std::memory_order_relaxed));
  return std::clamp<nanoseconds>(readers * kGatherTimeOfAReader, kGatherTimeMin, kGatherTimeMax);
}

void EventFeed::Run() {
  NameThisThread("events");
  LowerThisThreadsPriority(kEventsNice);
  bool goes_on = true;
  while (goes_on) {
    try {
      goes_on = Step();
    } catch (...) {
      PauseAsThrown();
    }
  }
}

void EventFeed::PauseAsThrown() noexcept {
  try {
    Report(
        {ErrorCode::kIo, "the feed of events continues after an exception: " + DescribeThrown()});
  } catch (...) {  // NOLINT(bugprone-empty-catch): there is no memory to say so
  }
  std::unique_lock lock(mutex_);
  work_.wait_for(lock, kPauseAfterThrow, [this] { return stopping_; });
}

void EventFeed::Report(const Error& error) const {
  if (on_failure_) on_failure_(error);
}

bool EventFeed::Step() {
  const auto now = Clock::now();
  const auto next_tell = told_at_ + GatherTime();
  const nanoseconds wait = budget_.WaitAt(now);
  std::optional<WantedBlock> wanted;
  {
    std::unique_lock lock(mutex_);
    if (stopping_) return false;
    // Before the blocks, which may take as long as a reader reads what happened long ago.
    const bool tells = now >= next_tell && HasNewsOfTheHead();
    if (!tells && !asked_.empty() && wait <= nanoseconds(0)) wanted = asked_.front().wanted;
    if (!tells && !wanted) {
      if (!asked_.empty()) {
        work_.wait_for(lock, std::min<nanoseconds>(wait, kGatherTimeMin));
      } else if (awaiting_head_.empty()) {
        work_.wait(lock);
      } else if (now < next_tell) {
        work_.wait_until(lock, next_tell);
      } else {
        // From here on the projector wakes this thread. What it has projected before is seen now.
        waiting_for_head_.exchange(true, std::memory_order_acq_rel);
        if (!HasNewsOfTheHead()) work_.wait(lock);
      }
      return true;
    }
  }
  if (wanted) {
    Answer(*wanted);
  } else {
    TellHead();
    told_at_ = now;
  }
  return true;
}

bool EventFeed::HasNewsOfTheHead() const {
  const Sequence head = head_.sequence();
  return std::ranges::any_of(awaiting_head_,
                             [head](const auto& waiting) { return waiting.second < head; });
}

void EventFeed::TellHead() {
  const std::lock_guard calling(calling_);
  const Sequence head = head_.sequence();
  std::map<EventFeedClient*, Sequence> told;
  {
    const std::lock_guard lock(mutex_);
    for (auto waiting = awaiting_head_.begin(); waiting != awaiting_head_.end();) {
      const auto next = std::next(waiting);
      if (waiting->second < head) told.insert(awaiting_head_.extract(waiting));
      waiting = next;
    }
  }
  try {
    for (; !told.empty(); told.erase(told.begin())) told.begin()->first->OnHead();
  } catch (...) {
    const std::lock_guard lock(mutex_);
    awaiting_head_.merge(told);
    throw;
  }
}

void EventFeed::Answer(const WantedBlock& wanted) {
  const std::uint64_t hidden_count = eraser_.hidden_count();
  DropHidden(hidden_count);
  Result<EventBlockPtr> block;
  {
    const std::lock_guard lock(mutex_);
    block = kept_.Find(wanted);
  }
  if (*block == nullptr) {
    const nanoseconds before = ThreadCpuTime();
    block = Make(wanted);
    budget_.Spend(ThreadCpuTime() - before);
    if (eraser_.hidden_count() != hidden_count) return;  // it is made again
    if (!block) {
      Report(block.error());
    } else {
      KeptEventBlocks::Ready ready = KeptEventBlocks::MakeReady(*block);
      KeptEventBlocks::Dropped dropped;
      const std::lock_guard lock(mutex_);
      dropped = kept_.Keep(std::move(ready));
    }
  }
  Deliver(wanted, block);
}

void EventFeed::Deliver(const WantedBlock& wanted, const Result<EventBlockPtr>& block) {
  const std::lock_guard calling(calling_);
  // Others may have asked for it meanwhile, and some may have left.
  std::list<Asked> answered;
  {
    const std::lock_guard lock(mutex_);
    for (auto asked = asked_.begin(); asked != asked_.end();) {
      const auto next = std::next(asked);
      if (asked->wanted == wanted) answered.splice(answered.end(), asked_, asked);
      asked = next;
    }
  }
  try {
    for (; !answered.empty(); answered.pop_front()) answered.front().client->OnBlock(wanted, block);
  } catch (...) {
    const std::lock_guard lock(mutex_);
    asked_.splice(asked_.begin(), answered);
    throw;
  }
}

void EventFeed::DropHidden(std::uint64_t hidden_count) {
  KeptEventBlocks::Dropped dropped;
  const std::lock_guard lock(mutex_);
  if (std::exchange(hidden_count_, hidden_count) != hidden_count) dropped = kept_.Clear();
}

Result<EventBlockPtr> EventFeed::Make(const WantedBlock& wanted) {
  try {
    const std::uint64_t hidden_count = eraser_.hidden_count();
    if (std::exchange(made_at_, hidden_count) != hidden_count) maker_.ForgetTexts();
    return maker_.Make(wanted.codec, wanted.first, head_.sequence());
  } catch (...) {
    // What threw may pass: usually there is no memory at the moment.
    return MakeError(ErrorCode::kOverloaded, "events could not be read now: " + DescribeThrown());
  }
}

}  // namespace coupond::api
