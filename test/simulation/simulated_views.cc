#include "simulation/simulated_views.h"

#include <algorithm>
#include <set>
#include <utility>

#include "simulation/erasure_check.h"
#include "simulation/violation.h"

namespace coupond::simulation {

Status SimulatedViews::Write(const ViewChanges& changes) {
  crash_points_.Pass(Counter::kCrashesBeforeViewWrite);
  const LogTip& tip = changes.checkpoint.tip;
  Demand(tip.sequence <= log_.synced_sequence(), "views show only what is durable", [&] {
    return Numbered("the views would contain sequence", tip.sequence) +
           Numbered(", the log is synced up to", log_.synced_sequence());
  });
  Demand(tip.sequence > checkpoint(), "the views' checkpoint goes forward",
         [&] { return Numbered("from sequence", checkpoint()) + Numbered(" to", tip.sequence); });
  DemandIds(changes);
  if (std::exchange(fail_next_write_, false)) {
    coverage_.Count(Counter::kViewWritesFailed);
    return MakeError(ErrorCode::kIo, "simulated: the views cannot be written");
  }
  if (Status written = rows_.Write(changes); !written) return written;
  writes_.push_back(changes);
  crash_points_.Pass(Counter::kCrashesAfterViewWrite);
  return {};
}

void SimulatedViews::DemandIds(const ViewChanges& changes) const {
  for (const auto* campaigns : {&changes.campaigns, &changes.erased_campaigns}) {
    for (const Campaign& row : *campaigns) {
      if (rows_.FindCampaignId(row.number)->has_value()) continue;
      const CampaignIdRow wanted{.id = row.id, .campaign = row.number};
      Demand(std::ranges::find(changes.ids, wanted) != changes.ids.end(),
             "the views have the id of every campaign",
             [&] { return Numbered("they would lack that of campaign", row.number); });
    }
  }
}

Status SimulatedViews::Flush() {
  crash_points_.Pass(Counter::kCrashesBeforeViewFlush);
  if (Status flushed = rows_.Flush(); !flushed) return flushed;
  flushes_.push_back(writes_.size());
  coverage_.Count(Counter::kViewFlushes);
  crash_points_.Pass(Counter::kCrashesAfterViewFlush);
  return {};
}

Status SimulatedViews::Clear() {
  writes_.clear();
  flushes_ = {0};
  return rows_.Clear();
}

Result<std::optional<Checkpoint>> SimulatedViews::ReadCheckpoint() const {
  crash_points_.Pass(Counter::kCrashesWhileReadingViews);
  return rows_.ReadCheckpoint();
}

Result<std::optional<Campaign>> SimulatedViews::FindCampaign(const CampaignId& id) const {
  return rows_.FindCampaign(id);
}

Result<std::optional<Campaign>> SimulatedViews::FindCampaign(CampaignNumber campaign) const {
  crash_points_.Pass(Counter::kCrashesWhileReadingViews);
  return rows_.FindCampaign(campaign);
}

Result<std::optional<Campaign>> SimulatedViews::FindCampaignOf(Serial serial) const {
  return rows_.FindCampaignOf(serial);
}

Result<std::vector<ErasureRow>> SimulatedViews::ListErasures() const {
  crash_points_.Pass(Counter::kCrashesWhileReadingViews);
  return rows_.ListErasures();
}

Result<std::optional<CouponStatus>> SimulatedViews::FindStatus(CampaignNumber campaign,
                                                               std::uint64_t ordinal) const {
  return rows_.FindStatus(campaign, ordinal);
}

Result<std::vector<Campaign>> SimulatedViews::ListCampaigns(CampaignNumber after,
                                                            std::size_t limit) const {
  crash_points_.Pass(Counter::kCrashesWhileReadingViews);
  return rows_.ListCampaigns(after, limit);
}

Result<std::unique_ptr<CouponCursor>> SimulatedViews::OpenCoupons(CampaignNumber campaign,
                                                                  OrdinalRange ordinals) const {
  return rows_.OpenCoupons(campaign, ordinals);
}

Status SimulatedViews::ReadClaims(const std::function<void(const ClaimRun&)>& visit) const {
  crash_points_.Pass(Counter::kCrashesWhileReadingViews);
  return rows_.ReadClaims(visit);
}

Status SimulatedViews::ReadStatuses(
    const std::function<void(const CouponStatusRow&)>& visit) const {
  crash_points_.Pass(Counter::kCrashesWhileReadingViews);
  return rows_.ReadStatuses(visit);
}

Status SimulatedViews::ReadRequests(const std::function<void(const RequestRow&)>& visit) const {
  crash_points_.Pass(Counter::kCrashesWhileReadingViews);
  return rows_.ReadRequests(visit);
}

Sequence SimulatedViews::checkpoint() const {
  return writes_.empty() ? Sequence(0) : writes_.back().checkpoint.tip.sequence;
}

void SimulatedViews::RemoveLostTexts(CampaignNumber campaign) {
  std::set<std::uint64_t> ordinals;
  bool is_erased = false;
  for (const ViewChanges& write : writes_) {
    for (const TextRemoval& removed : write.removed_texts) {
      if (removed.campaign == campaign) ordinals.insert(removed.ordinal);
    }
    const auto& erased = write.erased_campaigns;
    is_erased = is_erased || std::ranges::find(erased, campaign, &Campaign::number) != erased.end();
  }
  if (is_erased) {
    // All of its rows go, but an earlier copy of the views has the texts of others.
    const LoggedErasures logged(log_.groups());
    for (const auto& [serial, coupon] : logged.coupons()) {
      if (coupon.campaign == campaign && coupon.erased) ordinals.insert(coupon.ordinal);
    }
  }
  for (ViewChanges& write : writes_) {
    for (CouponRun& run : write.runs) {
      if (run.campaign != campaign) continue;
      const std::size_t removed = std::erase_if(run.holders, [&](const CouponRun::Holder& holder) {
        return ordinals.contains(run.first_ordinal + holder.offset);
      });
      coverage_.Count(Counter::kTextsRemovedFromViews, removed);
    }
  }
}

void SimulatedViews::Restart(Fate fate, std::uint64_t chance) {
  fail_next_write_ = false;
  const std::size_t since_flush = writes_.size() - flushes_.back();
  switch (fate) {
    case Fate::kLastFlush:
      coverage_.Count(Counter::kViewsBackAtLastFlush);
      GoBackTo(flushes_.back());
      break;
    case Fate::kLaterWrite:
      coverage_.Count(Counter::kViewsBackAtALaterWrite);
      GoBackTo(flushes_.back() + chance % (since_flush + 1));
      break;
    case Fate::kEarlierFlush:
      coverage_.Count(Counter::kViewsBackAtAnEarlierFlush);
      GoBackTo(flushes_[chance % flushes_.size()]);
      break;
    case Fate::kLost:
      coverage_.Count(Counter::kViewsLost);
      GoBackTo(0);
      break;
  }
}

void SimulatedViews::PutBack(std::uint64_t chance) {
  std::size_t valid = 0;
  while (valid < writes_.size() && log_.Has(writes_[valid].checkpoint.tip)) ++valid;
  GoBackTo(chance % (valid + 1));
}

void SimulatedViews::GoBackTo(std::size_t writes) {
  // The fake itself never fails, so its results need no check.
  std::size_t done = 0;
  if (writes >= flushes_.back()) {
    rows_.Crash();
    done = flushes_.back();
  } else {
    (void)rows_.Clear();
  }
  for (; done < writes; ++done) (void)rows_.Write(writes_[done]);
  (void)rows_.Flush();
  writes_.resize(writes);
  while (flushes_.back() > writes) flushes_.pop_back();
  if (flushes_.back() < writes) flushes_.push_back(writes);
}

}  // namespace coupond::simulation
