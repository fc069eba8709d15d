#include "engine/views/projection.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace coupond {

Result<Projection> Projection::Load(const ViewStore& views) {
  Projection projection(views);
  projection.checkpoint_ = TRY(views.ReadCheckpoint()).value_or(Checkpoint{});
  return projection;
}

Result<CampaignRow*> Projection::Find(CampaignNumber number) {
  const auto [entry, is_new] = rows_.try_emplace(number);
  std::optional<CampaignRow>& row = entry->second;
  if (is_new && number != CampaignNumber()) {
    auto found = TRY(views_->ListCampaigns(CampaignNumber(number.value() - 1), 1));
    if (!found.empty() && found.front().number == number) row = std::move(found.front());
  }
  return row ? &*row : nullptr;
}

ViewChanges Projection::Take() {
  for (const CampaignNumber number : changed_) {
    changes_.campaigns.push_back(*std::move(rows_.at(number)));
  }
  changed_.clear();
  rows_.clear();
  open_runs_.clear();
  changes_.checkpoint = checkpoint_;
  return std::exchange(changes_, ViewChanges{});
}

template <>
Status Projection::On(const StoreCreated& event, Timestamp) {
  checkpoint_.store_id = event.store_id;
  checkpoint_.code_key = event.code_key;
  return {};
}

template <>
Status Projection::On(const CampaignCreated& event, Timestamp time) {
  rows_.insert_or_assign(event.number, CampaignRow{.number = event.number,
                                                   .id = event.id,
                                                   .name = event.name,
                                                   .total_coupons = event.total_coupons,
                                                   .issued_coupons = 0,
                                                   .start_time = event.start_time,
                                                   .created_at = time,
                                                   .first_serial = event.first_serial});
  changed_.insert(event.number);
  checkpoint_.next_campaign_number =
      std::max(checkpoint_.next_campaign_number, event.number.Next());
  checkpoint_.next_serial =
      std::max(checkpoint_.next_serial,
               event.first_serial.Plus(static_cast<std::uint64_t>(event.total_coupons)));
  return {};
}

template <>
Status Projection::On(const CouponIssued& event, Timestamp time) {
  CampaignRow* const found = TRY(Find(event.campaign));
  if (found == nullptr) return {};
  CampaignRow& row = *found;
  const std::uint64_t ordinal = event.serial.value() - row.first_serial.value();
  ++row.issued_coupons;

  const auto [open, is_new] = open_runs_.try_emplace(event.campaign);
  if (is_new) {
    changed_.insert(event.campaign);
    open->second.run = changes_.runs.size();
    changes_.runs.push_back(CouponRun{.campaign = event.campaign,
                                      .first_ordinal = ordinal,
                                      .count = 0,
                                      .issued_at = time,
                                      .holders = {}});
  }
  CouponRun& run = changes_.runs[open->second.run];
  if (!event.user_id.empty()) run.holders.push_back({run.count, event.user_id});
  if (event.claim) {
    std::optional<std::size_t>& claims = open->second.claims;
    if (!claims) {
      claims = changes_.claims.size();
      changes_.claims.push_back({run.campaign, run.first_ordinal, time, {}});
    }
    changes_.claims[*claims].claims.push_back({run.count, *event.claim});
  }
  ++run.count;
  return {};
}

template <>
Status Projection::On(const CampaignDeleted& event, Timestamp) {
  if (TRY(Find(event.campaign)) == nullptr) return {};
  std::optional<CampaignRow> row = std::exchange(rows_.at(event.campaign), std::nullopt);
  changed_.erase(event.campaign);
  open_runs_.clear();  // they point into the runs that are about to move
  std::erase_if(changes_.runs,
                [&](const CouponRun& run) { return run.campaign == event.campaign; });
  std::erase_if(changes_.claims,
                [&](const ClaimRun& run) { return run.campaign == event.campaign; });
  changes_.erased_campaigns.push_back(*std::move(row));
  return {};
}

Status Projection::Add(const CommitGroup& group, const LogTip& tip) {
  open_runs_.clear();  // a run ends with its group, whose time its coupons share
  for (const Event& event : group.events) {
    TRY(std::visit([&](const auto& kind) { return On(kind, group.commit_time); }, event));
  }
  checkpoint_.tip = tip;
  return {};
}

}  // namespace coupond
