#ifndef COUPOND_API_SERVICE_WATCH_ROUNDS_H_
#define COUPOND_API_SERVICE_WATCH_ROUNDS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <unordered_set>

#include "api/http/handler.h"
#include "api/http/limits.h"
#include "engine/rules/ids.h"
#include "engine/views/campaign_watch.h"

namespace coupond::service {

class CampaignWatcher;

/// A watcher is told of changes at most this often.
inline constexpr std::chrono::milliseconds kWatchIntervalMin{100};
/// All watchers of a worker together are told at most this many changes a second, so that however
/// many watch, most of the worker's time is for those who want coupons. With more than 200 of them,
/// each is told less often.
inline constexpr std::size_t kWatchMessagesPerSecondMax = 2'000;
/// So many may watch at once: they hold connections for as long as they like, and must leave some
/// to those who want coupons. A server for fewer connections takes half of them.
inline constexpr std::size_t kWatchersMax = 5'000;
static_assert(kWatchersMax <= http::kConnectionsMax / 2);
/// Proxies take a stream on which nothing comes for a broken one, most of them after 60 s. So
/// however quiet a campaign is, its watchers are told its newest state again before this has
/// passed.
inline constexpr std::chrono::milliseconds kHeartbeat{20'000};
/// So many messages are sent before other requests have their turn.
inline constexpr std::size_t kWatchMessagesAtOnce = 32;

/// When those who watch campaigns through one worker are told of changes: in rounds with a pause
/// after each. A round begins with the first change after a pause, or when the pause ends in which
/// something changed, and tells each watcher the newest state only. Watchers that have been told
/// nothing for most of a heartbeat are told in the next round, whether there is news or not.
///
/// Threads: the worker's. Must outlive its watchers, and the engine's last change.
class WatchRounds {
 public:
  /// `heartbeat` is the longest silence on a stream.
  WatchRounds(CampaignWatches& watches, http::Executor& executor,
              std::chrono::milliseconds heartbeat = kHeartbeat);
  WatchRounds(const WatchRounds&) = delete;
  WatchRounds& operator=(const WatchRounds&) = delete;

  // From watchers:
  /// From now on no change of its campaign is missed.
  void Enter(CampaignWatcher& watcher);
  void Leave(CampaignWatcher& watcher);
  /// It has something to be told, but came too late for the round.
  void Postpone(CampaignWatcher& watcher);
  /// Somebody is told something outside of a round: gives the first round that begins at least an
  /// interval from now.
  [[nodiscard]] std::uint64_t RoundAfterInterval();
  /// The current tick. A watcher that was told something notes it.
  [[nodiscard]] std::uint64_t tick() const { return tick_; }

  /// The worker ends: no more rounds.
  void Abandon();

 private:
  void OnChange();
  void BeginRound();
  void Consider(CampaignWatcher& watcher);
  /// Tells some of those whose turn it is, and comes back for the others.
  void TellSome();
  void Pause();
  void OnPauseEnd();
  [[nodiscard]] std::chrono::milliseconds Interval() const;
  void AwaitTick();
  void OnTick();

  http::Executor& executor_;
  const std::chrono::milliseconds tick_length_;
  // In order, not hashed: callers choose the ids, and could make hashes collide.
  std::map<CampaignId, std::unordered_set<CampaignWatcher*>> watchers_;
  std::size_t watcher_count_ = 0;
  std::uint64_t round_ = 0;           // the last one that began
  std::deque<CampaignWatcher*> due_;  // of this round; null if it has left
  std::unordered_set<CampaignWatcher*> postponed_;
  std::unique_ptr<http::Timer> pause_;  // there while it lasts
  std::uint64_t tick_ = 0;
  std::unique_ptr<http::Timer> ticker_;  // there while somebody watches
  bool changed_ = false;                 // since the round began
  bool told_outside_ = false;            // somebody was told something in this pause
  bool abandoned_ = false;
  WatchedCampaigns watched_;  // the last member: it calls OnChange as long as it is there
};

}  // namespace coupond::service

#endif  // COUPOND_API_SERVICE_WATCH_ROUNDS_H_
