#ifndef COUPOND_API_CAMPAIGN_WATCHERS_H_
#define COUPOND_API_CAMPAIGN_WATCHERS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <unordered_set>

#include "api/state_alarm.h"
#include "base/slots.h"
#include "engine/ports/clock.h"
#include "engine/rules/ids.h"
#include "engine/rules/timestamp.h"
#include "engine/views/campaign_watch.h"
#include "rpc/connect/call.h"
#include "rpc/http/handler.h"
#include "rpc/http/limits.h"

namespace coupond::api {

class WatchRounds;

/// The last message of a stream.
enum class WatchUntil : std::uint8_t {
  kOver,     ///< the campaign is sold out, ended, archived or deleted
  kDeleted,  ///< it is deleted
};

/// The messages of one WatchCampaign call: first the state of the campaign, then each change, in
/// the rounds of the worker, at once a change of its state by itself, and a repetition after a
/// period without changes. A client that reads slowly misses intermediate states, and costs no
/// memory.
///
/// Threads: the worker's. `rounds` and the owner of `slot` must outlive it.
class CampaignWatcher final : public connect::MessageSource {
 public:
  /// Enters `rounds`, after which no change is missed. Construct it before reading the campaign.
  CampaignWatcher(WatchRounds& rounds, Slots::Slot slot, const CampaignId& id, WatchUntil until);
  ~CampaignWatcher() override;
  CampaignWatcher(const CampaignWatcher&) = delete;
  CampaignWatcher& operator=(const CampaignWatcher&) = delete;

  /// Sets the content of the first message. Call once, before the first turn.
  void BeginWith(const CampaignSnapshot& first);

  void Next(connect::StreamTurn turn) override;

  // Called by the rounds:
  [[nodiscard]] const CampaignId& id() const { return id_; }
  /// Records a state, unless it is no newer than the known one. The state read at the start may be
  /// newer than a change that is reported later.
  void Learn(const std::shared_ptr<const CampaignSnapshot>& snapshot) {
    if (!newest_ || snapshot->sequence > newest_->sequence) newest_ = snapshot;
  }
  /// Makes the newest state due again even if it has been sent.
  void OweRepetition() { owes_repetition_ = true; }
  /// Reports whether a message is due.
  [[nodiscard]] bool is_behind() const {
    return newest_ && (owes_repetition_ || newest_->sequence > told_);
  }
  /// Returns the moment at which the state that was sent last changes by itself, or kNever.
  [[nodiscard]] Timestamp told_until() const { return told_until_; }
  /// Returns the tick of the last message (see WatchRounds::tick).
  [[nodiscard]] std::uint64_t told_at_tick() const { return told_at_tick_; }
  /// Reports whether the client has read the previous message.
  [[nodiscard]] bool is_ready() const { return turn_.has_value(); }
  [[nodiscard]] bool may_be_told(std::uint64_t round) const { return round >= next_round_; }
  /// Reports whether a message may be sent outside of the rounds. If so, none may be sent that way
  /// again before round `next`.
  [[nodiscard]] bool TakeExtraMessage(std::uint64_t round, std::uint64_t next) {
    if (round < next_extra_round_) return false;
    next_extra_round_ = next;
    return true;
  }
  /// Sends the newest state. Requires is_ready(). The next message waits at least until round
  /// `next`, unless the state changes by itself.
  void TellNewest(std::uint64_t next);

 private:
  void Tell(const CampaignSnapshot& snapshot, connect::StreamTurn turn);

  WatchRounds& rounds_;
  const Slots::Slot slot_;
  const CampaignId id_;
  const WatchUntil until_;
  std::shared_ptr<const CampaignSnapshot> newest_;
  bool begun_ = false;      // the first message has been sent
  bool told_last_ = false;  // the last message has been sent
  Sequence told_;
  Timestamp told_until_ = kNever;
  std::uint64_t told_at_tick_ = 0;
  bool owes_repetition_ = false;
  std::uint64_t next_round_ = 0;
  std::uint64_t next_extra_round_ = 0;
  std::optional<connect::StreamTurn> turn_;
};

/// The minimum time between two messages to a watcher, but for the one at a campaign's start or
/// end.
inline constexpr std::chrono::milliseconds kWatchIntervalMin{100};
/// The maximum number of messages per second to all watchers of a worker together, on average.
/// However many clients watch, most of the worker's time is left for those who want coupons. With
/// more than 200 watchers, each gets messages less often. A campaign's start and end are
/// sent to all its watchers at once, and each of them then waits longer for its next message.
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
/// The watchers of a campaign whose state changes by itself, at its start or its end, do not wait
/// for a round: their message is sent before all others that are due, even during a pause. After
/// it, each gets no other message for a full pause.
///
/// Threads: the worker's. Must outlive its watchers and the engine's last change.
class WatchRounds {
 public:
  /// Starts without watchers. `clock` (Engine::clock) decides the states of campaigns. `heartbeat`
  /// is the maximum silence on a stream.
  WatchRounds(CampaignWatches& watches, const Clock& clock, http::Executor& executor,
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
  /// Records that a message is sent outside of a round. Returns the first round that
  /// begins at least one interval from now.
  [[nodiscard]] std::uint64_t RoundAfterInterval();
  /// Records that a state was sent which changes by itself at `moment`.
  void ExpectChangeOfState(const CampaignId& id, Timestamp moment) { alarm_.Expect(id, moment); }
  [[nodiscard]] const Clock& clock() const { return clock_; }
  /// Returns the current tick. A watcher notes it with each message it sends.
  [[nodiscard]] std::uint64_t tick() const { return tick_; }

  /// Stops all rounds, because the worker is ending.
  void Abandon();

 private:
  /// A watcher whose turn it is to receive a message.
  struct Due {
    CampaignWatcher* watcher;  // null if it has left
    std::uint64_t next_round;  // in which it may receive another
  };

  void OnChange();
  void BeginRound();
  void LearnChanges();
  void Consider(CampaignWatcher& watcher);
  void OnChangeOfState();
  /// Sends messages to some of the watchers that are due, and posts itself for the others.
  void TellSome();
  void Pause();
  void OnPauseEnd();
  [[nodiscard]] std::chrono::milliseconds Interval() const;
  void AwaitTick();
  void OnTick();

  const Clock& clock_;
  http::Executor& executor_;
  const std::chrono::milliseconds tick_length_;
  // An ordered map rather than a hash map: callers choose the ids, and could make hashes collide.
  std::map<CampaignId, std::unordered_set<CampaignWatcher*>> watchers_;
  std::size_t watcher_count_ = 0;
  std::uint64_t round_ = 0;  // the last round that began
  std::deque<Due> due_;
  std::unordered_set<CampaignWatcher*> postponed_;
  std::unique_ptr<http::Timer> pause_;  // non-null during a pause
  std::uint64_t tick_ = 0;
  std::unique_ptr<http::Timer> ticker_;  // non-null while there are watchers
  bool changed_ = false;                 // since the round began
  bool told_outside_ = false;            // a message was sent during this pause
  bool abandoned_ = false;
  StateAlarm alarm_;
  WatchedCampaigns watched_;  // the last member: calls OnChange until it is destroyed
};

}  // namespace coupond::api

#endif  // COUPOND_API_CAMPAIGN_WATCHERS_H_
