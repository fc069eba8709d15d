#include "storage/views/coupon_cursor.h"

#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/snapshot.h>

#include <cstdint>
#include <optional>
#include <utility>

#include "base/error.h"
#include "storage/views/coupon_rows.h"
#include "storage/views/scan.h"
#include "storage/views/view_database.h"
#include "storage/views/view_rows.h"

namespace coupond::storage {
namespace {

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
    statuses_.SeekToBegin();
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

std::unique_ptr<CouponCursor> OpenCouponCursor(std::shared_ptr<rocksdb::DB> db,
                                               std::shared_ptr<DamageMark> damage,
                                               CampaignNumber campaign, OrdinalRange ordinals) {
  return std::make_unique<RocksDbCouponCursor>(std::move(db), std::move(damage), campaign,
                                               ordinals);
}

}  // namespace coupond::storage
