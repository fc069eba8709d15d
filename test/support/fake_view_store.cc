#include "support/fake_view_store.h"

#include <algorithm>
#include <iterator>

#include "base/check.h"

namespace coupond::test {
namespace {

/// A cursor on a copy of the runs, so that later changes cannot affect it.
class CopiedCoupons final : public CouponCursor {
 public:
  CopiedCoupons(std::vector<CouponRun> runs, std::shared_ptr<const void> counted)
      : runs_(std::move(runs)), counted_(std::move(counted)) {}

  Result<std::optional<CouponRun>> Next() override {
    if (next_ == runs_.size()) return std::nullopt;
    return runs_[next_++];
  }

 private:
  std::vector<CouponRun> runs_;
  const std::shared_ptr<const void> counted_;
  std::size_t next_ = 0;
};

/// Returns up to `limit` of all entries, in that order, from after `after` on.
template <typename Entry>
std::vector<Entry> PageOf(std::vector<Entry> entries, CouponOrder order,
                          const std::optional<Entry>& after, std::size_t limit) {
  const bool newest_first = order == CouponOrder::kNewestFirst;
  std::erase_if(entries, [&](const Entry& entry) {
    return after && (newest_first ? entry >= *after : entry <= *after);
  });
  std::ranges::sort(entries);
  if (newest_first) std::ranges::reverse(entries);
  if (entries.size() > limit) entries.resize(limit);
  return entries;
}

}  // namespace

Status FakeViewStore::Write(const ViewChanges& changes) {
  std::unique_lock lock(mutex_);
  released_.wait(lock, [this] { return !holding_writes_; });
  if (write_error_) return std::unexpected(*write_error_);
  for (const Campaign& row : changes.erased_campaigns) {
    const CampaignNumber erased = row.number;
    rows_.campaigns.erase(erased);
    rows_.erased_campaigns[erased] = row.id;
    std::erase_if(rows_.runs, [&](const auto& entry) { return entry.first.first == erased; });
    std::erase_if(rows_.claims, [&](const auto& entry) { return entry.first.first == erased; });
    std::erase_if(rows_.statuses, [&](const auto& entry) { return entry.first.first == erased; });
    std::erase_if(rows_.serials,
                  [&](const auto& entry) { return entry.second.campaign == erased; });
    std::erase_if(rows_.user_coupons,
                  [&](const UserCouponRow& user) { return user.coupon.campaign == erased; });
  }
  for (const SerialsReplacement& replaced : changes.replaced_serials) {
    Campaign& row = rows_.campaigns.at(replaced.campaign);
    row.serials.Truncate(row.ordinals());
    const auto left = static_cast<std::uint64_t>(row.terms.total_coupons - row.issued_coupons);
    if (left > 0) row.serials.Add({.first = replaced.first, .count = left});
  }
  for (const Campaign& row : changes.campaigns) rows_.campaigns[row.number] = row;
  for (const TextRemoval& removed : changes.removed_texts) RemoveText(removed);
  for (const CouponRun& run : changes.runs) rows_.runs[{run.campaign, run.first_ordinal}] = run;
  for (const ClaimRun& run : changes.claims) rows_.claims[{run.campaign, run.first_ordinal}] = run;
  rows_.user_coupons.insert(rows_.user_coupons.end(), changes.user_coupons.begin(),
                            changes.user_coupons.end());
  for (const CouponStatusRow& row : changes.statuses) {
    if (row.status == CouponStatus{}) {
      rows_.statuses.erase({row.campaign, row.ordinal});
    } else {
      rows_.statuses[{row.campaign, row.ordinal}] = row.status;
    }
  }
  for (const Serial last : changes.erased_serials) {
    std::erase_if(rows_.serials, [&](const auto& entry) {
      const SerialRange& serials = entry.second.serials;
      return serials.first.Plus(serials.count - 1) == last;
    });
  }
  for (const SerialsRow& row : changes.serials) rows_.serials[row.serials.first] = row;
  for (const RequestRow& row : changes.requests) rows_.requests[row.digest] = row.carried_out;
  for (const SoldOutRow& row : changes.sold_outs) rows_.sold_outs[row.sequence] = row.campaign;
  if (changes.finished_erasure) {
    std::erase_if(rows_.erasures,
                  [&](const auto& entry) { return entry.first <= *changes.finished_erasure; });
  }
  for (const ErasureRow& row : changes.erasures) rows_.erasures[row.sequence] = row;
  rows_.checkpoint = changes.checkpoint;
  return {};
}

void FakeViewStore::RemoveText(const TextRemoval& removed) {
  const auto after = rows_.runs.upper_bound({removed.campaign, removed.ordinal});
  COUPOND_CHECK(after != rows_.runs.begin());
  CouponRun& run = std::prev(after)->second;
  COUPOND_CHECK(run.campaign == removed.campaign);
  COUPOND_CHECK(removed.ordinal - run.first_ordinal < run.count);
  std::erase_if(run.holders, [&](const CouponRun::Holder& holder) {
    return run.first_ordinal + holder.offset == removed.ordinal;
  });
}

Status FakeViewStore::Flush() {
  const std::lock_guard lock(mutex_);
  if (write_error_) return std::unexpected(*write_error_);
  durable_rows_ = rows_;
  ++flush_calls_;
  return {};
}

Status FakeViewStore::Clear() {
  const std::lock_guard lock(mutex_);
  rows_ = {};
  durable_rows_ = {};
  return {};
}

Result<std::optional<Checkpoint>> FakeViewStore::ReadCheckpoint() const {
  const std::lock_guard lock(mutex_);
  return rows_.checkpoint;
}

Result<std::optional<Campaign>> FakeViewStore::FindCampaign(const CampaignId& id) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [number, row] : rows_.campaigns) {
    if (row.id == id) return row;
  }
  return std::nullopt;
}

Result<std::optional<Campaign>> FakeViewStore::FindCampaign(CampaignNumber campaign) const {
  const std::lock_guard lock(mutex_);
  const auto row = rows_.campaigns.find(campaign);
  if (row == rows_.campaigns.end()) return std::nullopt;
  return row->second;
}

Result<std::optional<Campaign>> FakeViewStore::FindCampaignOf(Serial serial) const {
  const std::lock_guard lock(mutex_);
  const auto after = rows_.serials.upper_bound(serial);
  if (after == rows_.serials.begin()) return std::nullopt;
  const SerialsRow& row = std::prev(after)->second;
  if (serial.value() - row.serials.first.value() >= row.serials.count) return std::nullopt;
  return rows_.campaigns.at(row.campaign);
}

std::size_t FakeViewStore::id_lookups() const {
  const std::lock_guard lock(mutex_);
  return id_lookups_;
}

Result<std::optional<CampaignId>> FakeViewStore::FindCampaignId(CampaignNumber campaign) const {
  const std::lock_guard lock(mutex_);
  ++id_lookups_;
  if (const auto live = rows_.campaigns.find(campaign); live != rows_.campaigns.end()) {
    return live->second.id;
  }
  const auto erased = rows_.erased_campaigns.find(campaign);
  if (erased == rows_.erased_campaigns.end()) return std::nullopt;
  return erased->second;
}

Result<std::optional<CampaignNumber>> FakeViewStore::FindCampaignNumber(
    const CampaignId& id) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [number, campaign] : rows_.campaigns) {
    if (campaign.id == id) return number;
  }
  for (const auto& [number, erased] : rows_.erased_campaigns) {
    if (erased == id) return number;
  }
  return std::nullopt;
}

Result<std::vector<SoldOutRow>> FakeViewStore::ListSoldOuts(Sequence first, Sequence end) const {
  const std::lock_guard lock(mutex_);
  std::vector<SoldOutRow> rows;
  for (auto entry = rows_.sold_outs.lower_bound(first);
       entry != rows_.sold_outs.end() && entry->first < end; ++entry) {
    rows.push_back({.sequence = entry->first, .campaign = entry->second});
  }
  return rows;
}

Result<std::vector<ErasureRow>> FakeViewStore::ListErasures() const {
  const std::lock_guard lock(mutex_);
  std::vector<ErasureRow> rows;
  for (const auto& [sequence, row] : rows_.erasures) rows.push_back(row);
  return rows;
}

Result<std::optional<CouponStatus>> FakeViewStore::FindStatus(CampaignNumber campaign,
                                                              std::uint64_t ordinal) const {
  const std::lock_guard lock(mutex_);
  const auto found = rows_.statuses.find({campaign, ordinal});
  if (found == rows_.statuses.end()) return std::nullopt;
  return found->second;
}

Result<std::vector<std::optional<StoredCoupon>>> FakeViewStore::FindCoupons(
    CampaignNumber campaign, std::span<const std::uint64_t> ordinals) const {
  COUPOND_CHECK(std::ranges::is_sorted(ordinals));
  const std::lock_guard lock(mutex_);
  std::vector<std::optional<StoredCoupon>> coupons;
  for (const std::uint64_t ordinal : ordinals) coupons.push_back(FindOne(campaign, ordinal));
  return coupons;
}

std::optional<StoredCoupon> FakeViewStore::FindOne(CampaignNumber campaign,
                                                   std::uint64_t ordinal) const {
  const auto after = rows_.runs.upper_bound({campaign, ordinal});
  if (after == rows_.runs.begin()) return std::nullopt;
  const CouponRun& run = std::prev(after)->second;
  if (run.campaign != campaign || ordinal - run.first_ordinal >= run.count) return std::nullopt;
  StoredCoupon coupon{.issued_at = run.issued_at, .user_id = {}};
  for (const CouponRun::Holder& holder : run.holders) {
    if (run.first_ordinal + holder.offset == ordinal) coupon.user_id = holder.user_id;
  }
  const auto status = rows_.statuses.find({campaign, ordinal});
  if (status != rows_.statuses.end()) coupon.status = status->second;
  return coupon;
}

Result<std::vector<UserCoupon>> FakeViewStore::ListCouponsOf(UserDigest user, CouponOrder order,
                                                             const std::optional<UserCoupon>& after,
                                                             std::size_t limit) const {
  const std::lock_guard lock(mutex_);
  std::vector<UserCoupon> coupons;
  for (const UserCouponRow& row : rows_.user_coupons) {
    if (row.user == user) coupons.push_back(row.coupon);
  }
  return PageOf(std::move(coupons), order, after, limit);
}

Result<std::vector<std::uint64_t>> FakeViewStore::ListOrdinals(CampaignNumber campaign,
                                                               CouponState state, CouponOrder order,
                                                               std::optional<std::uint64_t> after,
                                                               std::size_t limit) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::uint64_t> ordinals;
  for (const auto& [coupon, status] : rows_.statuses) {
    if (coupon.first == campaign && status.state == state) ordinals.push_back(coupon.second);
  }
  return PageOf(std::move(ordinals), order, after, limit);
}

Result<std::vector<Campaign>> FakeViewStore::ListCampaigns(CampaignNumber after,
                                                           std::size_t limit) const {
  const std::lock_guard lock(mutex_);
  std::vector<Campaign> page;
  for (auto entry = rows_.campaigns.upper_bound(after);
       entry != rows_.campaigns.end() && page.size() < limit; ++entry) {
    page.push_back(entry->second);
  }
  return page;
}

Result<std::unique_ptr<CouponCursor>> FakeViewStore::OpenCoupons(CampaignNumber campaign,
                                                                 OrdinalRange ordinals) const {
  const std::lock_guard lock(mutex_);
  std::vector<CouponRun> runs;
  for (auto entry = rows_.runs.lower_bound({campaign, 0});
       entry != rows_.runs.end() && entry->first.first == campaign; ++entry) {
    const CouponRun& run = entry->second;
    if (run.first_ordinal + run.count <= ordinals.first) continue;
    CouponRun& copy = runs.emplace_back(run);
    const std::uint64_t first = std::max(run.first_ordinal, ordinals.first);
    const auto end = rows_.statuses.lower_bound(
        {campaign, std::max(first, std::min(run.first_ordinal + run.count, ordinals.end))});
    for (auto status = rows_.statuses.lower_bound({campaign, first}); status != end; ++status) {
      const auto offset = static_cast<std::uint32_t>(status->first.second - run.first_ordinal);
      copy.changed.push_back({offset, status->second});
    }
  }
  return std::make_unique<CopiedCoupons>(std::move(runs), cursors_);
}

Status FakeViewStore::ReadClaims(const std::function<void(const ClaimRun&)>& visit) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [key, run] : rows_.claims) visit(run);
  return {};
}

Status FakeViewStore::ReadStatuses(const std::function<void(const CouponStatusRow&)>& visit) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [coupon, status] : rows_.statuses) {
    visit({.campaign = coupon.first, .ordinal = coupon.second, .status = status});
  }
  return {};
}

Status FakeViewStore::ReadRequests(const std::function<void(const RequestRow&)>& visit) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [digest, carried_out] : rows_.requests) {
    visit({.digest = digest, .carried_out = carried_out});
  }
  return {};
}

void FakeViewStore::HoldWrites() {
  const std::lock_guard lock(mutex_);
  holding_writes_ = true;
}

void FakeViewStore::ReleaseWrites() {
  const std::lock_guard lock(mutex_);
  holding_writes_ = false;
  released_.notify_all();
}

void FakeViewStore::FailWrites(std::optional<Error> error) {
  const std::lock_guard lock(mutex_);
  write_error_ = std::move(error);
}

void FakeViewStore::Crash() {
  const std::lock_guard lock(mutex_);
  rows_ = durable_rows_;
}

std::size_t FakeViewStore::flush_calls() const {
  const std::lock_guard lock(mutex_);
  return flush_calls_;
}

}  // namespace coupond::test
