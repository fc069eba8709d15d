#include "storage/views/user_index.h"

#include <rocksdb/db.h>
#include <rocksdb/snapshot.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <array>
#include <ranges>
#include <string>

#include "storage/files/rocksdb_status.h"
#include "storage/views/scan.h"
#include "storage/views/user_index_rows.h"

namespace coupond::storage {
namespace {

/// Returns the first sequence of the tail.
Result<Sequence> ReadTailBegin(rocksdb::DB& db, const rocksdb::ReadOptions& options) {
  std::string value;
  const rocksdb::Status found = db.Get(options, rocksdb::Slice(kTailBeginKey), &value);
  if (found.IsNotFound()) return Sequence();
  if (!found.ok()) return CannotReadViews(found);
  return DecodeTailBegin(value);
}

/// Gathers the coupons of one user up to a limit, from rows that come in the order of the list.
class Gathering {
 public:
  Gathering(UserDigest user, CouponOrder order, const std::optional<UserCoupon>& after,
            std::size_t limit)
      : user_(user),
        order_(order),
        newest_first_(order == CouponOrder::kNewestFirst),
        after_(after),
        limit_(limit) {}

  /// Takes the rows of a range, from the first that may have coupons that are looked for: the one
  /// that has the place, or the next. `after_key` is the key of a row that ends with the place.
  Status Take(rocksdb::DB& db, const KeyRange& range, const std::string& after_key,
              const rocksdb::ReadOptions& options) {
    Scan scan(db, range, options, DirectionOf(order_));
    if (after_) {
      scan.SeekToFirstFrom(after_key);
    } else {
      scan.SeekToBegin();
    }
    for (; !full() && scan.Valid(); scan.Next()) {
      if (!MayHaveCouponsOf(user_, scan.value())) continue;
      const auto rows = TRY(DecodeUserCoupons(scan.value()));
      if (newest_first_) {
        Take(rows | std::views::reverse);
      } else {
        Take(rows);
      }
    }
    return scan.status();
  }

  [[nodiscard]] bool full() const { return coupons_.size() == limit_; }
  [[nodiscard]] std::vector<UserCoupon> coupons() && { return std::move(coupons_); }

 private:
  template <typename Rows>
  void Take(const Rows& rows) {
    for (const UserCouponRow& row : rows) {
      if (full()) return;
      if (row.user == user_ && IsBehind(row.coupon)) coupons_.push_back(row.coupon);
    }
  }
  [[nodiscard]] bool IsBehind(const UserCoupon& coupon) const {
    return !after_ || (newest_first_ ? coupon < *after_ : coupon > *after_);
  }

  const UserDigest user_;
  const CouponOrder order_;
  const bool newest_first_;
  const std::optional<UserCoupon>& after_;
  const std::size_t limit_;
  std::vector<UserCoupon> coupons_;
};

}  // namespace

Status UserIndex::Load(rocksdb::DB& db) {
  tail_.clear();
  tail_rows_.clear();
  const rocksdb::ReadOptions options;
  const Sequence begin = TRY(ReadTailBegin(db, options));
  Scan scan(db, TailFrom(begin), options);
  for (scan.SeekToBegin(); scan.Valid(); scan.Next()) {
    const auto coupons = TRY(DecodeUserCoupons(scan.value()));
    tail_rows_.push_back(coupons.back().coupon.sequence);
    tail_.insert(tail_.end(), coupons.begin(), coupons.end());
  }
  return scan.status();
}

void UserIndex::Add(std::span<const UserCouponRow> coupons, rocksdb::WriteBatch& batch) {
  if (coupons.empty()) return;
  tail_.insert(tail_.end(), coupons.begin(), coupons.end());
  if (tail_.size() >= kTailCouponsMax) return Distribute(batch);
  if (tail_rows_.size() + 1 >= kTailRowsMax) return Gather(batch);
  const Sequence last = coupons.back().coupon.sequence;
  tail_rows_.push_back(last);
  batch.Put(TailKey(last), EncodeUserCoupons(coupons));
}

void UserIndex::Distribute(rocksdb::WriteBatch& batch) {
  std::array<std::vector<UserCouponRow>, kUserBuckets> buckets;
  for (const UserCouponRow& row : tail_) buckets[BucketOf(row.user)].push_back(row);
  for (std::uint32_t bucket = 0; bucket < kUserBuckets; ++bucket) {
    const auto& rows = buckets[bucket];
    if (rows.empty()) continue;
    batch.Put(BucketKey(bucket, rows.back().coupon.sequence), EncodeUserCoupons(rows));
  }
  RemoveRows(tail_.back().coupon.sequence.Next(), batch);
  tail_.clear();
}

void UserIndex::Gather(rocksdb::WriteBatch& batch) {
  const Sequence last = tail_.back().coupon.sequence;
  RemoveRows(last, batch);
  batch.Put(TailKey(last), EncodeUserCoupons(tail_));
  tail_rows_.push_back(last);
}

void UserIndex::RemoveRows(Sequence begin, rocksdb::WriteBatch& batch) {
  for (const Sequence last : tail_rows_) batch.Delete(TailKey(last));
  tail_rows_.clear();
  // Readers begin here, and so do not pass through what is removed.
  batch.Put(rocksdb::Slice(kTailBeginKey), EncodeTailBegin(begin));
}

Result<std::vector<UserCoupon>> UserIndex::List(rocksdb::DB& db, UserDigest user, CouponOrder order,
                                                const std::optional<UserCoupon>& after,
                                                std::size_t limit) {
  // Of one moment, so that no coupon is missed or found twice while the tail is distributed.
  rocksdb::ManagedSnapshot snapshot(&db);
  rocksdb::ReadOptions options;
  options.snapshot = snapshot.snapshot();
  const Sequence begin = TRY(ReadTailBegin(db, options));
  const Sequence place = after ? after->sequence : Sequence();
  const std::uint32_t bucket = BucketOf(user);
  Gathering gathering(user, order, after, limit);
  const auto take_bucket = [&] {
    return gathering.Take(db, RowsOfBucket(bucket), BucketKey(bucket, place), options);
  };
  const auto take_tail = [&] {
    return gathering.Take(db, TailFrom(begin), TailKey(place), options);
  };
  // All coupons in the buckets are older than those of the tail.
  if (order == CouponOrder::kOldestFirst) {
    TRY(take_bucket());
    TRY(take_tail());
  } else {
    TRY(take_tail());
    TRY(take_bucket());
  }
  return std::move(gathering).coupons();
}

}  // namespace coupond::storage
