#include "engine/sequencer/command_queue.h"

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include "base/thread.h"

namespace coupond {

namespace {

/// The bytes that frame the key and the value of one metadata entry.
constexpr std::size_t kFramingBytesMax = 8;

std::size_t BytesOf(const std::vector<MetadataEntry>& metadata) {
  std::size_t bytes = 0;
  for (const MetadataEntry& entry : metadata) {
    bytes += entry.key.size() + entry.value.size() + kFramingBytesMax;
  }
  return bytes;
}

std::size_t CouponsMax(const BatchIssueCoupons& batch) {
  return batch.users.size() + batch.anonymous;
}

}  // namespace

std::size_t EventBytesMax(const Command& command, KeyId key) {
  const std::size_t key_bytes = key == kNoKey ? 0 : limits::kKeyBytesMax;
  // The commonest command by far goes first.
  if (const auto* issue = std::get_if<IssueCoupon>(&command)) {
    return limits::kEventBytesMaxWithoutTexts + key_bytes + issue->user_id.size();
  }
  std::size_t bytes = limits::kEventBytesMaxWithoutTexts + key_bytes;
  if (const auto* create = std::get_if<CreateCampaign>(&command)) {
    bytes += limits::kTermsBytesMaxWithoutTexts + create->name.size() + create->description.size() +
             BytesOf(create->metadata);
  }
  if (const auto* update = std::get_if<UpdateCampaign>(&command)) {
    const TermChanges& changes = update->changes;
    bytes += limits::kTermsBytesMaxWithoutTexts;
    if (changes.name) bytes += changes.name->size();
    if (changes.description) bytes += changes.description->size();
    if (changes.metadata) bytes += BytesOf(*changes.metadata);
  }
  if (const auto* set = std::get_if<SetPaused>(&command)) bytes += set->reason.size();
  if (const auto* redeem = std::get_if<RedeemCoupon>(&command)) {
    bytes += redeem->order_ref.size() + redeem->redeemed_by.size() + redeem->request_id.size();
  }
  if (const auto* cancel = std::get_if<CancelRedemption>(&command)) {
    bytes += cancel->reason.size();
  }
  if (const auto* voiding = std::get_if<VoidCoupon>(&command)) bytes += voiding->reason.size();
  if (const auto* batch = std::get_if<BatchIssueCoupons>(&command)) {
    bytes = EventBytesMax(*batch) + key_bytes * (1 + CouponsMax(*batch));
  }
  if (const auto* erasure = std::get_if<EraseUser>(&command)) {
    for (const CouponsToErase& coupons : erasure->coupons) {
      bytes += limits::kErasureBytesMaxWithoutSerials +
               coupons.serials.size() * limits::kErasedSerialBytesMax;
    }
  }
  return bytes;
}

std::size_t EventsMax(std::span<const QueuedCommand> commands) {
  std::size_t events = commands.size();
  for (const QueuedCommand& command : commands) {
    const auto* const batch = std::get_if<BatchIssueCoupons>(&command.command);
    if (batch != nullptr) events += CouponsMax(*batch);
    const auto* const erasure = std::get_if<EraseUser>(&command.command);
    if (erasure != nullptr) events += erasure->coupons.size();
  }
  return events;
}

CommandQueue::CommandQueue(std::size_t capacity, bool measures, std::chrono::nanoseconds busy_wait)
    : capacity_(capacity), measures_(measures), busy_wait_(busy_wait) {}

CommandQueue::PushedAll CommandQueue::TryPushAll(std::span<QueuedCommand> commands) {
  if (commands.empty()) return {};
  if (measures_) {
    const auto now = std::chrono::steady_clock::now();
    for (QueuedCommand& command : commands) command.queued_at = now;
  }
  std::size_t accepted = 0;
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return {.accepted = 0, .last = Push::kClosed};
    const std::size_t held = waiting_.size() + taken_left_.load(std::memory_order_relaxed);
    accepted = std::min(commands.size(), capacity_ - std::min(capacity_, held));
    for (QueuedCommand& command : commands.first(accepted)) waiting_.push_back(std::move(command));
    if (accepted > 0) has_news_.store(true, std::memory_order_relaxed);
    wake = accepted > 0 && std::exchange(consumer_sleeps_, false);
  }
  if (wake) arrived_.notify_one();
  return {.accepted = accepted, .last = accepted < commands.size() ? Push::kFull : Push::kAccepted};
}

void CommandQueue::Close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    has_news_.store(true, std::memory_order_relaxed);
  }
  arrived_.notify_one();
}

bool CommandQueue::Wait() {
  if (handed_out_ < taken_.size()) return true;
  BusyWait(busy_wait_, [this] { return has_news_.load(std::memory_order_relaxed); });
  std::unique_lock lock(mutex_);
  while (waiting_.empty() && !closed_) {
    consumer_sleeps_ = true;
    arrived_.wait(lock);
  }
  consumer_sleeps_ = false;
  return !waiting_.empty();
}

std::span<QueuedCommand> CommandQueue::Take(std::size_t max, std::size_t bytes_max) {
  if (handed_out_ == taken_.size()) {
    taken_.clear();
    handed_out_ = 0;
    const std::lock_guard lock(mutex_);
    taken_.swap(waiting_);
    has_news_.store(closed_, std::memory_order_relaxed);
    taken_left_.store(taken_.size(), std::memory_order_relaxed);
  }
  const std::size_t left = std::min(max, taken_.size() - handed_out_);
  std::size_t count = 0;
  for (std::size_t bytes = 0; count < left; ++count) {
    const QueuedCommand& next = taken_[handed_out_ + count];
    if (next.accepts_clock) {
      if (count == 0) count = 1;
      break;
    }
    bytes += EventBytesMax(next.command, next.key);
    if (bytes > bytes_max && count > 0) break;
  }
  const std::span<QueuedCommand> next(taken_.data() + handed_out_, count);
  handed_out_ += count;
  taken_left_.store(taken_.size() - handed_out_, std::memory_order_relaxed);
  return next;
}

std::size_t CommandQueue::size() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size() + taken_left_.load(std::memory_order_relaxed);
}

}  // namespace coupond
