#ifndef COUPOND_STORAGE_VIEWS_USER_INDEX_FILTER_H_
#define COUPOND_STORAGE_VIEWS_USER_INDEX_FILTER_H_

#include <rocksdb/compaction_filter.h>

#include <atomic>
#include <memory>

namespace rocksdb {
class DB;
}  // namespace rocksdb

namespace coupond::storage {

/// Drops the coupons of erased campaigns from the buckets of the index by user (user_index.h) when
/// RocksDB compacts them.
///
/// A campaign counts as erased once no table on disk has its row, so that a crash cannot bring a
/// campaign back whose coupons have been dropped. That is never true of a live one: its row is
/// written before its coupons, and what was written earlier is never flushed later. Where it cannot
/// be found out, the coupons stay.
///
/// Threads: RocksDB's background threads, beside everything else. Filters nothing before Begin.
class UserIndexFilter final : public rocksdb::CompactionFilterFactory {
 public:
  /// Begins to filter. `db` is the database that was opened with this.
  void Begin(rocksdb::DB& db) { db_ = &db; }

  [[nodiscard]] std::unique_ptr<rocksdb::CompactionFilter> CreateCompactionFilter(
      const rocksdb::CompactionFilter::Context& context) override;
  [[nodiscard]] const char* Name() const override { return "coupond.UserIndexFilter"; }

 private:
  std::atomic<rocksdb::DB*> db_ = nullptr;
};

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_VIEWS_USER_INDEX_FILTER_H_
