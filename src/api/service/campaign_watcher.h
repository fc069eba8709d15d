#ifndef COUPOND_API_SERVICE_CAMPAIGN_WATCHER_H_
#define COUPOND_API_SERVICE_CAMPAIGN_WATCHER_H_

#include <cstdint>
#include <memory>
#include <optional>

#include "api/connect/stream.h"
#include "api/http/slots.h"
#include "engine/rules/ids.h"
#include "engine/views/campaign_watch.h"

namespace coupond::service {

class WatchRounds;

/// The messages of one WatchCampaign: first how the campaign is, then what has changed, in the
/// rounds of its worker, and again when nothing has for a while; the last one says that it is sold
/// out or deleted. A client that reads slowly misses states in between, and costs no memory.
///
/// Threads: the worker's. `rounds` must outlive it, and so must the owner of its slot.
class CampaignWatcher final : public connect::MessageSource {
 public:
  /// From now on no change is missed; so this comes before the campaign is read.
  CampaignWatcher(WatchRounds& rounds, http::Slots::Slot slot, const CampaignId& id);
  ~CampaignWatcher() override;
  CampaignWatcher(const CampaignWatcher&) = delete;
  CampaignWatcher& operator=(const CampaignWatcher&) = delete;

  /// What the first message says. Once, before the first turn.
  void BeginWith(const CampaignSnapshot& first);

  void Next(connect::StreamTurn turn) override;

  // From the rounds:
  [[nodiscard]] const CampaignId& id() const { return id_; }
  /// A state, which is forgotten if it is not newer than what is known. What the campaign was read
  /// as may be newer than a change that is told later.
  void Learn(const std::shared_ptr<const CampaignSnapshot>& snapshot) {
    if (!newest_ || snapshot->sequence > newest_->sequence) newest_ = snapshot;
  }
  /// The newest state is to be told even if it is known.
  void OweRepetition() { owes_repetition_ = true; }
  /// Whether there is something to tell.
  [[nodiscard]] bool is_behind() const {
    return newest_ && (owes_repetition_ || newest_->sequence > told_);
  }
  /// When it was last told something, as WatchRounds::tick counts.
  [[nodiscard]] std::uint64_t told_at_tick() const { return told_at_tick_; }
  /// Whether the client has read what it was told before.
  [[nodiscard]] bool is_ready() const { return turn_.has_value(); }
  [[nodiscard]] bool may_be_told(std::uint64_t round) const { return round >= next_round_; }
  /// It must be ready. The next time is not before the round `next`.
  void TellNewest(std::uint64_t next);

 private:
  void Tell(const CampaignSnapshot& snapshot, connect::StreamTurn turn);

  WatchRounds& rounds_;
  const http::Slots::Slot slot_;
  const CampaignId id_;
  std::shared_ptr<const CampaignSnapshot> newest_;
  bool begun_ = false;      // the first message has gone out
  bool told_last_ = false;  // nothing follows
  Sequence told_;
  std::uint64_t told_at_tick_ = 0;
  bool owes_repetition_ = false;
  std::uint64_t next_round_ = 0;
  std::optional<connect::StreamTurn> turn_;
};

}  // namespace coupond::service

#endif  // COUPOND_API_SERVICE_CAMPAIGN_WATCHER_H_
