#ifndef COUPOND_TEST_SUPPORT_RECORDING_CHANNEL_H_
#define COUPOND_TEST_SUPPORT_RECORDING_CHANNEL_H_

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <span>

#include "engine/sequencer/reply.h"

namespace coupond::test {

/// Records all replies by their tickets. Any thread.
class RecordingChannel final : public ReplyChannel {
 public:
  void Deliver(std::span<const TicketedReply> replies) override {
    const std::lock_guard lock(mutex_);
    ++deliveries_;
    for (const TicketedReply& ticketed : replies) {
      twice_ = !replies_.emplace(ticketed.ticket, ticketed.reply).second || twice_;
    }
    // With the lock held: a waiting thread may destroy this object as soon as it sees the replies.
    changed_.notify_all();
  }

  void WaitForReplies(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return replies_.size() >= count; });
  }
  [[nodiscard]] std::map<std::uint64_t, Reply> replies() const {
    const std::lock_guard lock(mutex_);
    return replies_;
  }
  [[nodiscard]] std::size_t deliveries() const {
    const std::lock_guard lock(mutex_);
    return deliveries_;
  }
  /// Reports whether any ticket was answered twice.
  [[nodiscard]] bool answered_twice() const {
    const std::lock_guard lock(mutex_);
    return twice_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::uint64_t, Reply> replies_;
  std::size_t deliveries_ = 0;
  bool twice_ = false;
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_SUPPORT_RECORDING_CHANNEL_H_
