#ifndef COUPOND_API_CAMPAIGN_WATCHER_H_
#define COUPOND_API_CAMPAIGN_WATCHER_H_

#include <cstdint>
#include <memory>
#include <optional>

#include "engine/rules/ids.h"
#include "engine/views/campaign_watch.h"
#include "rpc/connect/call.h"
#include "rpc/http/slots.h"

namespace coupond::service {

class WatchRounds;

/// The messages of one WatchCampaign call: first the state of the campaign, then each change, in
/// the rounds of the worker, and a repetition after a period without changes. The last message says
/// that the campaign is sold out or deleted. A client that reads slowly misses intermediate states,
/// and costs no memory.
///
/// Threads: the worker's. `rounds` and the owner of `slot` must outlive it.
class CampaignWatcher final : public connect::MessageSource {
 public:
  /// Enters `rounds`, after which no change is missed. Construct it before reading the campaign.
  CampaignWatcher(WatchRounds& rounds, http::Slots::Slot slot, const CampaignId& id);
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
  /// Returns the tick of the last message (see WatchRounds::tick).
  [[nodiscard]] std::uint64_t told_at_tick() const { return told_at_tick_; }
  /// Reports whether the client has read the previous message.
  [[nodiscard]] bool is_ready() const { return turn_.has_value(); }
  [[nodiscard]] bool may_be_told(std::uint64_t round) const { return round >= next_round_; }
  /// Sends the newest state. Requires is_ready(). The next message waits at least until round
  /// `next`.
  void TellNewest(std::uint64_t next);

 private:
  void Tell(const CampaignSnapshot& snapshot, connect::StreamTurn turn);

  WatchRounds& rounds_;
  const http::Slots::Slot slot_;
  const CampaignId id_;
  std::shared_ptr<const CampaignSnapshot> newest_;
  bool begun_ = false;      // the first message has been sent
  bool told_last_ = false;  // the last message has been sent
  Sequence told_;
  std::uint64_t told_at_tick_ = 0;
  bool owes_repetition_ = false;
  std::uint64_t next_round_ = 0;
  std::optional<connect::StreamTurn> turn_;
};

}  // namespace coupond::service

#endif  // COUPOND_API_CAMPAIGN_WATCHER_H_
