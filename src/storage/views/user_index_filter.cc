#include "storage/views/user_index_filter.h"

#include <rocksdb/db.h>
#include <rocksdb/options.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "engine/ports/view_store.h"
#include "engine/rules/ids.h"
#include "storage/views/user_index_rows.h"
#include "storage/views/view_rows.h"

namespace coupond::storage {
namespace {

/// For one compaction, in one thread.
class OneCompaction final : public rocksdb::CompactionFilter {
 public:
  explicit OneCompaction(rocksdb::DB& db) : db_(db) {}

  bool Filter(int /*level*/, const rocksdb::Slice& key, const rocksdb::Slice& value,
              std::string* new_value, bool* value_changed) const override {
    if (!ParseBucketKey(key.ToStringView())) return false;
    try {
      return Filter(value.ToStringView(), *new_value, *value_changed);
    } catch (...) {  // RocksDB must not see an exception
      *value_changed = false;
      return false;
    }
  }
  [[nodiscard]] const char* Name() const override { return "coupond.UserIndexFilter.Compaction"; }

 private:
  /// Returns whether to remove the row.
  [[nodiscard]] bool Filter(std::string_view value, std::string& new_value, bool& changed) const {
    Result<std::vector<UserCouponRow>> coupons = DecodeUserCoupons(value);
    if (!coupons) return false;  // its reader reports it
    const std::size_t erased = std::erase_if(
        *coupons, [this](const UserCouponRow& row) { return IsErased(row.coupon.campaign); });
    if (erased == 0) return false;
    if (coupons->empty()) return true;
    // The key still lies behind them, and before the coupons of the row after.
    new_value = EncodeUserCoupons(*coupons);
    changed = true;
    return false;
  }
  [[nodiscard]] bool IsErased(CampaignNumber campaign) const {
    const auto [entry, is_new] = erased_.try_emplace(campaign, false);
    if (is_new) {
      rocksdb::ReadOptions options;
      // Without a WAL, this passes over what is only in memory.
      options.read_tier = rocksdb::kPersistedTier;
      options.fill_cache = false;
      std::string row;
      entry->second = db_.Get(options, CampaignKey(campaign), &row).IsNotFound();
    }
    return entry->second;
  }

  rocksdb::DB& db_;
  // What was found out in this compaction, because a bucket has coupons of any campaigns.
  mutable std::unordered_map<CampaignNumber, bool> erased_;
};

}  // namespace

std::unique_ptr<rocksdb::CompactionFilter> UserIndexFilter::CreateCompactionFilter(
    const rocksdb::CompactionFilter::Context& /*context*/) {
  rocksdb::DB* const db = db_;
  if (db == nullptr) return nullptr;
  return std::make_unique<OneCompaction>(*db);
}

}  // namespace coupond::storage
