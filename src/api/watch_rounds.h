#ifndef COUPOND_API_WATCH_ROUNDS_H_
#define COUPOND_API_WATCH_ROUNDS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <unordered_set>

#include "engine/rules/ids.h"
#include "engine/views/campaign_watch.h"
#include "rpc/http/handler.h"
#include "rpc/http/limits.h"

namespace coupond::service {

class CampaignWatcher;

/// The minimum time between two messages to a watcher.
inline constexpr std::chrono::milliseconds kWatchIntervalMin{100};
/// The maximum number of messages per second to all watchers of a worker together. However many
/// clients watch, most of the worker's time is left for those who want coupons. With more than 200
/// watchers, each gets messages less often.
inline constexpr std::size_t kWatchMessagesPerSecondMax = 2'000;
/// The maximum number of watchers at a time. They hold connections for as long as they like, and
/// must leave some to clients who want coupons. A server with a lower connection limit allows half
/// of it.
inline constexpr std::size_t kWatchersMax = 5'000;
static_assert(kWatchersMax <= http::kConnectionsMax / 2);
/// The maximum silence on a stream. Proxies treat a stream as broken if nothing arrives on it, most
/// of them after 60 s. So however quiet a campaign is, its watchers are sent its newest state again
/// before this time has passed.
inline constexpr std::chrono::milliseconds kHeartbeat{20'000};
/// The maximum number of messages to send before other requests get their turn.
inline constexpr std::size_t kWatchMessagesAtOnce = 32;

/// The schedule on which the watchers of one worker receive changes: rounds, with a pause after
/// each. A round begins with the first change after a pause, or at the end of a pause in which
/// something changed, and sends each watcher only the newest state. Watchers that have received
/// nothing for most of a heartbeat are included in the next round, whether there is news or not.
///
/// Threads: the worker's. Must outlive its watchers and the engine's last change.
class WatchRounds {
 public:
  /// Starts without watchers. `heartbeat` is the maximum silence on a stream.
  WatchRounds(CampaignWatches& watches, http::Executor& executor,
              std::chrono::milliseconds heartbeat = kHeartbeat);
  WatchRounds(const WatchRounds&) = delete;
  WatchRounds& operator=(const WatchRounds&) = delete;

  // Called by watchers:
  /// Adds a watcher. After this call, no change of its campaign is missed.
  void Enter(CampaignWatcher& watcher);
  void Leave(CampaignWatcher& watcher);
  /// Schedules, for the next round, a watcher that has a message due but became ready too late for
  /// this round.
  void Postpone(CampaignWatcher& watcher);
  /// Records that a watcher is sent a message outside of a round. Returns the first round that
  /// begins at least one interval from now.
  [[nodiscard]] std::uint64_t RoundAfterInterval();
  /// Returns the current tick. A watcher notes it with each message it sends.
  [[nodiscard]] std::uint64_t tick() const { return tick_; }

  /// Stops all rounds, because the worker is ending.
  void Abandon();

 private:
  void OnChange();
  void BeginRound();
  void Consider(CampaignWatcher& watcher);
  /// Sends messages to some of the watchers that are due, and posts itself for the others.
  void TellSome();
  void Pause();
  void OnPauseEnd();
  [[nodiscard]] std::chrono::milliseconds Interval() const;
  void AwaitTick();
  void OnTick();

  http::Executor& executor_;
  const std::chrono::milliseconds tick_length_;
  // An ordered map rather than a hash map: callers choose the ids, and could make hashes collide.
  std::map<CampaignId, std::unordered_set<CampaignWatcher*>> watchers_;
  std::size_t watcher_count_ = 0;
  std::uint64_t round_ = 0;           // the last round that began
  std::deque<CampaignWatcher*> due_;  // in this round; null if the watcher has left
  std::unordered_set<CampaignWatcher*> postponed_;
  std::unique_ptr<http::Timer> pause_;  // non-null during a pause
  std::uint64_t tick_ = 0;
  std::unique_ptr<http::Timer> ticker_;  // non-null while there are watchers
  bool changed_ = false;                 // since the round began
  bool told_outside_ = false;            // a message was sent during this pause
  bool abandoned_ = false;
  WatchedCampaigns watched_;  // the last member: calls OnChange until it is destroyed
};

}  // namespace coupond::service

#endif  // COUPOND_API_WATCH_ROUNDS_H_
