#include "api/campaign_watchers.h"

#include <algorithm>
#include <utility>

#include "api/reply_mapping.h"
#include "coupon/v1/coupon_service.pb.h"

namespace coupond::api {
namespace {

coupon::v1::WatchState WatchStateOf(const CampaignSnapshot& snapshot) {
  if (snapshot.deleted) return coupon::v1::WATCH_STATE_DELETED;
  const Campaign& campaign = snapshot.campaign;
  return campaign.issued_coupons >= campaign.terms.total_coupons ? coupon::v1::WATCH_STATE_SOLD_OUT
                                                                 : coupon::v1::WATCH_STATE_LIVE;
}

/// The number of ticks in a heartbeat, counted by one timer for all watchers. A message is due at
/// the fourth tick after the one that saw the last message, so it is sent when 3/5 to 4/5 of a
/// heartbeat have passed; the last fifth is left for slow rounds.
constexpr int kTicksInAHeartbeat = 5;
constexpr std::uint64_t kTicksOfSilence = 4;

}  // namespace

CampaignWatcher::CampaignWatcher(WatchRounds& rounds, Slots::Slot slot, const CampaignId& id)
    : rounds_(rounds), slot_(std::move(slot)), id_(id) {
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
  coupon::v1::WatchCampaignResponse message;
  SetCampaign(snapshot.campaign, rounds_.clock().Now(), *message.mutable_campaign());
  message.set_state(WatchStateOf(snapshot));
  message.set_sequence(snapshot.sequence.value());
  told_ = snapshot.sequence;
  told_at_tick_ = rounds_.tick();
  owes_repetition_ = false;
  told_last_ = message.state() != coupon::v1::WATCH_STATE_LIVE;
  turn.Send(message);
}

using std::chrono::milliseconds;

WatchRounds::WatchRounds(CampaignWatches& watches, const Clock& clock, http::Executor& executor,
                         milliseconds heartbeat)
    : clock_(clock),
      executor_(executor),
      tick_length_(heartbeat / kTicksInAHeartbeat),
      watched_(watches, [this] { executor_.Post([this] { OnChange(); }); }) {}

void WatchRounds::Enter(CampaignWatcher& watcher) {
  auto& watchers = watchers_[watcher.id()];
  if (watchers.empty()) watched_.Add(watcher.id());
  watchers.insert(&watcher);
  if (++watcher_count_ == 1) AwaitTick();
}

void WatchRounds::Leave(CampaignWatcher& watcher) {
  std::ranges::replace(due_, &watcher, nullptr);
  postponed_.erase(&watcher);
  if (--watcher_count_ == 0) ticker_.reset();
  const auto found = watchers_.find(watcher.id());
  found->second.erase(&watcher);
  if (!found->second.empty()) return;
  watchers_.erase(found);
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
  auto candidates = std::exchange(postponed_, {});
  for (const auto& snapshot : watched_.TakeChanged()) {
    const auto found = watchers_.find(snapshot->campaign.id);
    if (found == watchers_.end()) continue;
    for (CampaignWatcher* const watcher : found->second) {
      watcher->Learn(snapshot);
      candidates.insert(watcher);
    }
  }
  for (CampaignWatcher* const watcher : candidates) Consider(*watcher);
  TellSome();
}

/// Adds the watcher to this round or the next one if it has a message due. A watcher that is not
/// ready reports by itself once it is.
void WatchRounds::Consider(CampaignWatcher& watcher) {
  if (!watcher.is_behind() || !watcher.is_ready()) return;
  if (watcher.may_be_told(round_)) {
    due_.push_back(&watcher);
  } else {
    postponed_.insert(&watcher);
  }
}

void WatchRounds::TellSome() {
  for (std::size_t told = 0; told < kWatchMessagesAtOnce && !due_.empty(); ++told) {
    CampaignWatcher* const watcher = due_.front();
    due_.pop_front();
    if (watcher != nullptr) watcher->TellNewest(round_ + 1);
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
}

}  // namespace coupond::api
