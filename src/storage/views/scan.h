#ifndef COUPOND_STORAGE_VIEWS_SCAN_H_
#define COUPOND_STORAGE_VIEWS_SCAN_H_

#include <rocksdb/db.h>
#include <rocksdb/iterator.h>
#include <rocksdb/options.h>
#include <rocksdb/slice.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "engine/ports/view_store.h"
#include "storage/files/rocksdb_status.h"
#include "storage/views/view_rows.h"

/// Reading the rows of a range one after the other.
namespace coupond::storage {

/// Returns the options for pages of rows, which may be asked for again. RocksDB reads ahead by
/// itself in a long scan.
inline rocksdb::ReadOptions PageReadOptions() { return rocksdb::ReadOptions(); }

/// Returns the options for reading all rows once, without displacing what is often asked for from
/// the cache.
inline rocksdb::ReadOptions FullReadOptions() {
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  options.readahead_size = 1'024 * 1'024;
  return options;
}

inline std::unexpected<Error> CannotReadViews(const rocksdb::Status& status) {
  return RocksDbError(status, ErrorCode::kViewsDamaged, "cannot read the views");
}

/// The rows of a range, in either order, as they are at construction or in the options' snapshot.
/// Call one of the Seek functions first.
class Scan {
 public:
  enum class Direction { kForwards, kBackwards };

  Scan(rocksdb::DB& db, KeyRange range, rocksdb::ReadOptions options,
       Direction direction = Direction::kForwards)
      : range_(std::move(range)),
        first_(range_.first),
        end_(range_.end),
        backwards_(direction == Direction::kBackwards) {
    if (backwards_) options.iterate_lower_bound = &first_;
    options.iterate_upper_bound = &end_;
    position_.reset(db.NewIterator(options));
  }
  Scan(const Scan&) = delete;
  Scan& operator=(const Scan&) = delete;

  /// Goes to the first row in the direction of the scan.
  void SeekToBegin() {
    if (backwards_) {
      position_->SeekToLast();
    } else {
      position_->Seek(range_.first);
    }
  }
  /// Goes to the row with `key`, which must be in the range, or to the next in the direction of the
  /// scan.
  void SeekTo(const std::string& key) {
    if (backwards_) {
      position_->SeekForPrev(key);
    } else {
      position_->Seek(key);
    }
  }
  /// Goes to the first row at or after `key`, which need not be in the range, whatever the
  /// direction; backwards to the last row if there is none.
  void SeekToFirstFrom(const std::string& key) {
    position_->Seek(key < range_.first ? range_.first : key);
    if (backwards_ && !Valid() && position_->status().ok()) position_->SeekToLast();
  }
  /// Does the same as SeekTo, but passes over the row with `key`.
  void SeekAfter(const std::string& key) {
    SeekTo(key);
    if (Valid() && this->key() == key) Next();
  }
  [[nodiscard]] bool Valid() const { return position_->Valid(); }
  void Next() {
    if (backwards_) {
      position_->Prev();
    } else {
      position_->Next();
    }
  }
  [[nodiscard]] std::string_view key() const { return position_->key().ToStringView(); }
  [[nodiscard]] std::string_view value() const { return position_->value().ToStringView(); }
  /// Returns why Valid returned false: an error, or ok at the end.
  [[nodiscard]] Status status() const {
    if (!position_->status().ok()) return CannotReadViews(position_->status());
    return {};
  }

 private:
  const KeyRange range_;
  const rocksdb::Slice first_;
  const rocksdb::Slice end_;
  const bool backwards_;
  std::unique_ptr<rocksdb::Iterator> position_;
};

[[nodiscard]] inline Scan::Direction DirectionOf(CouponOrder order) {
  return order == CouponOrder::kNewestFirst ? Scan::Direction::kBackwards
                                            : Scan::Direction::kForwards;
}

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_VIEWS_SCAN_H_
