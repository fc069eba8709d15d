#include "storage/views/rocksdb_view_store.h"

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <utility>

#include "base/check.h"
#include "storage/files/env_files.h"
#include "storage/files/rocksdb_options.h"
#include "storage/files/rocksdb_status.h"
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
                      CampaignNumber campaign, std::uint64_t ordinal)
      : db_(std::move(db)),
        damage_(std::move(damage)),
        scan_(*db_, RunsOf(campaign), PageReadOptions()) {
    scan_.SeekTo(RunKey(campaign, ordinal));
  }

  Result<std::optional<CouponRun>> Next() override {
    if (!scan_.Valid()) {
      TRY(damage_->Check(scan_.status()));
      return std::nullopt;
    }
    CouponRun run = TRY(damage_->Check(DecodeRun(scan_.key(), scan_.value())));
    scan_.Next();
    return run;
  }

 private:
  const std::shared_ptr<rocksdb::DB> db_;  // outlives the scan
  const std::shared_ptr<DamageMark> damage_;
  Scan scan_;
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
    TRY(AddErasure(erased.number, batch));
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
  batch.Put(rocksdb::Slice(kCheckpointKey), EncodeCheckpoint(changes.checkpoint));
  if (const rocksdb::Status written = db_->Write(ViewWriteOptions(), &batch); !written.ok()) {
    return damage_->Check<void>(RocksDbError(written, ErrorCode::kViewsDamaged,
                                             "cannot write the views in " + directory_.string()));
  }
  return {};
}

Status RocksDbViewStore::AddErasure(CampaignNumber campaign, rocksdb::WriteBatch& batch) const {
  const std::optional<Campaign> row = TRY(ReadCampaign(campaign));
  if (row) {
    batch.Delete(CampaignKey(campaign));
    batch.Delete(CampaignIndexKey(row->id));
  }
  // One mark for each range, however many coupons lie in it.
  for (const KeyRange& range : {RunsOf(campaign), ClaimsOf(campaign)}) {
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
                                                                    std::uint64_t ordinal) const {
  return std::make_unique<RocksDbCouponCursor>(db_, damage_, campaign, ordinal);
}

Status RocksDbViewStore::ReadClaims(const std::function<void(const ClaimRun&)>& visit) const {
  Scan scan(*db_, AllClaims(), FullReadOptions());
  for (scan.SeekToFirst(); scan.Valid(); scan.Next()) {
    const ClaimRun run = TRY(damage_->Check(DecodeClaims(scan.key(), scan.value())));
    visit(run);
  }
  return damage_->Check(scan.status());
}

}  // namespace coupond::storage
