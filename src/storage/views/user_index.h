#ifndef COUPOND_STORAGE_VIEWS_USER_INDEX_H_
#define COUPOND_STORAGE_VIEWS_USER_INDEX_H_

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "base/error.h"
#include "engine/ports/view_store.h"
#include "engine/rules/ids.h"

namespace rocksdb {
class DB;
class WriteBatch;
}  // namespace rocksdb

namespace coupond::storage {

/// The index of coupons by their users.
///
/// A row for each coupon would lie at a random place, and cost more than all else that is done for
/// the coupon. So the coupons of each Write become one row at the end of a tail (`w`), in which a
/// reader looks at every coupon. When the tail is full, its coupons are distributed over the
/// buckets of their users' digests and become one row in each (`u`), in the same Write that removes
/// them from the tail; a reader looks at all coupons of one bucket. 10 million coupons are about
/// 10,000 in a bucket.
///
/// If writes have few coupons each, the tail has many rows before it is full. Then they are
/// gathered into one, so that the rows of the buckets are no smaller than otherwise.
///
/// Coupons of erased campaigns stay in a bucket, which has coupons of all of them, until RocksDB
/// compacts it (user_index_filter.h).
///
/// Threads: Load and Add as the store's Write; List from any, beside it.
class UserIndex {
 public:
  /// The number of coupons with which the tail is full.
  static constexpr std::size_t kTailCouponsMax = 16'384;
  /// The number of rows that are gathered into one.
  static constexpr std::size_t kTailRowsMax = 256;

  /// Reads the tail of a store that was opened.
  [[nodiscard]] Status Load(rocksdb::DB& db);
  /// Adds coupons, whose sequences are greater than those before, to a batch that must be written
  /// before the next call.
  void Add(std::span<const UserCouponRow> coupons, rocksdb::WriteBatch& batch);

  /// As ViewStore::ListCouponsOf.
  [[nodiscard]] static Result<std::vector<UserCoupon>> List(rocksdb::DB& db, UserDigest user,
                                                            CouponOrder order,
                                                            const std::optional<UserCoupon>& after,
                                                            std::size_t limit);

 private:
  /// Moves the tail to the buckets.
  void Distribute(rocksdb::WriteBatch& batch);
  /// Makes one row of the tail.
  void Gather(rocksdb::WriteBatch& batch);
  /// Removes the rows of the tail; those to come have their last coupon at `begin` or later.
  void RemoveRows(Sequence begin, rocksdb::WriteBatch& batch);

  std::vector<UserCouponRow> tail_;
  std::vector<Sequence> tail_rows_;  // the last sequence of each
};

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_VIEWS_USER_INDEX_H_
