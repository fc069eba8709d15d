#include "api/campaign_watchers.h"

#include <algorithm>
#include <ranges>
#include <utility>
#include <vector>

#include "api/reply_mapping.h"
#include "coupon/v1/coupon_service.pb.h"
#include "engine/rules/campaign.h"

namespace coupond::api {
namespace {

coupon::v1::WatchState WatchStateOf(const CampaignSnapshot& snapshot, Timestamp now) {
  if (snapshot.deleted) return coupon::v1::WATCH_STATE_DELETED;
  switch (StateOf(snapshot.campaign, now)) {
    case CampaignState::kArchived:
    case CampaignState::kEnded:
      return coupon::v1::WATCH_STATE_ENDED;
    case CampaignState::kSoldOut:
      return coupon::v1::WATCH_STATE_SOLD_OUT;
    case CampaignState::kScheduled:
    case CampaignState::kPaused:
    case CampaignState::kOpen:
      break;
  }
  return coupon::v1::WATCH_STATE_LIVE;
}

bool IsLast(coupon::v1::WatchState state, WatchUntil until) {
  return until == WatchUntil::kDeleted ? state == coupon::v1::WATCH_STATE_DELETED
                                       : state != coupon::v1::WATCH_STATE_LIVE;
}

/// The number of ticks in a heartbeat, counted by one timer for all watchers. A message is due at
/// the fourth tick after the one that saw the last message, so it is sent when 3/5 to 4/5 of a
/// heartbeat have passed; the last fifth is left for slow rounds.
constexpr int kTicksInAHeartbeat = 5;
constexpr std::uint64_t kTicksOfSilence = 4;

}  // namespace

CampaignWatcher::CampaignWatcher(WatchRounds& rounds, Slots::Slot slot, const CampaignId& id,
                                 WatchUntil until)
    : rounds_(rounds), slot_(std::move(slot)), id_(id), until_(until) {
  rounds_.Enter(*this);
}

CampaignWatcher::~CampaignWatcher() { rounds_.Leave(*this); }

void CampaignWatcher::BeginWith(const CampaignSnapshot& first) {
  Learn(std::make_shared<const CampaignSnapshot>(first));
}

void CampaignWatcher::Next(connect::StreamTurn turn) {
  if (told_last_) return turn.Finish();
  if (!std::exchange(begun_, true)) {
    next_round_ = rounds_.RoundAfterInterval();
    return Tell(*newest_, std::move(turn));
  }
  turn_ = std::move(turn);
  if (is_behind()) rounds_.Postpone(*this);
}

void CampaignWatcher::TellNewest(std::uint64_t next) {
  next_round_ = next;
  // Sending may immediately bring the next turn.
  connect::StreamTurn turn = std::move(*turn_);
  turn_.reset();
  Tell(*newest_, std::move(turn));
}

void CampaignWatcher::Tell(const CampaignSnapshot& snapshot, connect::StreamTurn turn) {
  const Timestamp now = rounds_.clock().Now();
  coupon::v1::WatchCampaignResponse message;
  SetCampaign(snapshot.campaign, now, *message.mutable_campaign());
  message.set_state(WatchStateOf(snapshot, now));
  message.set_sequence(snapshot.sequence.value());
  told_ = snapshot.sequence;
  told_at_tick_ = rounds_.tick();
  owes_repetition_ = false;
  told_last_ = IsLast(message.state(), until_);
  told_until_ = told_last_ ? kNever : NextChangeOfState(snapshot.campaign, now);
  rounds_.ExpectChangeOfState(id_, told_until_);
  turn.Send(message);
}

using std::chrono::milliseconds;

WatchRounds::WatchRounds(CampaignWatches& watches, const Clock& clock, http::Executor& executor,
                         milliseconds heartbeat)
    : clock_(clock),
      executor_(executor),
      tick_length_(heartbeat / kTicksInAHeartbeat),
      alarm_(clock, executor, [this] { OnChangeOfState(); }),
      watched_(watches, [this] { executor_.Post([this] { OnChange(); }); }) {}

void WatchRounds::Enter(CampaignWatcher& watcher) {
  auto& watchers = watchers_[watcher.id()];
  if (watchers.empty()) watched_.Add(watcher.id());
  watchers.insert(&watcher);
  if (++watcher_count_ == 1) AwaitTick();
}

void WatchRounds::Leave(CampaignWatcher& watcher) {
  std::ranges::replace(due_ | std::views::transform(&Due::watcher), &watcher, nullptr);
  postponed_.erase(&watcher);
  if (--watcher_count_ == 0) ticker_.reset();
  const auto found = watchers_.find(watcher.id());
  found->second.erase(&watcher);
  if (!found->second.empty()) return;
  watchers_.erase(found);
  alarm_.Forget(watcher.id());
  watched_.Remove(watcher.id());
}

void WatchRounds::OnChange() {
  changed_ = true;
  if (!pause_) BeginRound();
}

void WatchRounds::BeginRound() {
  if (abandoned_) return;
  changed_ = false;
  told_outside_ = false;
  ++round_;
  Pause();
  LearnChanges();
  for (CampaignWatcher* const watcher : std::exchange(postponed_, {})) Consider(*watcher);
  TellSome();
}

/// Postpones the watchers of what changed.
void WatchRounds::LearnChanges() {
  for (const auto& snapshot : watched_.TakeChanged()) {
    const auto found = watchers_.find(snapshot->campaign.id);
    if (found == watchers_.end()) continue;
    for (CampaignWatcher* const watcher : found->second) {
      watcher->Learn(snapshot);
      Postpone(*watcher);
    }
    // Some may be told of it only after its state has changed by itself.
    alarm_.Expect(snapshot->campaign.id, NextChangeOfState(snapshot->campaign, clock_.Now()));
  }
}

/// Adds the watcher to this round or the next one if it has a message due. A watcher that is not
/// ready reports by itself once it is.
void WatchRounds::Consider(CampaignWatcher& watcher) {
  if (!watcher.is_behind() || !watcher.is_ready()) return;
  if (watcher.may_be_told(round_)) {
    due_.push_back({.watcher = &watcher, .next_round = round_ + 1});
  } else {
    postponed_.insert(&watcher);
  }
}

void WatchRounds::OnChangeOfState() {
  const bool telling = !due_.empty();
  // An end that was postponed in the meantime is not one.
  LearnChanges();
  const Timestamp now = clock_.Now();
  const std::vector<CampaignId> changed = alarm_.TakeDue(now);
  if (changed.empty()) return;
  const std::uint64_t next_round = RoundAfterInterval();
  for (const CampaignId& id : changed) {
    for (CampaignWatcher* const watcher : watchers_.at(id)) {
      if (watcher->told_until() <= now) {
        watcher->OweRepetition();
      } else {
        alarm_.Expect(id, watcher->told_until());
      }
      if (!watcher->is_behind() || !watcher->is_ready()) continue;
      if (watcher->TakeExtraMessage(round_, next_round)) {
        due_.push_front({.watcher = watcher, .next_round = next_round});
      } else {
        Postpone(*watcher);
      }
    }
  }
  if (!telling) TellSome();
}

void WatchRounds::TellSome() {
  for (std::size_t told = 0; told < kWatchMessagesAtOnce && !due_.empty(); ++told) {
    const auto [watcher, next_round] = due_.front();
    due_.pop_front();
    // It may have been told already, if it became due twice.
    if (watcher == nullptr || !watcher->is_behind() || !watcher->is_ready()) continue;
    watcher->TellNewest(next_round);
  }
  if (!due_.empty()) executor_.Post([this] { TellSome(); });
}

void WatchRounds::Postpone(CampaignWatcher& watcher) {
  postponed_.insert(&watcher);
  if (!pause_) Pause();
}

std::uint64_t WatchRounds::RoundAfterInterval() {
  if (!pause_) {
    Pause();
    return round_ + 1;
  }
  told_outside_ = true;
  return round_ + 2;  // the next one may begin at any moment
}

void WatchRounds::Pause() {
  if (!abandoned_) pause_ = executor_.StartTimer(Interval(), [this] { OnPauseEnd(); });
}

void WatchRounds::OnPauseEnd() {
  pause_.reset();
  // Rounds do not overlap: a worker that cannot keep up has longer pauses.
  if (!due_.empty()) return Pause();
  if (changed_ || !postponed_.empty()) return BeginRound();
  ++round_;  // a round with nothing to send
  // A watcher that was sent a message during this pause must wait for another one.
  if (std::exchange(told_outside_, false)) Pause();
}

milliseconds WatchRounds::Interval() const {
  const milliseconds affordable(watcher_count_ * 1'000 / kWatchMessagesPerSecondMax);
  return std::max(kWatchIntervalMin, affordable);
}

void WatchRounds::AwaitTick() {
  if (!abandoned_) ticker_ = executor_.StartTimer(tick_length_, [this] { OnTick(); });
}

void WatchRounds::OnTick() {
  AwaitTick();
  ++tick_;
  for (const auto& [id, watchers] : watchers_) {
    for (CampaignWatcher* const watcher : watchers) {
      // If a watcher is not ready, bytes are still on their way to it.
      if (!watcher->is_ready() || tick_ - watcher->told_at_tick() < kTicksOfSilence) continue;
      watcher->OweRepetition();
      postponed_.insert(watcher);
    }
  }
  if (!postponed_.empty() && !pause_) BeginRound();
}

void WatchRounds::Abandon() {
  abandoned_ = true;
  ticker_.reset();
  pause_.reset();
  alarm_.Abandon();
}

}  // namespace coupond::api
