#include "engine/views/projection.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <variant>

#include "engine/rules/campaign_changes.h"

namespace coupond {
namespace {

constexpr std::size_t kCampaignsPerRead = 1'000;

}  // namespace

Result<Projection> Projection::Load(const ViewStore& views) {
  Projection projection(views);
  projection.checkpoint_ = TRY(views.ReadCheckpoint()).value_or(Checkpoint{});
  projection.digests_ = UserDigests(projection.checkpoint_.code_key);
  return projection;
}

Result<Campaign*> Projection::Find(CampaignNumber number) {
  const auto [entry, is_new] = rows_.try_emplace(number);
  std::optional<Campaign>& row = entry->second;
  if (is_new && number != CampaignNumber()) {
    row = TRY(views_->FindCampaign(number));
    const auto replaced = replaced_serials_.find(number);
    if (row && replaced != replaced_serials_.end()) {
      ReplaceUnissuedSerials(*row, replaced->second);
      replaced_serials_.erase(replaced);
      changed_.insert(number);
    }
  }
  return row ? &*row : nullptr;
}

Result<Projection::ChangedCoupon> Projection::FindForChange(CampaignNumber number, Serial serial) {
  Campaign* const campaign = TRY(Find(number));
  if (campaign == nullptr) return ChangedCoupon{};
  const std::optional<std::uint64_t> ordinal = campaign->serials.OrdinalOf(serial);
  if (!ordinal || *ordinal >= campaign->ordinals()) return ChangedCoupon{};
  const auto [entry, is_new] = statuses_.try_emplace({number, *ordinal});
  if (is_new) {
    OpenStatus& open = entry->second;
    open.status = TRY(views_->FindStatus(number, *ordinal)).value_or(CouponStatus{});
    open.state_before = open.status.state;
  }
  return ChangedCoupon{.campaign = campaign, .status = &entry->second.status};
}

void Projection::Remember(const std::optional<RequestKey>& request, const EventPlace& place) {
  if (!request) return;
  changes_.requests.push_back(
      {.digest = request->digest,
       .carried_out = {.sequence = place.sequence, .content = request->content}});
}

void Projection::Reserve(CampaignNumber campaign, SerialRange serials) {
  changes_.serials.push_back({.campaign = campaign, .serials = serials});
  checkpoint_.next_serial = std::max(checkpoint_.next_serial, serials.first.Plus(serials.count));
}

void Projection::NoteSoldOut(const Campaign& campaign, bool was_sold_out, const EventPlace& place) {
  if (was_sold_out || !campaign.sold_out_at) return;
  changes_.sold_outs.push_back({.sequence = place.sequence, .campaign = campaign.number});
}

ViewChanges Projection::Take() {
  for (const CampaignNumber number : changed_) {
    changes_.campaigns.push_back(*std::move(rows_.at(number)));
  }
  // Rows that are written in the order of their keys find their places faster.
  std::ranges::sort(changes_.campaigns, {}, &Campaign::number);
  const auto place = [](const auto& run) { return std::pair(run.campaign, run.first_ordinal); };
  std::ranges::sort(changes_.runs, {}, place);
  std::ranges::sort(changes_.claims, {}, place);
  changed_.clear();
  rows_.clear();
  for (const auto& [number, first] : replaced_serials_) {
    changes_.replaced_serials.push_back({.campaign = number, .first = first});
  }
  replaced_serials_.clear();
  for (auto& [coupon, open] : statuses_) {
    changes_.statuses.push_back({.campaign = coupon.first,
                                 .ordinal = coupon.second,
                                 .status = std::move(open.status),
                                 .state_before = open.state_before});
  }
  statuses_.clear();
  open_runs_.clear();
  changes_.checkpoint = checkpoint_;
  return std::exchange(changes_, ViewChanges{});
}

template <>
Status Projection::On(const StoreCreated& event, const EventPlace&) {
  checkpoint_.store_id = event.store_id;
  checkpoint_.code_key = event.code_key;
  digests_ = UserDigests(event.code_key);
  return {};
}

template <>
Status Projection::On(const CampaignCreated& event, const EventPlace& place) {
  rows_.insert_or_assign(event.number, NewCampaign(event, place));
  changed_.insert(event.number);
  changes_.ids.push_back({.id = event.id, .campaign = event.number});
  checkpoint_.next_campaign_number =
      std::max(checkpoint_.next_campaign_number, event.number.Next());
  Reserve(event.number, {.first = event.first_serial,
                         .count = static_cast<std::uint64_t>(event.terms.total_coupons)});
  Remember(event.request, place);
  return {};
}

template <>
Status Projection::On(const CampaignUpdated& event, const EventPlace& place) {
  Campaign* const row = TRY(Find(event.campaign));
  if (row == nullptr) return {};
  const bool was_sold_out = row->sold_out_at.has_value();
  Change(*row, event, place);
  NoteSoldOut(*row, was_sold_out, place);
  changed_.insert(event.campaign);
  if (event.added_serials) Reserve(event.campaign, *event.added_serials);
  Remember(event.request, place);
  return {};
}

template <>
Status Projection::On(const CouponIssued& event, const EventPlace& place) {
  Campaign* const row = TRY(Find(event.campaign));
  if (row == nullptr) return {};
  const std::uint64_t ordinal = row->ordinals();
  const bool was_sold_out = row->sold_out_at.has_value();
  CountIssue(*row, event, place);
  NoteSoldOut(*row, was_sold_out, place);

  const auto [open, is_new] = open_runs_.try_emplace(event.campaign);
  if (is_new) changed_.insert(event.campaign);
  if (is_new || (event.holder && open->second.to_users == CouponRun::kToUsersMax)) {
    open->second = {.run = changes_.runs.size()};
    changes_.runs.push_back(CouponRun{.campaign = event.campaign,
                                      .first_ordinal = ordinal,
                                      .count = 0,
                                      .issued_at = place.time,
                                      .holders = {},
                                      .changed = {}});
  }
  CouponRun& run = changes_.runs[open->second.run];
  if (event.holder) ++open->second.to_users;
  if (!event.user_id.empty()) {
    run.holders.push_back({run.count, event.user_id});
    changes_.user_coupons.push_back(
        {.user = digests_.Of(event.user_id),
         .coupon = {.sequence = place.sequence, .campaign = event.campaign, .ordinal = ordinal}});
  }
  const std::optional<Claim>& claim = event.claim();
  const bool all_timed = row->terms.valid_duration != kUnlimited;
  if (claim || all_timed) {
    std::optional<std::size_t>& claims = open->second.claims;
    if (!claims) {
      claims = changes_.claims.size();
      changes_.claims.push_back({.campaign = run.campaign,
                                 .first_ordinal = run.first_ordinal,
                                 .issued_at = place.time,
                                 .claims = {},
                                 .all_timed = all_timed});
    }
    if (claim) {
      changes_.claims[*claims].claims.push_back(
          {.offset = run.count,
           .claim = *claim,
           .holder = event.CountsAgainstLimit() ? event.holder : std::nullopt});
    }
  }
  ++run.count;
  return {};
}

template <>
Status Projection::On(const CampaignDeleted& event, const EventPlace&) {
  if (TRY(Find(event.campaign)) == nullptr) return {};
  std::optional<Campaign> row = std::exchange(rows_.at(event.campaign), std::nullopt);
  changed_.erase(event.campaign);
  open_runs_.clear();  // they point into the runs that are about to move
  std::erase_if(changes_.runs,
                [&](const CouponRun& run) { return run.campaign == event.campaign; });
  std::erase_if(changes_.claims,
                [&](const ClaimRun& run) { return run.campaign == event.campaign; });
  std::erase_if(changes_.user_coupons,
                [&](const UserCouponRow& user) { return user.coupon.campaign == event.campaign; });
  std::erase_if(changes_.serials,
                [&](const SerialsRow& serials) { return serials.campaign == event.campaign; });
  std::erase_if(changes_.removed_texts,
                [&](const TextRemoval& text) { return text.campaign == event.campaign; });
  std::erase_if(statuses_,
                [&](const auto& status) { return status.first.first == event.campaign; });
  changes_.erased_campaigns.push_back(*std::move(row));
  return {};
}

Serial Projection::ReplaceSerials(Campaign& row, Serial next) {
  row.serials.ForEach([this](SerialRange serials) {
    changes_.erased_serials.push_back(serials.first.Plus(serials.count - 1));
  });
  next = ReplaceUnissuedSerials(row, next);
  row.serials.ForEach([&](SerialRange serials) { Reserve(row.number, serials); });
  return next;
}

template <>
Status Projection::On(const StoreRestored& event, const EventPlace&) {
  // Those of the rows that are held, and of earlier restorations, are written again.
  changes_.serials.clear();
  std::vector<CampaignNumber> held;
  for (const auto& [number, row] : rows_) {
    if (row) held.push_back(number);
  }
  std::ranges::sort(held);
  Serial next = event.first_serial;
  auto next_held = held.begin();
  const auto replace_held_until = [&](CampaignNumber end) {
    for (; next_held != held.end() && *next_held < end; ++next_held) {
      next = ReplaceSerials(*rows_.at(*next_held), next);
      changed_.insert(*next_held);
    }
  };
  for (CampaignNumber after;;) {
    auto page = TRY(views_->ListCampaigns(after, kCampaignsPerRead));
    for (Campaign& row : page) {
      replace_held_until(row.number);
      if (rows_.contains(row.number)) continue;  // it has changed since, or is deleted
      if (row.serials.size() == row.ordinals() && row.places_left() == 0) continue;
      replaced_serials_.insert_or_assign(row.number, next);
      next = ReplaceSerials(row, next);
    }
    if (page.size() < kCampaignsPerRead) break;
    after = page.back().number;
  }
  replace_held_until(checkpoint_.next_campaign_number);
  checkpoint_.next_serial = std::max(checkpoint_.next_serial, next);
  return {};
}

template <>
Status Projection::On(const BatchIssued& event, const EventPlace& place) {
  Remember(event.request, place);
  return {};
}

template <>
Status Projection::On(const UserErased& event, const EventPlace& place) {
  changes_.erasures.push_back(
      {.sequence = place.sequence, .campaign = event.campaign, .serials = event.serials});
  Remember(event.request, place);
  const Campaign* const row = TRY(Find(event.campaign));
  if (row == nullptr) return {};
  std::vector<std::uint64_t> ordinals;
  ordinals.reserve(event.serials.size());
  for (const Serial serial : event.serials) {
    if (event.claims_freed) {
      const ChangedCoupon coupon = TRY(FindForChange(event.campaign, serial));
      if (coupon.status != nullptr) coupon.status->claim_freed = true;
    }
    const std::optional<std::uint64_t> ordinal = row->serials.OrdinalOf(serial);
    if (ordinal && *ordinal < row->ordinals()) ordinals.push_back(*ordinal);
  }
  RemoveTexts(event.campaign, ordinals);
  return {};
}

void Projection::RemoveTexts(CampaignNumber campaign, std::vector<std::uint64_t>& ordinals) {
  std::ranges::sort(ordinals);
  // Those that are not written yet: the runs of a campaign are in the order of their ordinals.
  for (CouponRun& run : changes_.runs) {
    if (run.campaign != campaign) continue;
    const auto is_erased = [&](const CouponRun::Holder& holder) {
      return std::ranges::binary_search(ordinals, run.first_ordinal + holder.offset);
    };
    std::erase_if(run.holders, is_erased);
  }
  const auto first_run =
      std::ranges::find(changes_.runs, campaign, [](const CouponRun& run) { return run.campaign; });
  for (const std::uint64_t ordinal : ordinals) {
    if (first_run != changes_.runs.end() && ordinal >= first_run->first_ordinal) break;
    changes_.removed_texts.push_back({.campaign = campaign, .ordinal = ordinal});
  }
}

template <>
Status Projection::On(const ErasureFinished& event, const EventPlace&) {
  std::erase_if(changes_.erasures,
                [&](const ErasureRow& row) { return row.sequence <= event.erasure; });
  changes_.finished_erasure = event.erasure;
  return {};
}

template <>
Status Projection::On(const ClockReset&, const EventPlace&) {
  checkpoint_.clock_was_reset = true;
  return {};
}

/// Of every other kind.
template <typename Kind>
Status Projection::On(const Kind& event, const EventPlace& place) {
  if constexpr (AboutOneCoupon<Kind>) {
    const ChangedCoupon coupon = TRY(FindForChange(event.campaign, event.serial));
    if (coupon.campaign == nullptr) return {};
    if (!ChangeCoupon(*coupon.campaign, *coupon.status, event, place, key_)) return {};
    if constexpr (requires { event.added_serials; }) {
      if (event.added_serials) Reserve(event.campaign, *event.added_serials);
    }
  } else {
    Campaign* const row = TRY(Find(event.campaign));
    if (row == nullptr) return {};
    Change(*row, event, place);
  }
  if constexpr (requires { event.request; }) Remember(event.request, place);
  changed_.insert(event.campaign);
  return {};
}

Status Projection::Add(const CommitGroup& group, const LogTip& tip) {
  open_runs_.clear();  // a run ends with its group, whose time its coupons share
  EventPlace place{.time = group.commit_time, .sequence = group.first_sequence};
  for (std::size_t i = 0; i < group.events.size(); ++i) {
    key_ = group.KeyOf(i);
    TRY(std::visit([&](const auto& kind) { return On(kind, place); }, group.events[i]));
    place.sequence = place.sequence.Next();
  }
  checkpoint_.tip = tip;
  return {};
}

}  // namespace coupond
