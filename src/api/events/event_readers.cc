#include "api/events/event_readers.h"

#include <algorithm>
#include <utility>

namespace coupond::api {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

/// As those of the watchers: a message is due when 3/5 to 4/5 of a heartbeat have passed.
constexpr int kEventTicksInAHeartbeat = 5;
constexpr std::uint64_t kEventTicksOfSilence = 4;

/// What may be used at once after a time in which little was sent.
constexpr nanoseconds kSendBurst = milliseconds(50);
/// Roughly what writing to the socket takes, in a later turn of the event loop, where no one
/// measures it.
constexpr nanoseconds kWriteTimeOfAMessage{8'000};
constexpr nanoseconds kWriteTimeOfAKilobyte{300};

}  // namespace

EventReader::EventReader(EventRounds& rounds, Slots::Slot slot, connect::Codec codec,
                         EventReading reading)
    : rounds_(rounds),
      slot_(std::move(slot)),
      codec_(codec),
      reading_(reading),
      position_(reading.from) {
  rounds_.Enter(*this);
}

EventReader::~EventReader() { rounds_.Leave(*this); }

void EventReader::AskForMore() {
  ready_ = true;
  rounds_.Queue(*this);
}

EventRounds::EventRounds(EventFeed& feed, http::Executor& executor, milliseconds heartbeat)
    : feed_(feed),
      executor_(executor),
      tick_length_(heartbeat / kEventTicksInAHeartbeat),
      budget_(kEventSendCpuShare, kSendBurst, std::chrono::steady_clock::now()),
      looked_at_(std::chrono::steady_clock::now()),
      worker_time_(ThreadCpuTime()) {}

void EventRounds::Enter(EventReader& reader) {
  readers_.insert(&reader);
  feed_.AddReader();
  reader.told_at_tick_ = tick_;
  if (readers_.size() == 1) AwaitTick();
}

void EventRounds::Leave(EventReader& reader) {
  readers_.erase(&reader);
  feed_.RemoveReader();
  if (readers_.empty()) ticker_.reset();
  StopWaiting(reader);
  for (Queued& queued : queue_) {
    if (queued.reader == &reader) queued = {.reader = nullptr, .block = nullptr};
  }
}

void EventRounds::Queue(EventReader& reader) {
  queue_.push_back({.reader = &reader, .block = nullptr});
  Schedule();
}

void EventRounds::Schedule() {
  if (abandoned_ || scheduled_ || pause_) return;
  scheduled_ = true;
  executor_.Post([this] {
    scheduled_ = false;
    ServeSome();
  });
}

void EventRounds::EarnIdleTime(std::chrono::steady_clock::time_point now) {
  const nanoseconds worker_time = ThreadCpuTime();
  const nanoseconds idle = (now - looked_at_) - (worker_time - worker_time_);
  looked_at_ = now;
  worker_time_ = worker_time;
  const std::chrono::duration<double, std::nano> earned = idle * kEventSendIdleShare;
  // A worker that waits for a core is not idle, but that cannot be told apart from here.
  if (idle > nanoseconds(0)) budget_.Add(std::chrono::duration_cast<nanoseconds>(earned));
}

void EventRounds::ServeSome() {
  if (abandoned_ || queue_.empty()) return;
  const auto now = std::chrono::steady_clock::now();
  EarnIdleTime(now);
  const nanoseconds wait = budget_.WaitAt(now);
  if (wait > nanoseconds(0)) {
    pause_ = executor_.StartTimer(std::chrono::ceil<milliseconds>(wait), [this] {
      pause_.reset();
      ServeSome();
    });
    return;
  }
  const nanoseconds before = ThreadCpuTime();
  for (std::size_t served = 0; served < kEventMessagesAtOnce && !queue_.empty(); ++served) {
    Queued next = std::move(queue_.front());
    queue_.pop_front();
    if (next.reader != nullptr) Serve(*next.reader, std::move(next.block));
  }
  budget_.Spend(ThreadCpuTime() - before);
  if (queue_.empty()) QueuePostponed();
  if (!queue_.empty()) Schedule();
}

void EventRounds::Serve(EventReader& reader, EventBlockPtr block) {
  if (reader.at_end()) {
    if (reader.told_ != reader.position_) return SendTo(reader, {});
    reader.ready_ = false;
    return reader.Finish();
  }
  if (const Sequence head = feed_.head(); reader.position_ > head) {
    // The first message comes at once, unless there are events that only the views still lack.
    const bool is_first = reader.told_ == Sequence() && reader.position_ > reader.reading_.head;
    if (reader.owes_heartbeat_ || is_first) return SendTo(reader, {});
    return AwaitEvents(reader, head);
  }
  const WantedBlock wanted{.codec = reader.codec_, .first = reader.position_};
  if (block == nullptr && !waiting_.contains(wanted)) block = feed_.Find(wanted);
  if (block == nullptr && reader.owes_heartbeat_) return SendTo(reader, {});
  if (block == nullptr) return AwaitBlock(wanted, reader);
  ServeFrom(*block, reader);
}

void EventRounds::ServeFrom(const EventBlock& block, EventReader& reader) {
  const EventReading& reading = reader.reading_;
  const Sequence end = reading.follow ? block.next() : reading.head.Next();
  const EventSelection events = block.Select(reader.position_, end, reading.filter);
  reader.position_ = std::min(block.next(), end);
  if (events.empty() && !reader.owes_heartbeat_ && !reader.at_end() &&
      ++reader.empty_blocks_ < kEmptyEventBlocksMax) {
    return Queue(reader);
  }
  SendTo(reader, events);
}

void EventRounds::SendTo(EventReader& reader, const EventSelection& events) {
  reader.told_ = reader.position_;
  reader.told_at_tick_ = tick_;
  reader.owes_heartbeat_ = false;
  reader.empty_blocks_ = 0;
  reader.ready_ = false;
  // The views may be a moment behind the log that the reader's position is taken from.
  const Sequence head = std::max(feed_.head(), Sequence(reader.position_.value() - 1));
  const std::size_t bytes = events.bytes();
  budget_.Spend(kWriteTimeOfAMessage + kWriteTimeOfAKilobyte * (bytes / 1'024));
  reader.Send({.events = events, .head = head, .next = reader.position_});
}

void EventRounds::AwaitBlock(const WantedBlock& wanted, EventReader& reader) {
  const auto found = waiting_.find(wanted);
  if (found != waiting_.end()) {
    found->second.push_back(&reader);
  } else if (waiting_.size() < kEventBlocksAskedMax) {
    waiting_[wanted].push_back(&reader);
    feed_.Ask(wanted, *this);
  } else {
    postponed_.push_back(&reader);
  }
}

void EventRounds::QueuePostponed() {
  for (std::size_t free = kEventBlocksAskedMax - std::min(kEventBlocksAskedMax, waiting_.size());
       free > 0 && !postponed_.empty(); --free) {
    queue_.push_back({.reader = postponed_.front(), .block = nullptr});
    postponed_.pop_front();
  }
}

bool EventRounds::StopWaiting(EventReader& reader) {
  if (idle_.erase(&reader) > 0 || std::erase(postponed_, &reader) > 0) return true;
  return std::ranges::any_of(
      waiting_, [&reader](auto& wanted) { return std::erase(wanted.second, &reader) > 0; });
}

void EventRounds::AwaitEvents(EventReader& reader, Sequence head) {
  idle_.insert(&reader);
  if (!std::exchange(awaiting_head_, true)) feed_.AwaitHead(head, *this);
}

void EventRounds::OnBlock(const WantedBlock& wanted, Result<EventBlockPtr> block) {
  executor_.Post(
      [this, wanted, block = std::move(block)]() mutable { TakeBlock(wanted, std::move(block)); });
}

void EventRounds::TakeBlock(const WantedBlock& wanted, Result<EventBlockPtr> block) {
  if (abandoned_) return;
  const auto found = waiting_.find(wanted);
  const std::vector<EventReader*> readers = std::move(found->second);
  waiting_.erase(found);
  for (EventReader* const reader : readers) {
    if (block) {
      queue_.push_back({.reader = reader, .block = *block});
    } else {
      reader->ready_ = false;
      reader->Fail(block.error());
    }
  }
  // Behind those, so that no more blocks are held than were asked for.
  QueuePostponed();
  if (!queue_.empty()) Schedule();
}

void EventRounds::OnHead() {
  executor_.Post([this] { TakeHead(); });
}

void EventRounds::TakeHead() {
  if (abandoned_) return;
  awaiting_head_ = false;
  for (EventReader* const reader : std::exchange(idle_, {})) Queue(*reader);
}

void EventRounds::AwaitTick() {
  if (!abandoned_) ticker_ = executor_.StartTimer(tick_length_, [this] { OnTick(); });
}

void EventRounds::OnTick() {
  AwaitTick();
  ++tick_;
  for (EventReader* const reader : readers_) {
    // If it is not ready, bytes are still on their way to it.
    if (!reader->ready_ || tick_ - reader->told_at_tick_ < kEventTicksOfSilence) continue;
    reader->owes_heartbeat_ = true;
    if (StopWaiting(*reader)) Queue(*reader);
  }
}

void EventRounds::Abandon() {
  abandoned_ = true;
  feed_.Forget(*this);
  pause_.reset();
  ticker_.reset();
}

}  // namespace coupond::api
