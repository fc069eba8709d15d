#include "storage/rocksdb_log/whole_records.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "engine/rules/limits.h"
#include "storage/repair/log_salvage.h"
#include "storage/rocksdb_log/stored_log.h"
#include "storage/rocksdb_log/wal_records.h"
#include "storage/store_fixture.h"

namespace coupond::storage {
namespace {

using test::StoreTest;

constexpr std::size_t kSector = 512;

class TornTailTest : public StoreTest {
 protected:
  /// Creates a store whose last group takes several sectors of the WAL, and returns where in the
  /// WAL that group begins.
  std::size_t CreateStoreWithALongGroup(bool acknowledged, std::uint64_t coupons = 500) {
    CreateStore(3, 3);
    {
      const auto store = Open();  // moves the groups before into a table
      EventLog& log = (*store)->log();
      EXPECT_EQ(test::Outcome(log.Append(test::CouponsAfter(log.Tip(), 3))), "ok");
      (*store)->watermark().Advance({.group = log.Tip().group, .hash = log.Tip().hash});
      EXPECT_EQ(test::Outcome((*store)->watermark().Stop()), "ok");
      begin_ = std::filesystem::file_size(Wal());
      EXPECT_EQ(test::Outcome(log.Append(test::CouponsAfter(log.Tip(), coupons))), "ok");
      last_ = {.group = log.Tip().group, .hash = log.Tip().hash};
    }
    if (acknowledged) {
      EXPECT_EQ(test::Outcome(WriteWatermark(path() / "WATERMARK", last_)), "ok");
    }
    EXPECT_GT(std::filesystem::file_size(Wal()), begin_ + 3 * kSector);
    return begin_;
  }
  void Zero(std::size_t at, std::size_t size) {
    std::string wal = test::ReadFile(Wal());
    size = std::min(size, wal.size() - at);
    wal.replace(at, size, size, '\0');
    test::WriteFile(Wal(), wal);
  }
  [[nodiscard]] std::uint64_t LeftOutBytes() const {
    const auto whole = FindWholeRecords(path() / "log", nullptr);
    EXPECT_EQ(test::Outcome(whole), "ok");
    return whole ? whole->left_out_bytes() : 0;
  }
  static std::size_t NextSector(std::size_t at) { return (at / kSector + 1) * kSector; }

  std::size_t begin_ = 0;
  Watermark last_;
};

TEST_F(TornTailTest, ARecordWithAnUnwrittenSectorIsDropped) {
  const std::size_t begin = CreateStoreWithALongGroup(/*acknowledged=*/false);
  Zero(NextSector(begin), kSector);
  EXPECT_EQ(Reopen(), "ok with 4 groups");
  EXPECT_EQ(Reopen(), "ok with 4 groups");
}

TEST_F(TornTailTest, AReaderSeesWhatTheNextStartWillSee) {
  const std::size_t begin = CreateStoreWithALongGroup(/*acknowledged=*/false);
  Zero(NextSector(begin), kSector);
  const auto before = Contents();
  const auto log = StoredLog::Open(path() / "log");
  ASSERT_EQ(test::Outcome(log), "ok");
  EXPECT_EQ((*log)->Tip().group, GroupNumber(4));
  EXPECT_EQ(Contents(), before);
}

TEST_F(TornTailTest, ARecordWithoutItsBeginningIsDropped) {
  const std::size_t begin = CreateStoreWithALongGroup(/*acknowledged=*/false);
  Zero(begin, NextSector(begin) - begin);
  EXPECT_EQ(Reopen(), "ok with 4 groups");
}

TEST_F(TornTailTest, WhatWasAcknowledgedIsNotDropped) {
  const std::size_t begin = CreateStoreWithALongGroup(/*acknowledged=*/true);
  Zero(NextSector(begin), kSector);
  const auto before = Contents();
  EXPECT_EQ(Reopen(), "log_behind_watermark");
  EXPECT_EQ(Contents(), before);
}

TEST_F(TornTailTest, AWrongBitIsDamage) {
  const std::size_t begin = CreateStoreWithALongGroup(/*acknowledged=*/false);
  test::FlipBit(Wal(), static_cast<std::int64_t>(NextSector(begin) + 100));
  EXPECT_EQ(Reopen(), "log_damaged");
}

TEST_F(TornTailTest, AHoleWithWholeRecordsBehindItIsDamage) {
  CreateStoreWithALongGroup(/*acknowledged=*/false);
  {
    const auto store = Open();
    EventLog& log = (*store)->log();
    for (const std::uint64_t coupons : {500, 1}) {
      ASSERT_EQ(test::Outcome(log.Append(test::CouponsAfter(log.Tip(), coupons))), "ok");
    }
  }
  Zero(NextSector(0), kSector);
  EXPECT_EQ(Reopen(), "log_damaged");
}

/// A store with short groups, all acknowledged but the watermark behind, as a crash leaves it; and
/// where each of them begins in the WAL.
class ZeroedGroupsTest : public TornTailTest {
 protected:
  ZeroedGroupsTest() {
    CreateStore(6, 2);
    const std::string wal = test::ReadFile(Wal());
    for (std::size_t at = 0; at < wal.size();) {
      begins_.push_back(at);
      const std::optional<Fragment> fragment = ReadFragment(wal, at);
      if (!fragment) break;
      at = fragment->end;
    }
    EXPECT_GE(begins_.size(), 4U);
  }
  [[nodiscard]] std::size_t FromTheEnd(std::size_t groups) const {
    return begins_.at(begins_.size() - groups);
  }
  void ZeroFrom(std::size_t at) { Zero(at, std::filesystem::file_size(Wal()) - at); }

  std::vector<std::size_t> begins_;
};

TEST_F(ZeroedGroupsTest, AreDamageIfTheFirstWasNotTheLast) {
  const std::string wal = test::ReadFile(Wal());
  // From the first byte behind the header to the last byte of the first of the three groups.
  for (std::size_t at = FromTheEnd(3) + kFragmentHeaderBytes; at < FromTheEnd(2); ++at) {
    ZeroFrom(at);
    EXPECT_EQ(test::Outcome(FindWholeRecords(path() / "log", nullptr)), "log_damaged") << at;
    test::WriteFile(Wal(), wal);
  }
  ZeroFrom(FromTheEnd(3) + kFragmentHeaderBytes + 1);
  const auto before = Contents();
  EXPECT_EQ(Reopen(), "log_damaged");
  EXPECT_EQ(Contents(), before);
}

TEST_F(TornTailTest, AWrongBitBeforeAHoleInALaterRecordIsDamage) {
  const std::size_t begin = CreateStoreWithALongGroup(/*acknowledged=*/false);
  test::FlipBit(Wal(), static_cast<std::int64_t>(begin) - 5);
  Zero(NextSector(begin), kSector);
  EXPECT_EQ(Reopen(), "log_damaged");
}

TEST_F(TornTailTest, RepairAndReadersSeeWhatAStartSees) {
  const std::size_t begin = CreateStoreWithALongGroup(/*acknowledged=*/false);
  Zero(NextSector(begin), kSector);
  const auto salvage = LogSalvage::Open(path() / "log", SalvageMethod::kAsUsual, {});
  ASSERT_EQ(test::Outcome(salvage), "ok");
  const LogSurvey survey = (*salvage)->Survey(GroupNumber(), nullptr);
  EXPECT_FALSE(survey.broken);
  EXPECT_EQ(survey.sound.group, GroupNumber(4));
  const auto log = RocksDbEventLog::Open(path() / "log", RocksDbEventLog::Mode::kReadOnly);
  ASSERT_EQ(test::Outcome(log), "ok");
  EXPECT_EQ((*log)->Tip().group, GroupNumber(4));
}

TEST_F(TornTailTest, AWholeFileHasNone) {
  CreateStoreWithALongGroup(/*acknowledged=*/false);
  EXPECT_EQ(LeftOutBytes(), 0U);
}

TEST_F(TornTailTest, ZerosBehindTheLastRecordAreLeftOut) {
  CreateStoreWithALongGroup(/*acknowledged=*/true);
  test::WriteFile(Wal(), test::ReadFile(Wal()) + std::string(100'000, '\0'));
  EXPECT_EQ(LeftOutBytes(), 100'000U);
  EXPECT_EQ(Reopen(), "ok with 5 groups");
}

TEST_F(TornTailTest, APartlyWrittenRecordIsLeftOut) {
  // It takes several blocks. So does one of a running server at any moment.
  const std::size_t begin = CreateStoreWithALongGroup(/*acknowledged=*/false, 9'000);
  const std::string wal = test::ReadFile(Wal());
  ASSERT_GT(wal.size(), 2 * kLogBlockBytes);
  std::set<std::size_t> sizes;
  for (std::size_t size = begin + 1; size < begin + 60; ++size) sizes.insert(size);
  for (std::size_t size = begin; size < wal.size(); size += 997) sizes.insert(size);
  for (std::size_t block = kLogBlockBytes; block < wal.size(); block += kLogBlockBytes) {
    for (std::size_t size = block - 9; size < block + 9; ++size) sizes.insert(size);
  }
  for (const std::size_t size : sizes) {
    SCOPED_TRACE(size);
    test::WriteFile(Wal(), wal.substr(0, size));
    const auto log = StoredLog::Open(path() / "log");
    ASSERT_EQ(test::Outcome(log), "ok");
    EXPECT_EQ((*log)->left_out_bytes(), size - begin);
    EXPECT_EQ((*log)->Tip().group, GroupNumber(4));
  }
  EXPECT_EQ(Reopen(), "ok with 4 groups");
}

TEST_F(ZeroedGroupsTest, AreDamageIfAWholeGroupFollows) {
  const std::size_t begin = FromTheEnd(4);
  Zero(begin, FromTheEnd(2) - begin);
  const auto before = Contents();
  EXPECT_EQ(Reopen(), "log_damaged");
  EXPECT_EQ(Contents(), before);
}

/// The last group has a text that a client chose, and that looks like the log itself.
class HostileTextTest : public TornTailTest {
 protected:
  /// Returns the bytes in the WAL of a group of one coupon that would be the `nth` to follow.
  std::string RecordAfter(std::uint64_t nth) {
    const std::filesystem::path elsewhere = directory_.path() / "elsewhere";
    std::filesystem::copy(path(), elsewhere, std::filesystem::copy_options::recursive);
    std::filesystem::path wal;
    std::size_t begin = 0;
    {
      const auto store = Store::Open(elsewhere, entropy_, clock_);
      EventLog& log = (*store)->log();
      for (std::uint64_t i = 0; i < nth; ++i) {
        for (const auto& entry : std::filesystem::directory_iterator(elsewhere / "log")) {
          if (entry.path().extension() == ".log") wal = std::max(wal, entry.path());
        }
        begin = std::filesystem::file_size(wal);
        EXPECT_EQ(test::Outcome(log.Append(test::CouponsAfter(log.Tip(), 1))), "ok");
      }
    }
    const std::string record = test::ReadFile(wal).substr(begin);
    std::filesystem::remove_all(elsewhere);
    return record;
  }
  /// Creates a store with four groups, and a fifth that ends with that text. Returns where that one
  /// begins in the WAL.
  std::size_t CreateStoreWithText(std::uint64_t follows, std::size_t coupons = 200) {
    CreateStore(3, 3);
    AppendToStore(4);
    const std::string text = RecordAfter(follows);
    EXPECT_LE(text.size(), limits::kUserIdMaxBytes);
    const auto store = Open();
    EventLog& log = (*store)->log();
    EXPECT_EQ(test::Outcome(log.Append(test::CouponsAfter(log.Tip(), 1))), "ok");
    begin_ = std::filesystem::file_size(Wal());
    CommitGroup group = test::CouponsAfter(log.Tip(), coupons);
    auto& last = std::get<CouponIssued>(group.events.back());
    last.holder = test::HolderOf(last.serial.value());
    last.user_id = text;
    EXPECT_EQ(test::Outcome(log.Append(group)), "ok");
    EXPECT_NE(test::ReadFile(Wal()).find(text), std::string::npos);
    return begin_;
  }
};

TEST_F(HostileTextTest, IsNoRecordOfAnotherTime) {
  // The text is a whole record that would follow group 4, but group 5 is before the hole.
  const std::size_t begin = CreateStoreWithText(1);
  Zero(begin, NextSector(begin) - begin);
  EXPECT_EQ(Reopen(), "ok with 5 groups");
}

TEST_F(HostileTextTest, IsNoRecordFarAhead) {
  const std::size_t begin = CreateStoreWithText(200);
  Zero(begin, NextSector(begin) - begin);
  EXPECT_EQ(Reopen(), "ok with 5 groups");
}

TEST_F(HostileTextTest, IsNoRecordWithinARecordOfKnownLength) {
  // It is exactly what would follow.
  const std::size_t begin = CreateStoreWithText(3);
  Zero(NextSector(begin), kSector);
  EXPECT_EQ(Reopen(), "ok with 5 groups");
}

}  // namespace
}  // namespace coupond::storage
