#include "storage/views/user_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <rocksdb/perf_context.h>
#include <rocksdb/perf_level.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "storage/files/rocksdb_options.h"
#include "storage/groups.h"
#include "storage/views/rocksdb_view_store.h"
#include "storage/views/stored_view_rows.h"
#include "storage/views/user_index_rows.h"
#include "storage/views/view_changes.h"
#include "storage/views/view_database.h"
#include "storage/views/view_rows.h"
#include "support/fake_view_store.h"
#include "support/temporary_directory.h"

namespace coupond::storage {
namespace {

using test::AddNew;
using test::ChangesAt;
using test::Must;
using test::Outcome;
using test::SomeCampaign;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr UserDigest kKim(5);

UserCouponRow CouponFor(UserDigest user, std::uint64_t sequence, std::uint64_t campaign = 1) {
  return {.user = user,
          .coupon = {.sequence = Sequence(sequence),
                     .campaign = CampaignNumber(campaign),
                     .ordinal = sequence}};
}

class UserIndexTest : public testing::Test {
 protected:
  UserIndexTest() { Open(); }

  void Open() {
    views_.reset();
    views_ = Must(RocksDbViewStore::Open(path()));
  }
  [[nodiscard]] std::filesystem::path path() const { return directory_.path() / "views"; }

  void Write(std::vector<UserCouponRow> coupons) {
    ViewChanges changes = ChangesAt(++groups_);
    changes.user_coupons = std::move(coupons);
    ASSERT_EQ(Outcome(views_->Write(changes)), "ok");
  }
  /// Gives kKim so many coupons, in one write, with the next sequences.
  void Give(std::size_t count, std::uint64_t campaign = 1) {
    std::vector<UserCouponRow> coupons;
    for (std::size_t i = 0; i < count; ++i) {
      coupons.push_back(CouponFor(kKim, ++sequence_, campaign));
    }
    Write(std::move(coupons));
  }
  void PutCampaigns(std::initializer_list<std::uint64_t> numbers) {
    ViewChanges changes = ChangesAt(++groups_);
    for (const std::uint64_t number : numbers) AddNew(changes, SomeCampaign(number));
    ASSERT_EQ(Outcome(views_->Write(changes)), "ok");
  }
  void Erase(std::uint64_t campaign) {
    ViewChanges changes = ChangesAt(++groups_);
    changes.erased_campaigns = {SomeCampaign(campaign)};
    ASSERT_EQ(Outcome(views_->Write(changes)), "ok");
  }
  void Flush() { ASSERT_EQ(Outcome(views_->Flush()), "ok"); }

  [[nodiscard]] std::vector<UserCoupon> CouponsOf(UserDigest user) const {
    return Must(views_->ListCouponsOf(user, CouponOrder::kOldestFirst, {}, 100'000));
  }

  struct Rows {
    std::size_t tail = 0;
    std::size_t buckets = 0;

    friend bool operator==(const Rows&, const Rows&) = default;
  };
  /// Flushes the views, and returns how many rows are on disk in the tail and in the buckets.
  Rows RowsOnDisk() {
    Flush();
    views_.reset();
    const Rows rows = CountRows(*Must(StoredViewRows::Open(path())));
    Open();
    return rows;
  }
  [[nodiscard]] static Rows CountRows(const StoredViewRows& stored) {
    const auto count = [&stored](const KeyRange& range) {
      std::size_t found = 0;
      for (auto row = stored.From(range.first); row.Valid() && row.key() < range.end; row.Next()) {
        ++found;
      }
      return found;
    };
    return {.tail = count(TailFrom(Sequence())), .buckets = count(AllBuckets())};
  }
  /// Compacts all buckets, as RocksDB does now and then with some of them.
  void Compact() {
    Flush();
    views_.reset();
    CompactBuckets(*Must(OpenViewDatabase(path(), nullptr)));
    Open();
  }
  static void CompactBuckets(rocksdb::DB& db) {
    rocksdb::CompactRangeOptions options;
    options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
    const KeyRange range = AllBuckets();
    const rocksdb::Slice first(range.first);
    const rocksdb::Slice end(range.end);
    ASSERT_TRUE(db.CompactRange(options, &first, &end).ok());
  }

  test::TemporaryDirectory directory_;
  std::unique_ptr<RocksDbViewStore> views_;
  std::uint64_t groups_ = 0;
  std::uint64_t sequence_ = 0;
};

TEST_F(UserIndexTest, CouponsMoveToTheirBucketsOnceTheTailIsFull) {
  Give(UserIndex::kTailCouponsMax - 1);
  EXPECT_EQ(RowsOnDisk(), (Rows{.tail = 1, .buckets = 0}));
  Give(1);
  EXPECT_EQ(RowsOnDisk(), (Rows{.tail = 0, .buckets = 1}));
  EXPECT_EQ(CouponsOf(kKim).size(), UserIndex::kTailCouponsMax);
  Give(1);
  Write({CouponFor(UserDigest(6), ++sequence_)});
  EXPECT_EQ(RowsOnDisk(), (Rows{.tail = 2, .buckets = 1}));
  EXPECT_EQ(CouponsOf(kKim).size(), UserIndex::kTailCouponsMax + 1);
}

TEST_F(UserIndexTest, TheTailHasFewRows) {
  for (std::size_t i = 0; i + 1 < UserIndex::kTailRowsMax; ++i) Give(1);
  EXPECT_EQ(RowsOnDisk(), (Rows{.tail = UserIndex::kTailRowsMax - 1, .buckets = 0}));
  Write({CouponFor(UserDigest(6), ++sequence_)});
  EXPECT_EQ(RowsOnDisk(), (Rows{.tail = 1, .buckets = 0}));
  EXPECT_EQ(CouponsOf(kKim).size(), UserIndex::kTailRowsMax - 1);
  EXPECT_EQ(CouponsOf(UserDigest(6)).size(), 1U);
  Give(1);
  EXPECT_EQ(RowsOnDisk(), (Rows{.tail = 2, .buckets = 0}));
  EXPECT_EQ(CouponsOf(kKim).size(), UserIndex::kTailRowsMax);
}

/// However few coupons a write has, a bucket gets many at once.
TEST_F(UserIndexTest, SlowTrafficMakesNoSmallerRowsInTheBuckets) {
  for (std::size_t i = 0; i < UserIndex::kTailCouponsMax; ++i) Give(1);
  EXPECT_EQ(RowsOnDisk(), (Rows{.tail = 0, .buckets = 1}));
  EXPECT_EQ(CouponsOf(kKim).size(), UserIndex::kTailCouponsMax);
}

TEST_F(UserIndexTest, EveryPlaceOfAListLeadsToTheNext) {
  // Gathered rows, rows of a few coupons, and rows of the buckets.
  std::vector<UserCouponRow> coupons;
  for (std::size_t i = 0; i < 2 * UserIndex::kTailRowsMax; ++i) {
    Give(i % 3);
    if (i == UserIndex::kTailRowsMax) Give(UserIndex::kTailCouponsMax / 2);
    if (i == UserIndex::kTailRowsMax + 9) Give(UserIndex::kTailCouponsMax / 2);
  }
  const std::vector<UserCoupon> all = CouponsOf(kKim);
  ASSERT_EQ(all.size(), sequence_);
  for (std::size_t i = 0; i < all.size(); i += i % 97 == 0 ? 1 : 13) {
    const auto next = Must(views_->ListCouponsOf(kKim, CouponOrder::kOldestFirst, all[i], 1));
    ASSERT_EQ(next, std::vector<UserCoupon>(
                        all.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                        all.begin() + std::min<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(i) + 2,
                                                               std::ssize(all))));
    const auto before = Must(views_->ListCouponsOf(kKim, CouponOrder::kNewestFirst, all[i], 1));
    ASSERT_EQ(before, i == 0 ? std::vector<UserCoupon>() : std::vector{all[i - 1]});
  }
}

/// Removed rows stay in RocksDB for some time, and reading past them would take longer and longer.
TEST_F(UserIndexTest, AListDoesNotPassThroughWhatWasGathered) {
  for (std::size_t i = 0; i < 20 * UserIndex::kTailRowsMax; ++i) Give(1);
  rocksdb::SetPerfLevel(rocksdb::PerfLevel::kEnableCount);
  for (const CouponOrder order : {CouponOrder::kOldestFirst, CouponOrder::kNewestFirst}) {
    rocksdb::get_perf_context()->Reset();
    EXPECT_EQ(Must(views_->ListCouponsOf(kKim, order, {}, 100'000)).size(), sequence_);
    EXPECT_LE(rocksdb::get_perf_context()->next_on_memtable_count +
                  rocksdb::get_perf_context()->prev_on_memtable_count,
              2 * UserIndex::kTailRowsMax);
  }
}

TEST_F(UserIndexTest, AReopenedStoreGoesOnWithItsTail) {
  for (int i = 0; i < 3; ++i) Give(UserIndex::kTailCouponsMax / 3);
  Flush();
  Give(1'000);  // lost by the crash, together with what it did to the tail
  Open();
  EXPECT_EQ(CouponsOf(kKim).size(), sequence_ - 1'000);
  sequence_ -= 1'000;
  Give(10);
  EXPECT_EQ(RowsOnDisk(), (Rows{.tail = 0, .buckets = 1}));
  EXPECT_EQ(CouponsOf(kKim).size(), sequence_);
}

TEST_F(UserIndexTest, AClearedStoreBeginsWithoutATail) {
  for (std::size_t i = 0; i < UserIndex::kTailRowsMax; ++i) Give(1);
  ASSERT_EQ(Outcome(views_->Clear()), "ok");
  EXPECT_THAT(CouponsOf(kKim), IsEmpty());
  sequence_ = 0;
  Give(1);
  Give(1);
  Give(UserIndex::kTailCouponsMax - 3);
  EXPECT_EQ(RowsOnDisk(), (Rows{.tail = 3, .buckets = 0}));
  EXPECT_EQ(CouponsOf(kKim).size(), sequence_);
}

TEST_F(UserIndexTest, AnUndecodableRowIsDamage) {
  for (const std::string& key :
       {TailKey(Sequence(1)), BucketKey(BucketOf(kKim), Sequence(1)), std::string(kTailBeginKey)}) {
    views_.reset();
    {
      const auto db = Must(OpenViewDatabase(path(), nullptr));
      ASSERT_TRUE(db->Put(rocksdb::WriteOptions(), key, "\xff").ok());
    }
    auto opened = RocksDbViewStore::Open(path());
    if (opened) {
      const auto coupons = (*opened)->ListCouponsOf(kKim, CouponOrder::kNewestFirst, {}, 1);
      EXPECT_EQ(Outcome(coupons), "views_damaged");
    } else {
      EXPECT_EQ(Outcome(opened), "views_damaged");
    }
    opened = MakeError(ErrorCode::kIo, "closed");
    ASSERT_EQ(Outcome(RemoveViews(path(), nullptr)), "ok");
    Open();
  }
}

TEST_F(UserIndexTest, AListIsOfOneMomentWhileTheTailIsDistributed) {
  // Few coupons in each write, so that there are many.
  constexpr std::uint64_t kCoupons = 2'500;
  std::atomic<bool> done = false;
  std::jthread writer([&] {
    while (sequence_ < kCoupons) Give(1);
    done = true;
  });
  std::size_t known = 0;
  bool last = false;
  while (!last) {
    last = done;
    for (const CouponOrder order : {CouponOrder::kOldestFirst, CouponOrder::kNewestFirst}) {
      auto coupons = Must(views_->ListCouponsOf(kKim, order, {}, 100'000));
      ASSERT_GE(coupons.size(), known);
      known = coupons.size();
      if (order == CouponOrder::kNewestFirst) std::ranges::reverse(coupons);
      for (std::size_t i = 0; i < known; ++i) ASSERT_EQ(coupons[i].sequence, Sequence(i + 1));
    }
  }
  EXPECT_EQ(known, kCoupons);
}

TEST_F(UserIndexTest, CompactionDropsCouponsOfErasedCampaigns) {
  PutCampaigns({1, 2, 3});
  std::vector<UserCouponRow> coupons;
  for (std::uint64_t i = 0; i < UserIndex::kTailCouponsMax; ++i) {
    // A bucket with all campaigns, and one that only the second has coupons in.
    const UserDigest user = i % 7 == 0 ? UserDigest(6) : kKim;
    coupons.push_back(CouponFor(user, ++sequence_, i % 7 == 0 ? 2 : 1 + i % 3));
  }
  Write(coupons);
  Flush();
  Erase(2);
  Compact();
  EXPECT_EQ(RowsOnDisk(), (Rows{.tail = 0, .buckets = 1}));
  std::vector<UserCoupon> expected;
  for (const UserCouponRow& row : coupons) {
    if (row.user == kKim && row.coupon.campaign != CampaignNumber(2)) {
      expected.push_back(row.coupon);
    }
  }
  EXPECT_EQ(CouponsOf(kKim), expected);
  EXPECT_THAT(CouponsOf(UserDigest(6)), IsEmpty());
  // Lists go on after a place whose coupon was dropped.
  const UserCoupon first = coupons[1].coupon;
  ASSERT_EQ(first.campaign, CampaignNumber(2));
  EXPECT_EQ(Must(views_->ListCouponsOf(kKim, CouponOrder::kOldestFirst, first, 1)),
            std::vector{expected.front()});
}

/// RocksDB compacts by itself, on threads of its own.
TEST_F(UserIndexTest, CompactionMayRunBesideWritesAndLists) {
  constexpr std::uint64_t kRounds = 40;
  constexpr std::uint64_t kKims = 16;  // of each round
  PutCampaigns({1});
  std::atomic<std::uint64_t> rounds = 0;
  std::jthread writer([&] {
    for (std::uint64_t round = 1; round <= kRounds; ++round) {
      // Fills the tail with coupons of a campaign that is erased at once, in the bucket of kKim.
      const std::uint64_t erased = 1 + round;
      PutCampaigns({erased});
      std::vector<UserCouponRow> coupons;
      for (std::uint64_t i = 0; i < UserIndex::kTailCouponsMax; ++i) {
        const bool kims = i % (UserIndex::kTailCouponsMax / kKims) == 0;
        const UserDigest user = kims ? kKim : UserDigest(kKim.value() + kUserBuckets);
        coupons.push_back(CouponFor(user, ++sequence_, kims ? 1 : erased));
      }
      Write(std::move(coupons));
      Erase(erased);
      Flush();
      rounds = round;
    }
  });
  for (std::uint64_t known = 0; known < kRounds;) {
    known = rounds;
    for (const CouponOrder order : {CouponOrder::kOldestFirst, CouponOrder::kNewestFirst}) {
      auto coupons = Must(views_->ListCouponsOf(kKim, order, {}, 100'000));
      if (order == CouponOrder::kNewestFirst) std::ranges::reverse(coupons);
      ASSERT_GE(coupons.size(), known * kKims);
      for (std::size_t i = 0; i < coupons.size(); ++i) {
        ASSERT_EQ(coupons[i].sequence, Sequence(1 + i * (UserIndex::kTailCouponsMax / kKims)));
      }
    }
  }
  writer.join();
  // With so many tables RocksDB would have stopped writes until some were compacted.
  const auto others = CouponsOf(UserDigest(kKim.value() + kUserBuckets)).size();
  EXPECT_LT(others, kRounds * (UserIndex::kTailCouponsMax - kKims));
}

TEST_F(UserIndexTest, CompactionKeepsTheCouponsOfALiveCampaign) {
  // The campaign's row is written in the same write as its first coupon, and often again.
  for (std::uint64_t round = 0; round < 3; ++round) {
    ViewChanges changes = ChangesAt(++groups_);
    changes.campaigns = {SomeCampaign(1, static_cast<std::int64_t>(round))};
    for (std::uint64_t i = 0; i < UserIndex::kTailCouponsMax; ++i) {
      changes.user_coupons.push_back(CouponFor(kKim, ++sequence_));
    }
    ASSERT_EQ(Outcome(views_->Write(changes)), "ok");
    Compact();
  }
  EXPECT_EQ(CouponsOf(kKim).size(), sequence_);
}

TEST_F(UserIndexTest, CompactionDropsNothingThatACrashMayBringBack) {
  PutCampaigns({1});
  Give(UserIndex::kTailCouponsMax);
  Flush();
  views_.reset();
  {
    const auto db = Must(OpenViewDatabase(path(), nullptr));
    rocksdb::WriteBatch erasure;
    ASSERT_TRUE(erasure.Delete(CampaignKey(CampaignNumber(1))).ok());
    ASSERT_TRUE(db->Write(ViewWriteOptions(), &erasure).ok());
    CompactBuckets(*db);  // the erasure is in memory alone
  }
  Open();
  EXPECT_NE(Must(views_->FindCampaign(test::IdOf(1))), std::nullopt);
  EXPECT_EQ(CouponsOf(kKim).size(), sequence_);
}

}  // namespace
}  // namespace coupond::storage
