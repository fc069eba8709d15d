#include "api/campaign_watcher.h"

#include <utility>

#include "api/message_mapping.h"
#include "api/watch_rounds.h"
#include "coupon/v1/coupon_service.pb.h"

namespace coupond::service {
namespace {

coupon::v1::WatchState StateOf(const CampaignSnapshot& snapshot) {
  if (snapshot.deleted) return coupon::v1::WATCH_STATE_DELETED;
  const CampaignRow& campaign = snapshot.campaign;
  return campaign.issued_coupons >= campaign.total_coupons ? coupon::v1::WATCH_STATE_SOLD_OUT
                                                           : coupon::v1::WATCH_STATE_LIVE;
}

}  // namespace

CampaignWatcher::CampaignWatcher(WatchRounds& rounds, http::Slots::Slot slot, const CampaignId& id)
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
  SetCampaign(snapshot.campaign, *message.mutable_campaign());
  message.set_state(StateOf(snapshot));
  message.set_sequence(snapshot.sequence.value());
  told_ = snapshot.sequence;
  told_at_tick_ = rounds_.tick();
  owes_repetition_ = false;
  told_last_ = message.state() != coupon::v1::WATCH_STATE_LIVE;
  turn.Send(message);
}

}  // namespace coupond::service
