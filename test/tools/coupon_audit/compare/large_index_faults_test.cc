#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "coupond/storage/v1/view_rows.pb.h"
#include "storage/views/stored_view_rows.h"
#include "storage/views/user_index.h"
#include "storage/views/user_index_rows.h"
#include "storage/views/view_database.h"
#include "storage/views/view_rows.h"
#include "tools/coupon_audit/compare/altered_views.h"
#include "tools/coupon_audit/compare/index_keys.h"
#include "tools/coupon_audit/planted_store.h"
#include "tools/coupon_audit/verdict.h"

// An index by user that the store itself has distributed.
namespace coupond::test {
namespace {

/// Two groups of two campaigns' coupons, each of which fills the tail, and one more.
class LargeUserIndexTest : public testing::Test {
 protected:
  static constexpr std::uint64_t kCoupons = storage::UserIndex::kTailCouponsMax + 16;
  static constexpr std::uint64_t kThursday = 4;
  static constexpr std::uint64_t kFriday = 5;

  LargeUserIndexTest() {
    constexpr std::uint64_t kTotal = 2 * kCoupons;
    store_.Add(At(14), {CreatedEvent(kThursday, "thursday", kTotal, 11, At(14)),
                        CreatedEvent(kFriday, "friday", kTotal, 11 + kTotal, At(14))});
    for (int group = 0; group < 2; ++group) Issue(kCoupons);
    Issue(100);
    store_.WriteFiles();
  }

  void Issue(std::uint64_t count) {
    std::vector<Event> events;
    for (std::uint64_t i = 0; i < count; ++i, ++issued_) {
      const std::uint64_t campaign = issued_ % 2 == 0 ? kThursday : kFriday;
      const std::uint64_t first_serial = campaign == kThursday ? 11 : 11 + 2 * kCoupons;
      events.push_back(IssuedToEvent(campaign, first_serial + issued_ / 2,
                                     "user " + std::to_string(issued_ / 2)));
    }
    store_.Add(At(15), events);
  }
  /// Returns how many coupons are in the buckets.
  [[nodiscard]] std::size_t CouponsInBuckets() const {
    const auto rows = storage::StoredViewRows::Open(store_.path() / "views");
    std::size_t coupons = 0;
    const storage::KeyRange range = storage::AllBuckets();
    auto row = (*rows)->From(range.first);
    for (; row.Valid() && row.key() < range.end; row.Next()) {
      coupons += storage::DecodeUserCoupons(row.value())->size();
    }
    return coupons;
  }
  /// Returns the key of the row that has the coupon with this place.
  [[nodiscard]] std::string KeyOfRowWith(const std::string& place) const {
    const auto rows = storage::StoredViewRows::Open(store_.path() / "views");
    return std::string((*rows)->From(place).key());
  }
  /// Compacts all buckets, as RocksDB does now and then with some of them.
  void Compact() const {
    const auto db = storage::OpenViewDatabase(store_.path() / "views", nullptr);
    ASSERT_TRUE(db.has_value());
    rocksdb::CompactRangeOptions options;
    options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
    const storage::KeyRange range = storage::AllBuckets();
    const rocksdb::Slice first(range.first);
    const rocksdb::Slice end(range.end);
    ASSERT_TRUE((*db)->CompactRange(options, &first, &end).ok());
  }

  PlantedStore store_;
  std::uint64_t issued_ = 0;
};

TEST_F(LargeUserIndexTest, IsComparedBeforeAndAfterACompaction) {
  store_.Add(At(16), {DeletedEvent(kFriday)});
  store_.WriteFiles();
  store_.MakeViews();
  EXPECT_EQ(VerdictOn(store_.path()), "sound");
  ASSERT_EQ(CouponsInBuckets(), 2 * kCoupons + 3);
  Compact();
  ASSERT_EQ(CouponsInBuckets(), kCoupons + 2);
  EXPECT_EQ(VerdictOn(store_.path()), "sound");
}

TEST_F(LargeUserIndexTest, OneCouponThatIsMissingAmongManyIsNamed) {
  store_.MakeViews();
  ASSERT_EQ(VerdictOn(store_.path()), "sound");
  // The second distribution; its first coupon is thursday's.
  const std::uint64_t first = kBaseEvents + 2 + kCoupons + 1;
  const std::string user_id = "user " + std::to_string(kCoupons / 2);
  Alter<storage::v1::UserCouponsRow>(KeyOfRowWith(BucketKeyOf(user_id, first)), [](auto& row) {
    row.mutable_users()->erase(row.users().begin());
    const std::uint64_t step = row.sequence_steps(0);
    row.mutable_sequence_steps()->erase(row.sequence_steps().begin());
    row.set_sequence_steps(0, row.sequence_steps(0) + step);
    row.mutable_campaign_numbers()->erase(row.campaign_numbers().begin());
    row.mutable_ordinals()->erase(row.ordinals().begin());
  })(store_);
  store_.CloseViews();
  EXPECT_EQ(VerdictOn(store_.path()), "view_row_missing at sequence " + std::to_string(first) +
                                          ", campaign " + std::to_string(kThursday));
}

}  // namespace
}  // namespace coupond::test
