#include "storage/views/rocksdb_view_store.h"

#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/snapshot.h>
#include <rocksdb/write_batch.h>

#include <utility>
#include <vector>

#include "base/check.h"
#include "storage/files/env_files.h"
#include "storage/files/file_rewrite.h"
#include "storage/files/rocksdb_options.h"
#include "storage/files/rocksdb_status.h"
#include "storage/views/coupon_cursor.h"
#include "storage/views/coupon_in_run.h"
#include "storage/views/coupon_rows.h"
#include "storage/views/history_rows.h"
#include "storage/views/row_merge.h"
#include "storage/views/row_parts.h"
#include "storage/views/scan.h"
#include "storage/views/state_rows.h"
#include "storage/views/user_index.h"
#include "storage/views/view_database.h"
#include "storage/views/view_rows.h"

namespace coupond::storage {

Result<std::unique_ptr<RocksDbViewStore>> RocksDbViewStore::Open(std::filesystem::path directory,
                                                                 rocksdb::Env* env) {
  std::unique_ptr<RocksDbViewStore> store(new RocksDbViewStore(std::move(directory), env));
  TRY(store->OpenDatabase());
  return store;
}

RocksDbViewStore::RocksDbViewStore(std::filesystem::path directory, rocksdb::Env* env)
    : directory_(std::move(directory)), env_(env) {}

RocksDbViewStore::~RocksDbViewStore() = default;

Status RocksDbViewStore::OpenDatabase() {
  std::unique_ptr<rocksdb::DB> db = TRY(OpenViewDatabase(directory_, env_));
  db_ = std::move(db);
  damage_ = std::make_shared<DamageMark>(directory_, env_);
  return damage_->Check(user_index_.Load(*db_));
}

Status RocksDbViewStore::Write(const ViewChanges& changes) {
  rocksdb::WriteBatch batch;
  for (const Campaign& erased : changes.erased_campaigns) AddErasure(erased, batch);
  for (const SerialsReplacement& replaced : changes.replaced_serials) {
    batch.Merge(CampaignKey(replaced.campaign), RowMerge::ReplacedSerials(replaced.first));
  }
  for (const Campaign& row : changes.campaigns) {
    batch.Put(CampaignKey(row.number), EncodeCampaign(row));
  }
  for (const CampaignIdRow& row : changes.ids) {
    batch.Put(CampaignIndexKey(row.id), EncodeCampaignIndex(row.campaign));
  }
  for (const CouponRun& run : changes.runs) {
    COUPOND_CHECK(run.count > 0);
    batch.Put(RunKey(run.campaign, run.first_ordinal + run.count - 1), EncodeRun(run));
  }
  for (const ClaimRun& run : changes.claims) {
    batch.Put(ClaimsKey(run.campaign, run.first_ordinal), EncodeClaims(run));
  }
  for (const CouponStatusRow& row : changes.statuses) {
    const std::string key = StatusKey(row.campaign, row.ordinal);
    if (row.state_before != CouponState::kIssued && row.state_before != row.status.state) {
      batch.Delete(StateKey(row.campaign, row.state_before, row.ordinal));
    }
    if (row.status == CouponStatus{}) {
      batch.Delete(key);
    } else {
      batch.Put(key, EncodeStatus(row.status));
    }
    if (row.status.state != CouponState::kIssued) {
      batch.Put(StateKey(row.campaign, row.status.state, row.ordinal), rocksdb::Slice());
    }
  }
  TRY(AddTextRemovals(changes.removed_texts, batch));
  for (const Serial last : changes.erased_serials) batch.Delete(SerialsKey(last));
  for (const SerialsRow& row : changes.serials) {
    batch.Put(SerialsKey(row.serials.first.Plus(row.serials.count - 1)), EncodeSerials(row));
  }
  for (const RequestRow& row : changes.requests) {
    batch.Put(RequestKeyOf(row.digest), EncodeRequest(row));
  }
  for (const SoldOutRow& row : changes.sold_outs) {
    batch.Put(SoldOutKey(row.sequence), EncodeSoldOut(row.campaign));
  }
  if (changes.finished_erasure) {
    const KeyRange finished = ErasuresUpTo(*changes.finished_erasure);
    batch.DeleteRange(finished.first, finished.end);
  }
  for (const ErasureRow& row : changes.erasures) {
    batch.Put(ErasureKey(row.sequence), EncodeErasure(row));
  }
  user_index_.Add(changes.user_coupons, batch);
  batch.Put(rocksdb::Slice(kCheckpointKey), EncodeCheckpoint(changes.checkpoint));
  if (const rocksdb::Status written = db_->Write(ViewWriteOptions(), &batch); !written.ok()) {
    return damage_->Check<void>(RocksDbError(written, ErrorCode::kViewsDamaged,
                                             "cannot write the views in " + directory_.string()));
  }
  return {};
}

void RocksDbViewStore::AddErasure(const Campaign& campaign, rocksdb::WriteBatch& batch) {
  const CampaignNumber number = campaign.number;
  batch.Delete(CampaignKey(number));
  batch.Put(ErasedCampaignKey(number), EncodeErasedCampaign(campaign.id));
  campaign.serials.ForEach([&batch](SerialRange serials) {
    batch.Delete(SerialsKey(serials.first.Plus(serials.count - 1)));
  });
  // One mark for each range, however many coupons lie in it.
  for (const KeyRange& range :
       {RunsOf(number), ClaimsOf(number), StatusesOf(number, {}), StatesOf(number)}) {
    batch.DeleteRange(range.first, range.end);
  }
}

Status RocksDbViewStore::AddTextRemovals(std::span<const TextRemoval> removals,
                                         rocksdb::WriteBatch& batch) const {
  for (const TextRemoval& removal : removals) {
    // The run that has the coupon is the first one that does not end before it.
    Scan scan(*db_, RunsOf(removal.campaign), PageReadOptions());
    scan.SeekTo(RunKey(removal.campaign, removal.ordinal));
    TRY(damage_->Check(scan.status()));
    if (scan.Valid()) {
      batch.Merge(rocksdb::Slice(scan.key()), RowMerge::RemovedText(removal.ordinal));
    }
  }
  return {};
}

Status RocksDbViewStore::Flush() {
  if (const rocksdb::Status flushed = db_->Flush(rocksdb::FlushOptions()); !flushed.ok()) {
    return damage_->Check<void>(RocksDbError(flushed, ErrorCode::kViewsDamaged,
                                             "cannot flush the views in " + directory_.string()));
  }
  return {};
}

Result<bool> RocksDbViewStore::PurgeRemovedTexts(const TextPlaces& places,
                                                 const std::atomic<bool>& stop) {
  return text_rewrite_.Continue(places.erasure, stop, [&] {
    std::vector<KeySpan> ranges;
    for (const CampaignNumber campaign : places.campaigns) {
      const KeyRange runs = RunsOf(campaign);
      ranges.push_back({.first = runs.first, .last = runs.end});
    }
    return std::make_unique<FileRewrite>(*db_, directory_, env_, std::move(ranges));
  });
}

Status RocksDbViewStore::Clear() {
  if (db_.use_count() > 1) {
    return MakeError(ErrorCode::kUnavailable, "the views are being read and cannot be cleared");
  }
  db_.reset();
  TRY(RemoveAll(directory_, env_));
  return OpenDatabase();
}

Result<std::optional<std::string>> RocksDbViewStore::ReadValue(
    std::string_view key, const rocksdb::ReadOptions& options) const {
  std::string value;
  const rocksdb::Status found = db_->Get(options, rocksdb::Slice(key), &value);
  if (found.IsNotFound()) return std::nullopt;
  if (!found.ok()) return damage_->Check<std::optional<std::string>>(CannotReadViews(found));
  return value;
}

Result<std::optional<Checkpoint>> RocksDbViewStore::ReadCheckpoint() const {
  const std::optional<std::string> value = TRY(ReadValue(kCheckpointKey, PageReadOptions()));
  if (!value) return std::nullopt;
  return damage_->Check(DecodeCheckpoint(*value));
}

Result<std::optional<Campaign>> RocksDbViewStore::FindCampaign(CampaignNumber campaign) const {
  const std::string key = CampaignKey(campaign);
  const std::optional<std::string> value = TRY(ReadValue(key, PageReadOptions()));
  if (!value) return std::nullopt;
  return damage_->Check(DecodeCampaign(key, *value));
}

Result<std::optional<Campaign>> RocksDbViewStore::FindCampaign(const CampaignId& id) const {
  const std::optional<CampaignNumber> number = TRY(FindCampaignNumber(id));
  if (!number) return std::nullopt;
  // If the campaign is erased, also between the two reads, there is none.
  return FindCampaign(*number);
}

Result<std::optional<Campaign>> RocksDbViewStore::FindCampaignOf(Serial serial) const {
  Scan scan(*db_, SerialsFrom(serial), PageReadOptions());
  scan.SeekToBegin();
  if (!scan.Valid()) {
    TRY(damage_->Check(scan.status()));
    return std::nullopt;
  }
  const SerialsRow row = TRY(damage_->Check(DecodeSerials(scan.key(), scan.value())));
  if (serial < row.serials.first) return std::nullopt;
  return FindCampaign(row.campaign);
}

Result<std::optional<CampaignId>> RocksDbViewStore::FindCampaignId(CampaignNumber campaign) const {
  const std::optional<Campaign> live = TRY(FindCampaign(campaign));
  if (live) return live->id;
  // A campaign that is erased between the two reads has this row at the second.
  const std::string key = ErasedCampaignKey(campaign);
  const std::optional<std::string> value = TRY(ReadValue(key, PageReadOptions()));
  if (!value) return std::nullopt;
  return damage_->Check(DecodeErasedCampaign(*value));
}

Result<std::optional<CampaignNumber>> RocksDbViewStore::FindCampaignNumber(
    const CampaignId& id) const {
  const std::optional<std::string> value = TRY(ReadValue(CampaignIndexKey(id), PageReadOptions()));
  if (!value) return std::nullopt;
  return damage_->Check(DecodeCampaignIndex(*value));
}

Result<std::vector<SoldOutRow>> RocksDbViewStore::ListSoldOuts(Sequence first, Sequence end) const {
  std::vector<SoldOutRow> rows;
  if (first >= end) return rows;
  Scan scan(*db_, SoldOutsBetween(first, end), PageReadOptions());
  for (scan.SeekToBegin(); scan.Valid(); scan.Next()) {
    const SoldOutRow row = TRY(damage_->Check(DecodeSoldOut(scan.key(), scan.value())));
    rows.push_back(row);
  }
  TRY(damage_->Check(scan.status()));
  return rows;
}

Result<std::vector<ErasureRow>> RocksDbViewStore::ListErasures() const {
  std::vector<ErasureRow> rows;
  Scan scan(*db_, AllErasures(), PageReadOptions());
  for (scan.SeekToBegin(); scan.Valid(); scan.Next()) {
    ErasureRow row = TRY(damage_->Check(DecodeErasure(scan.key(), scan.value())));
    rows.push_back(std::move(row));
  }
  TRY(damage_->Check(scan.status()));
  return rows;
}

Result<std::optional<CouponStatus>> RocksDbViewStore::FindStatus(CampaignNumber campaign,
                                                                 std::uint64_t ordinal) const {
  const std::string key = StatusKey(campaign, ordinal);
  const std::optional<std::string> value = TRY(ReadValue(key, PageReadOptions()));
  if (!value) return std::nullopt;
  return TRY(damage_->Check(DecodeStatus(key, *value))).status;
}

Result<std::vector<std::optional<StoredCoupon>>> RocksDbViewStore::FindCoupons(
    CampaignNumber campaign, std::span<const std::uint64_t> ordinals) const {
  // Of one moment: the campaign may be erased between two reads.
  rocksdb::ManagedSnapshot snapshot(db_.get());
  rocksdb::ReadOptions options = PageReadOptions();
  options.snapshot = snapshot.snapshot();
  std::vector<std::optional<StoredCoupon>> coupons(ordinals.size());
  // One for all of them: while there are tables that are not compacted yet, making it takes as long
  // as reading a coupon.
  Scan runs(*db_, RunsOf(campaign), options);
  for (std::size_t i = 0; i < ordinals.size(); ++i) {
    // The run that has the coupon is the first one that does not end before it.
    if (const std::string end = RunKey(campaign, ordinals[i]); !runs.Valid() || runs.key() < end) {
      runs.SeekTo(end);
    }
    if (!runs.Valid()) break;
    std::optional<CouponInRun> found =
        TRY(damage_->Check(DecodeCouponInRun(runs.key(), runs.value(), ordinals[i])));
    if (!found) continue;
    StoredCoupon& coupon = coupons[i].emplace(
        StoredCoupon{.issued_at = found->issued_at, .user_id = std::move(found->user_id)});
    const std::string key = StatusKey(campaign, ordinals[i]);
    const std::optional<std::string> status = TRY(ReadValue(key, options));
    if (status) coupon.status = TRY(damage_->Check(DecodeStatus(key, *status))).status;
  }
  TRY(damage_->Check(runs.status()));
  return coupons;
}

Result<std::vector<UserCoupon>> RocksDbViewStore::ListCouponsOf(
    UserDigest user, CouponOrder order, const std::optional<UserCoupon>& after,
    std::size_t limit) const {
  return damage_->Check(UserIndex::List(*db_, user, order, after, limit));
}

Result<std::vector<std::uint64_t>> RocksDbViewStore::ListOrdinals(
    CampaignNumber campaign, CouponState state, CouponOrder order,
    std::optional<std::uint64_t> after, std::size_t limit) const {
  Scan scan(*db_, OrdinalsInState(campaign, state), PageReadOptions(), DirectionOf(order));
  if (after) {
    scan.SeekAfter(StateKey(campaign, state, *after));
  } else {
    scan.SeekToBegin();
  }
  std::vector<std::uint64_t> ordinals;
  for (; ordinals.size() < limit && scan.Valid(); scan.Next()) {
    const auto coupon = ParseStateKey(scan.key());
    if (!coupon) return damage_->Check<std::vector<std::uint64_t>>(Damaged("coupon in a state"));
    ordinals.push_back(coupon->ordinal);
  }
  TRY(damage_->Check(scan.status()));
  return ordinals;
}

Result<std::vector<Campaign>> RocksDbViewStore::ListCampaigns(CampaignNumber after,
                                                              std::size_t limit) const {
  std::vector<Campaign> page;
  Scan scan(*db_, CampaignsAfter(after), PageReadOptions());
  for (scan.SeekToBegin(); page.size() < limit && scan.Valid(); scan.Next()) {
    Campaign row = TRY(damage_->Check(DecodeCampaign(scan.key(), scan.value())));
    page.push_back(std::move(row));
  }
  TRY(damage_->Check(scan.status()));
  return page;
}

Result<std::unique_ptr<CouponCursor>> RocksDbViewStore::OpenCoupons(CampaignNumber campaign,
                                                                    OrdinalRange ordinals) const {
  return OpenCouponCursor(db_, damage_, campaign, ordinals);
}

Status RocksDbViewStore::ReadClaims(const std::function<void(const ClaimRun&)>& visit) const {
  Scan scan(*db_, AllClaims(), FullReadOptions());
  for (scan.SeekToBegin(); scan.Valid(); scan.Next()) {
    const ClaimRun run = TRY(damage_->Check(DecodeClaims(scan.key(), scan.value())));
    visit(run);
  }
  return damage_->Check(scan.status());
}

Status RocksDbViewStore::ReadStatuses(
    const std::function<void(const CouponStatusRow&)>& visit) const {
  Scan scan(*db_, AllStatuses(), FullReadOptions());
  for (scan.SeekToBegin(); scan.Valid(); scan.Next()) {
    const CouponStatusRow row = TRY(damage_->Check(DecodeStatus(scan.key(), scan.value())));
    visit(row);
  }
  return damage_->Check(scan.status());
}

Status RocksDbViewStore::ReadRequests(const std::function<void(const RequestRow&)>& visit) const {
  Scan scan(*db_, AllRequests(), FullReadOptions());
  for (scan.SeekToBegin(); scan.Valid(); scan.Next()) {
    const RequestRow row = TRY(damage_->Check(DecodeRequest(scan.key(), scan.value())));
    visit(row);
  }
  return damage_->Check(scan.status());
}

}  // namespace coupond::storage
