#include "storage/repair/store_restore.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/entropy.h"
#include "engine/rules/limits.h"
#include "storage/repair/log_repair.h"
#include "storage/repair/new_store_fixture.h"
#include "storage/store_backup.h"
#include "storage/store_fixture.h"

/// A backup becomes a store that goes on with new serials, or stays the only one.
namespace coupond::storage {
namespace {

using test::Outcome;
using testing::AllOf;
using testing::HasSubstr;

class StoreRestoreTest : public test::StoreTest {
 protected:
  /// Makes a store in path() with a campaign of ten coupons from `first` on, three of which are
  /// issued, two of them to users.
  void CreateStoreWithACampaign(Serial first = Serial(5)) {
    CreateStore(1, 1);
    const auto store = Open();
    EventLog& log = (*store)->log();
    CommitGroup created = test::AnonymousCouponsAfter(log.Tip(), 1);
    created.events = {CampaignCreated{.number = CampaignNumber(1),
                                      .id = test::Id(7),
                                      .terms = {.name = "spring", .total_coupons = 10},
                                      .first_serial = first}};
    ASSERT_EQ(Outcome(log.Append(created)), "ok");
    CommitGroup issued = test::CouponsAfter(log.Tip(), 3);
    for (std::uint64_t i = 0; i < 3; ++i) {
      std::get<CouponIssued>(issued.events[i]).serial = first.Plus(i);
    }
    issued.keys = {KeyId(5), kNoKey, KeyId(6)};
    ASSERT_EQ(Outcome(log.Append(issued)), "ok");
    (*store)->watermark().Advance({.group = log.Tip().group, .hash = log.Tip().hash});
  }
  /// Puts a backup of the store in the store's place.
  void TurnIntoABackup() {
    {
      const auto store = Open();
      const std::atomic<bool> stop = false;
      ASSERT_EQ(Outcome((*StoreBackup::Open(directory_.path() / "backups", path(), (*store)->log(),
                                            (*store)->identity().store_id))
                            ->CopyTo("one", stop)),
                "ok");
    }
    std::filesystem::remove_all(path());
    std::filesystem::rename(directory_.path() / "backups" / "one", path());
  }
  Result<RestoredStore> Restore(const std::filesystem::path& to) {
    return RestoreStore(path(), to, entropy_, clock_, nullptr);
  }
  Result<RestoredStore> Restore() { return Restore(made()); }
  /// Restores what must be refused and stay as it is, and returns the error.
  Error Refusal() {
    const auto before = Contents();
    const auto restored = Restore();
    EXPECT_EQ(Contents(), before);
    EXPECT_FALSE(std::filesystem::exists(made()));
    EXPECT_FALSE(restored);
    return restored ? Error{} : restored.error();
  }
  [[nodiscard]] std::filesystem::path made() const { return directory_.path() / "made"; }
};

TEST_F(StoreRestoreTest, KeepsEveryGroupAndAddsTheOneThatGoesOn) {
  CreateStoreWithACampaign();
  TurnIntoABackup();
  const auto before = Contents();
  const std::vector<CommitGroup> backup = GroupsIn(path());
  clock_.Set(test::At(50));
  const auto restored = Restore();
  ASSERT_EQ(Outcome(restored), "ok");
  std::vector<CommitGroup> groups = GroupsIn(made());
  ASSERT_EQ(groups.size(), backup.size() + 1);
  const CommitGroup last = groups.back();
  groups.pop_back();
  EXPECT_EQ(groups, backup);
  EXPECT_EQ(groups.back().keys, (std::vector{KeyId(5), kNoKey, KeyId(6)}));
  EXPECT_EQ(last, (CommitGroup{.number = GroupNumber(4),
                               .first_sequence = Sequence(6),
                               .commit_time = test::At(50),
                               .events = {StoreRestored{restored->serials.first}}}));
  EXPECT_GE(restored->serials.first, Serial(15));
  EXPECT_EQ(restored->serials.live_campaigns, 1U);
  EXPECT_EQ(restored->serials.places_left, 7U);
  EXPECT_EQ(restored->coupons, 3U);
  EXPECT_EQ(restored->source.group, GroupNumber(3));
  EXPECT_EQ(restored->tip.group, GroupNumber(4));
  EXPECT_EQ(restored->left_out_bytes, 0U);
  EXPECT_EQ(ReadWatermark(made() / "WATERMARK").value(),
            (Watermark{.group = restored->tip.group, .hash = restored->tip.hash}));
  EXPECT_EQ(ReadStoreFormat(made() / "FORMAT").value(),
            (StoreFormat{.state = StoreFormat::State::kComplete, .store_id = restored->store_id}));
  EXPECT_FALSE(std::filesystem::exists(made() / "views"));
  EXPECT_EQ(Contents(), before);
  // So that it may lie where nothing can be written.
  EXPECT_FALSE(std::filesystem::exists(path() / "LOCK"));
}

TEST_F(StoreRestoreTest, GivesAStoreThatStartsAndGoesOn) {
  CreateStoreWithACampaign();
  TurnIntoABackup();
  ASSERT_EQ(Outcome(Restore()), "ok");
  const auto store = Store::Open(made(), entropy_, clock_);
  ASSERT_EQ(Outcome(store), "ok");
  EXPECT_EQ(Outcome(test::AppendUpTo((*store)->log(), 7)), "ok");
}

TEST_F(StoreRestoreTest, OnlyARestoreOpensABackup) {
  CreateStoreWithACampaign();
  TurnIntoABackup();
  const auto before = Contents();
  const auto store = Open();
  ASSERT_EQ(Outcome(store), "is_backup");
  EXPECT_THAT(store.error().message,
              AllOf(HasSubstr(path().string() + " is a backup"),
                    HasSubstr("`coupon-audit restore " + path().string() + " DIR`")));
  EXPECT_EQ(Outcome(LogRepair::Inspect(path(), nullptr)), "is_backup");
  EXPECT_EQ(Outcome(DataDirectory::OpenOlder(path())), "invalid_argument");
  EXPECT_EQ(Contents(), before);
  EXPECT_FALSE(std::filesystem::exists(path() / "LOCK"));
  EXPECT_EQ(Outcome(Restore()), "ok");
}

TEST_F(StoreRestoreTest, TwoRestoresOfOneBackupShareNoSerials) {
  CreateStoreWithACampaign();
  TurnIntoABackup();
  const auto one = Restore(directory_.path() / "one");
  const auto other = Restore(directory_.path() / "other");
  ASSERT_EQ(Outcome(one), "ok");
  ASSERT_EQ(Outcome(other), "ok");
  const auto [first, second] = std::minmax(one->serials.first, other->serials.first);
  EXPECT_LE(first.Plus(7), second);
}

TEST_F(StoreRestoreTest, AStoreThatNoServerUsesCanBeRestoredToo) {
  CreateStoreWithACampaign();
  const auto before = Contents();
  {
    const auto server = Open();
    EXPECT_EQ(Outcome(Restore()), "data_directory_in_use");
  }
  EXPECT_FALSE(std::filesystem::exists(made()));
  const std::vector<CommitGroup> groups = GroupsIn(path());
  ASSERT_EQ(Outcome(Restore()), "ok");
  EXPECT_EQ(GroupsIn(made()).size(), groups.size() + 1);
}

TEST_F(StoreRestoreTest, TheTimeOfTheLogNeverGoesBack) {
  CreateStoreWithACampaign();
  const Timestamp end = GroupsIn(path()).back().commit_time;
  clock_.Set(end.Plus(std::chrono::seconds(-10)));
  const auto restored = Restore();
  ASSERT_EQ(Outcome(restored), "ok");
  EXPECT_EQ(restored->tip.time, end);
}

TEST_F(StoreRestoreTest, IsRefusedIfTooFewSerialsAreLeft) {
  CreateStoreWithACampaign(Serial(limits::kRestoredSerialEnd - 20));
  TurnIntoABackup();
  const Error error = Refusal();
  EXPECT_EQ(error.code, ErrorCode::kSerialsExhausted);
  EXPECT_THAT(error.message, AllOf(HasSubstr("for the 7 coupons"), HasSubstr("new store")));
}

TEST_F(StoreRestoreTest, IsRefusedIfAcknowledgedGroupsAreMissing) {
  CreateStore(9, 9);
  test::CutOff(Wal(), 10);
  EXPECT_EQ(Refusal().code, ErrorCode::kLogBehindWatermark);
}

TEST_F(StoreRestoreTest, IsRefusedIfTheViewsHaveSeenMore) {
  CreateStore(5, 5);
  const std::string watermark = test::ReadFile(path() / "WATERMARK");
  static_cast<void>(Open());  // moves the groups into a table
  {
    const auto store = Open();
    ASSERT_EQ(Outcome(test::AppendUpTo((*store)->log(), 7)), "ok");
    WriteViews(**store);
  }
  std::filesystem::remove(Wal());
  test::WriteFile(path() / "WATERMARK", watermark);
  const Error error = Refusal();
  EXPECT_EQ(error.code, ErrorCode::kLogBehindWatermark);
  EXPECT_THAT(error.message, HasSubstr("the checkpoint in"));
}

TEST_F(StoreRestoreTest, ALogThatIsNotTheBackupsIsFound) {
  CreateStoreWithACampaign();
  TurnIntoABackup();
  const std::string watermark = test::ReadFile(path() / "WATERMARK");
  ASSERT_EQ(Outcome(WriteWatermark(path() / "WATERMARK", {.group = GroupNumber(2), .hash = {}})),
            "ok");
  EXPECT_EQ(Refusal().code, ErrorCode::kLogChainBroken);
  std::filesystem::remove(path() / "WATERMARK");
  EXPECT_EQ(Refusal().code, ErrorCode::kWatermarkMissing);
  test::WriteFile(path() / "WATERMARK", watermark);
  ASSERT_EQ(Outcome(WriteStoreFormat(path() / "FORMAT", {.state = StoreFormat::State::kBackup,
                                                         .store_id = test::MakeId<StoreId>(9)})),
            "ok");
  EXPECT_EQ(Refusal().code, ErrorCode::kLogDamaged);
  std::filesystem::remove_all(path() / "log");
  EXPECT_EQ(Refusal().code, ErrorCode::kLogMissing);
}

TEST_F(StoreRestoreTest, NoFlippedBitOfABackupIsPassedOn) {
  CreateStoreWithACampaign();
  TurnIntoABackup();
  const std::filesystem::path table = LogFiles(".sst").back();
  const auto size = static_cast<std::int64_t>(std::filesystem::file_size(table));
  const std::vector<CommitGroup> groups = GroupsIn(path());
  std::uint64_t refused = 0;
  for (std::int64_t offset = 0; offset < size; offset += 13) {
    test::FlipBit(table, offset);
    // Some bits of a table mean nothing.
    if (const auto restored = Restore()) {
      std::vector<CommitGroup> made_groups = GroupsIn(made());
      made_groups.pop_back();
      EXPECT_EQ(made_groups, groups) << offset;
      std::filesystem::remove_all(made());
    } else {
      EXPECT_EQ(Outcome(restored), "log_damaged") << offset << restored.error().message;
      ++refused;
    }
    test::FlipBit(table, offset);
  }
  EXPECT_GT(refused, 10U);
}

TEST_F(StoreRestoreTest, ATornRecordOfAStoreIsLeftOut) {
  CreateStore(9, 8);
  test::CutOff(Wal(), 10);
  const auto restored = Restore();
  ASSERT_EQ(Outcome(restored), "ok");
  EXPECT_EQ(restored->source.group, GroupNumber(8));
  EXPECT_GT(restored->left_out_bytes, 0U);
}

TEST_F(StoreRestoreTest, WhatIsNoFinishedStoreIsRefused) {
  EXPECT_EQ(Outcome(Restore()), "not_a_data_directory");
  EXPECT_FALSE(std::filesystem::exists(path()));
  CreateStore(5, 5);
  ASSERT_EQ(Outcome(WriteStoreFormat(path() / "FORMAT", {.state = StoreFormat::State::kCreating,
                                                         .store_id = test::MakeId<StoreId>(9)})),
            "ok");
  EXPECT_EQ(Refusal().code, ErrorCode::kNotADataDirectory);
  ASSERT_EQ(Outcome(WriteStoreFormat(path() / "FORMAT", {.state = StoreFormat::State::kComplete,
                                                         .store_id = test::MakeId<StoreId>(9),
                                                         .version = 1})),
            "ok");
  EXPECT_EQ(Refusal().code, ErrorCode::kFormatUnsupported);
  // Format 1 had no such state.
  test::WriteFile(path() / "FORMAT", "coupond data directory\nformat: 1\nstate: backup\nstore: " +
                                         FormatUuid(test::MakeId<StoreId>(9).bytes) + "\n");
  EXPECT_EQ(Refusal().code, ErrorCode::kNotADataDirectory);
}

}  // namespace
}  // namespace coupond::storage
