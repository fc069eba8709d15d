#include "storage/views/rocksdb_view_store.h"

#include <rocksdb/db.h>
#include <rocksdb/snapshot.h>
#include <rocksdb/write_batch.h>

#include <utility>

#include "base/check.h"
#include "storage/files/env_files.h"
#include "storage/files/rocksdb_options.h"
#include "storage/files/rocksdb_status.h"
#include "storage/views/coupon_rows.h"
#include "storage/views/view_database.h"
#include "storage/views/view_rows.h"

namespace coupond::storage {
namespace {

/// Returns the options for pages of rows, which somebody may ask for again. RocksDB reads ahead by
/// itself in a long scan.
rocksdb::ReadOptions PageReadOptions() { return rocksdb::ReadOptions(); }

/// Returns the options for reading all rows once, without displacing what is often asked for from
/// the cache.
rocksdb::ReadOptions FullReadOptions() {
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  options.readahead_size = 1'024 * 1'024;
  return options;
}

std::unexpected<Error> CannotRead(const rocksdb::Status& status) {
  return RocksDbError(status, ErrorCode::kViewsDamaged, "cannot read the views");
}

/// The rows of a range as they are at construction. Call one of the Seek functions first.
class Scan {
 public:
  Scan(rocksdb::DB& db, KeyRange range, rocksdb::ReadOptions options)
      : range_(std::move(range)), end_(range_.end) {
    options.iterate_upper_bound = &end_;
    position_.reset(db.NewIterator(options));
  }
  Scan(const Scan&) = delete;
  Scan& operator=(const Scan&) = delete;

  void SeekToFirst() { position_->Seek(range_.first); }
  /// Goes to the first row at or after `key`, which must be in the range.
  void SeekTo(const std::string& key) { position_->Seek(key); }
  [[nodiscard]] bool Valid() const { return position_->Valid(); }
  void Next() { position_->Next(); }
  [[nodiscard]] std::string_view key() const { return position_->key().ToStringView(); }
  [[nodiscard]] std::string_view value() const { return position_->value().ToStringView(); }
  /// Returns why Valid returned false: an error, or ok at the end.
  [[nodiscard]] Status status() const {
    if (!position_->status().ok()) return CannotRead(position_->status());
    return {};
  }

 private:
  const KeyRange range_;
  const rocksdb::Slice end_;
  std::unique_ptr<rocksdb::Iterator> position_;
};

class RocksDbCouponCursor final : public CouponCursor {
 public:
  RocksDbCouponCursor(std::shared_ptr<rocksdb::DB> db, std::shared_ptr<DamageMark> damage,
                      CampaignNumber campaign, OrdinalRange ordinals)
      : db_(std::move(db)),
        damage_(std::move(damage)),
        snapshot_(db_.get()),
        runs_(*db_, RunsOf(campaign), Options()),
        statuses_(*db_, StatusesOf(campaign, ordinals), Options()) {
    runs_.SeekTo(RunKey(campaign, ordinals.first));
    statuses_.SeekToFirst();
  }

  Result<std::optional<CouponRun>> Next() override {
    if (!runs_.Valid()) {
      TRY(damage_->Check(runs_.status()));
      return std::nullopt;
    }
    CouponRun run = TRY(damage_->Check(DecodeRun(runs_.key(), runs_.value())));
    runs_.Next();
    TRY(damage_->Check(AddStatuses(run)));
    return run;
  }

 private:
  [[nodiscard]] rocksdb::ReadOptions Options() {
    rocksdb::ReadOptions options = PageReadOptions();
    options.snapshot = snapshot_.snapshot();
    return options;
  }

  Status AddStatuses(CouponRun& run) {
    for (; statuses_.Valid(); statuses_.Next()) {
      const auto key = ParseStatusKey(statuses_.key());
      if (key && key->ordinal >= run.first_ordinal + run.count) return {};
      CouponStatusRow row = TRY(DecodeStatus(statuses_.key(), statuses_.value()));
      if (row.ordinal < run.first_ordinal) continue;
      run.changed.push_back({.offset = static_cast<std::uint32_t>(row.ordinal - run.first_ordinal),
                             .status = std::move(row.status)});
    }
    return statuses_.status();
  }

  const std::shared_ptr<rocksdb::DB> db_;  // outlives the scans
  const std::shared_ptr<DamageMark> damage_;
  rocksdb::ManagedSnapshot snapshot_;  // of both scans
  Scan runs_;
  Scan statuses_;
};

}  // namespace

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
  return {};
}

Status RocksDbViewStore::Write(const ViewChanges& changes) {
  rocksdb::WriteBatch batch;
  for (const Campaign& erased : changes.erased_campaigns) {
    TRY(AddErasure(erased, batch));
  }
  for (const Campaign& row : changes.campaigns) {
    batch.Put(CampaignKey(row.number), EncodeCampaign(row));
    batch.Put(CampaignIndexKey(row.id), EncodeCampaignIndex(row.number));
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
    if (row.status.state == CouponState::kIssued) {
      batch.Delete(key);
    } else {
      batch.Put(key, EncodeStatus(row.status));
    }
  }
  for (const SerialsRow& row : changes.serials) {
    batch.Put(SerialsKey(row.serials.first.Plus(row.serials.count - 1)), EncodeSerials(row));
  }
  for (const RequestRow& row : changes.requests) {
    batch.Put(RequestKeyOf(row.digest), EncodeRequest(row));
  }
  batch.Put(rocksdb::Slice(kCheckpointKey), EncodeCheckpoint(changes.checkpoint));
  if (const rocksdb::Status written = db_->Write(ViewWriteOptions(), &batch); !written.ok()) {
    return damage_->Check<void>(RocksDbError(written, ErrorCode::kViewsDamaged,
                                             "cannot write the views in " + directory_.string()));
  }
  return {};
}

Status RocksDbViewStore::AddErasure(const Campaign& campaign, rocksdb::WriteBatch& batch) const {
  const CampaignNumber number = campaign.number;
  const std::optional<Campaign> row = TRY(ReadCampaign(number));
  if (row) {
    batch.Delete(CampaignKey(number));
    batch.Delete(CampaignIndexKey(row->id));
  }
  campaign.serials.ForEach([&batch](SerialRange serials) {
    batch.Delete(SerialsKey(serials.first.Plus(serials.count - 1)));
  });
  // One mark for each range, however many coupons lie in it.
  for (const KeyRange& range : {RunsOf(number), ClaimsOf(number), StatusesOf(number, {})}) {
    batch.DeleteRange(range.first, range.end);
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

Status RocksDbViewStore::Clear() {
  if (db_.use_count() > 1) {
    return MakeError(ErrorCode::kUnavailable, "the views are being read and cannot be cleared");
  }
  db_.reset();
  TRY(RemoveAll(directory_, env_));
  return OpenDatabase();
}

Result<std::optional<std::string>> RocksDbViewStore::ReadValue(std::string_view key) const {
  std::string value;
  const rocksdb::Status found = db_->Get(rocksdb::ReadOptions(), rocksdb::Slice(key), &value);
  if (found.IsNotFound()) return std::nullopt;
  if (!found.ok()) return damage_->Check<std::optional<std::string>>(CannotRead(found));
  return value;
}

Result<std::optional<Checkpoint>> RocksDbViewStore::ReadCheckpoint() const {
  const std::optional<std::string> value = TRY(ReadValue(kCheckpointKey));
  if (!value) return std::nullopt;
  return damage_->Check(DecodeCheckpoint(*value));
}

Result<std::optional<Campaign>> RocksDbViewStore::ReadCampaign(CampaignNumber campaign) const {
  const std::string key = CampaignKey(campaign);
  const std::optional<std::string> value = TRY(ReadValue(key));
  if (!value) return std::nullopt;
  return damage_->Check(DecodeCampaign(key, *value));
}

Result<std::optional<Campaign>> RocksDbViewStore::FindCampaign(const CampaignId& id) const {
  const std::optional<std::string> value = TRY(ReadValue(CampaignIndexKey(id)));
  if (!value) return std::nullopt;
  const CampaignNumber number = TRY(damage_->Check(DecodeCampaignIndex(*value)));
  // The campaign may be erased between the two reads; then there is none, which is as true.
  return ReadCampaign(number);
}

Result<std::optional<Campaign>> RocksDbViewStore::FindCampaignOf(Serial serial) const {
  Scan scan(*db_, SerialsFrom(serial), PageReadOptions());
  scan.SeekToFirst();
  if (!scan.Valid()) {
    TRY(damage_->Check(scan.status()));
    return std::nullopt;
  }
  const SerialsRow row = TRY(damage_->Check(DecodeSerials(scan.key(), scan.value())));
  if (serial < row.serials.first) return std::nullopt;
  return ReadCampaign(row.campaign);
}

Result<std::optional<CouponStatus>> RocksDbViewStore::FindStatus(CampaignNumber campaign,
                                                                 std::uint64_t ordinal) const {
  const std::string key = StatusKey(campaign, ordinal);
  const std::optional<std::string> value = TRY(ReadValue(key));
  if (!value) return std::nullopt;
  return TRY(damage_->Check(DecodeStatus(key, *value))).status;
}

Result<std::vector<Campaign>> RocksDbViewStore::ListCampaigns(CampaignNumber after,
                                                              std::size_t limit) const {
  std::vector<Campaign> page;
  Scan scan(*db_, CampaignsAfter(after), PageReadOptions());
  for (scan.SeekToFirst(); page.size() < limit && scan.Valid(); scan.Next()) {
    Campaign row = TRY(damage_->Check(DecodeCampaign(scan.key(), scan.value())));
    page.push_back(std::move(row));
  }
  TRY(damage_->Check(scan.status()));
  return page;
}

Result<std::unique_ptr<CouponCursor>> RocksDbViewStore::OpenCoupons(CampaignNumber campaign,
                                                                    OrdinalRange ordinals) const {
  return std::make_unique<RocksDbCouponCursor>(db_, damage_, campaign, ordinals);
}

Status RocksDbViewStore::ReadClaims(const std::function<void(const ClaimRun&)>& visit) const {
  Scan scan(*db_, AllClaims(), FullReadOptions());
  for (scan.SeekToFirst(); scan.Valid(); scan.Next()) {
    const ClaimRun run = TRY(damage_->Check(DecodeClaims(scan.key(), scan.value())));
    visit(run);
  }
  return damage_->Check(scan.status());
}

Status RocksDbViewStore::ReadStatuses(
    const std::function<void(const CouponStatusRow&)>& visit) const {
  Scan scan(*db_, AllStatuses(), FullReadOptions());
  for (scan.SeekToFirst(); scan.Valid(); scan.Next()) {
    const CouponStatusRow row = TRY(damage_->Check(DecodeStatus(scan.key(), scan.value())));
    visit(row);
  }
  return damage_->Check(scan.status());
}

Status RocksDbViewStore::ReadRequests(const std::function<void(const RequestRow&)>& visit) const {
  Scan scan(*db_, AllRequests(), FullReadOptions());
  for (scan.SeekToFirst(); scan.Valid(); scan.Next()) {
    const RequestRow row = TRY(damage_->Check(DecodeRequest(scan.key(), scan.value())));
    visit(row);
  }
  return damage_->Check(scan.status());
}

}  // namespace coupond::storage
