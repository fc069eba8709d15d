#include "engine/views/projection.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace coupond {
namespace {

constexpr std::size_t kRowsPerRead = 1'000;

}  // namespace

Result<Projection> Projection::Load(const ViewStore& views) {
  Projection projection;
  auto checkpoint = views.ReadCheckpoint();
  if (!checkpoint) return std::unexpected(checkpoint.error());
  projection.checkpoint_ = checkpoint->value_or(Checkpoint{});
  CampaignNumber after;
  while (true) {
    auto rows = views.ListCampaigns(after, kRowsPerRead);
    if (!rows) return std::unexpected(rows.error());
    if (rows->empty()) return projection;
    after = rows->back().number;
    for (CampaignRow& row : *rows) projection.rows_.emplace(row.number, std::move(row));
  }
}

ViewChanges Projection::Take() {
  for (const CampaignNumber number : changed_) changes_.campaigns.push_back(rows_.at(number));
  changed_.clear();
  open_runs_.clear();
  changes_.checkpoint = checkpoint_;
  return std::exchange(changes_, ViewChanges{});
}

template <>
void Projection::On(const StoreCreated& event, Timestamp) {
  checkpoint_.store_id = event.store_id;
  checkpoint_.code_key = event.code_key;
}

template <>
void Projection::On(const CampaignCreated& event, Timestamp time) {
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
}

template <>
void Projection::On(const CouponIssued& event, Timestamp time) {
  const auto found = rows_.find(event.campaign);
  if (found == rows_.end()) return;
  CampaignRow& row = found->second;
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
}

template <>
void Projection::On(const CampaignDeleted& event, Timestamp) {
  auto row = rows_.extract(event.campaign);
  if (row.empty()) return;
  changed_.erase(event.campaign);
  open_runs_.clear();  // they point into the runs that are about to move
  std::erase_if(changes_.runs,
                [&](const CouponRun& run) { return run.campaign == event.campaign; });
  std::erase_if(changes_.claims,
                [&](const ClaimRun& run) { return run.campaign == event.campaign; });
  changes_.erased_campaigns.push_back(std::move(row.mapped()));
}

void Projection::Add(const CommitGroup& group, const LogTip& tip) {
  open_runs_.clear();  // a run ends with its group, whose time its coupons share
  for (const Event& event : group.events) {
    std::visit([&](const auto& kind) { On(kind, group.commit_time); }, event);
  }
  checkpoint_.tip = tip;
}

}  // namespace coupond
