#include "storage/upgrade/store_upgrade.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "coupond/storage/v1/view_rows.pb.h"
#include "storage/repair/new_store_fixture.h"
#include "storage/store_fixture.h"
#include "storage/upgrade/format1_store.h"
#include "storage/views/view_rows.h"

/// A store of format 1 becomes one of this version with nothing lost, or stays the only one.
namespace coupond::storage {
namespace {

using test::Outcome;
using testing::HasSubstr;

/// A store of format 1 in path(), and the place for the new one in made().
class StoreUpgradeTest : public test::StoreTest {
 protected:
  StoreUpgradeTest() : old_(path()) {}

  Result<UpgradedStore> Upgrade() { return UpgradeStore(path(), made(), nullptr); }
  [[nodiscard]] std::filesystem::path made() const { return directory_.path() / "made"; }
  /// Returns the groups of the old store as this version has them.
  [[nodiscard]] std::vector<CommitGroup> Expected() const {
    std::vector<CommitGroup> groups = old_.groups();
    std::get<StoreCreated>(groups.front().events.front()).format_version = 2;
    return groups;
  }
  /// Upgrades a store that must be refused and stay as it is, and returns the error.
  Error Refusal() {
    const auto before = Contents();
    const auto upgraded = Upgrade();
    EXPECT_EQ(Contents(), before);
    EXPECT_FALSE(std::filesystem::exists(made()));
    EXPECT_FALSE(upgraded);
    return upgraded ? Error{} : upgraded.error();
  }
  /// Writes views of the old version that have seen that group.
  void WriteOldViews(GroupNumber group, const StoreId& store) const {
    v1::CheckpointRow row;
    row.set_views_version(5);
    row.set_group(group.value());
    row.set_hash(std::string(32, 'h'));
    row.set_store_id(std::string(store.bytes.begin(), store.bytes.end()));
    row.set_code_key(std::string(16, 'k'));
    rocksdb::Options options = ViewOptions(nullptr);
    options.create_if_missing = true;
    rocksdb::DB* opened = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(options, path() / "views", &opened).ok());
    const std::unique_ptr<rocksdb::DB> views(opened);
    ASSERT_TRUE(
        views->Put(rocksdb::WriteOptions(), rocksdb::Slice(kCheckpointKey), row.SerializeAsString())
            .ok());
  }

  test::Format1Store old_;
};

TEST_F(StoreUpgradeTest, KeepsEveryGroupAsItWas) {
  old_.AppendUpTo(4);
  CommitGroup group = test::CouponsAfter(old_.tip(), 4);
  std::get<CouponIssued>(group.events[0]).request_key = test::ClaimOf(9);
  group.events.emplace_back(CampaignDeleted{.campaign = CampaignNumber(1)});
  old_.Append(group);
  old_.Flush();
  old_.AppendUpTo(8);
  old_.Close();
  const auto before = Contents();
  const auto upgraded = Upgrade();
  ASSERT_EQ(Outcome(upgraded), "ok");
  EXPECT_EQ(GroupsIn(made()), Expected());
  EXPECT_EQ(upgraded->tip.group, GroupNumber(8));
  EXPECT_EQ(upgraded->tip.sequence, old_.tip().sequence);
  EXPECT_EQ(upgraded->store_id, test::SomeStore().store_id);
  EXPECT_EQ(upgraded->coupons, upgraded->tip.sequence.value() - 2);
  EXPECT_EQ(upgraded->left_out_bytes, 0U);
  EXPECT_EQ(Contents(), before);
}

TEST_F(StoreUpgradeTest, GivesAStoreThatStartsAndGoesOn) {
  old_.AppendUpTo(5);
  old_.Close();
  ASSERT_EQ(Outcome(Upgrade()), "ok");
  EXPECT_EQ(ReadWatermark(made() / "WATERMARK")->group, GroupNumber(5));
  EXPECT_FALSE(std::filesystem::exists(made() / "views"));
  const auto store = Store::Open(made(), entropy_, clock_);
  ASSERT_EQ(Outcome(store), "ok");
  EXPECT_EQ((*store)->identity(), test::SomeStore());
  EXPECT_EQ(Outcome(test::AppendUpTo((*store)->log(), 7)), "ok");
}

TEST_F(StoreUpgradeTest, OnlyAnUpgradeOpensTheOldStore) {
  old_.AppendUpTo(5);
  old_.Close();
  EXPECT_TRUE(IsOlderStore(path()));
  const auto store = Open();
  ASSERT_EQ(Outcome(store), "format_unsupported");
  EXPECT_THAT(store.error().message, HasSubstr("says format 1"));
  ASSERT_EQ(Outcome(Upgrade()), "ok");
  EXPECT_FALSE(IsOlderStore(made()));
  EXPECT_EQ(Outcome(UpgradeStore(made(), directory_.path() / "again", nullptr)),
            "invalid_argument");
  EXPECT_FALSE(std::filesystem::exists(directory_.path() / "again"));
}

TEST_F(StoreUpgradeTest, IsRefusedWhileAServerHasTheOldStore) {
  old_.AppendUpTo(5);
  old_.Close();
  const auto server = DataDirectory::OpenOlder(path());
  ASSERT_EQ(Outcome(server), "ok");
  EXPECT_EQ(Refusal().code, ErrorCode::kDataDirectoryInUse);
}

TEST_F(StoreUpgradeTest, IsRefusedIfAcknowledgedGroupsAreMissing) {
  old_.AppendUpTo(9);
  old_.Close();
  test::CutOff(Wal(), 10);
  const Error error = Refusal();
  EXPECT_EQ(error.code, ErrorCode::kLogBehindWatermark);
  EXPECT_THAT(error.message, HasSubstr("ends at group 8, but group 9 was acknowledged"));
}

TEST_F(StoreUpgradeTest, IsRefusedIfTheViewsHaveSeenMore) {
  old_.AppendUpTo(5);
  old_.Close();
  WriteOldViews(GroupNumber(6), test::SomeStore().store_id);
  const Error error = Refusal();
  EXPECT_EQ(error.code, ErrorCode::kLogBehindWatermark);
  EXPECT_THAT(error.message, HasSubstr("the checkpoint in"));
}

TEST_F(StoreUpgradeTest, ViewsOfAnotherStoreProveNothing) {
  old_.AppendUpTo(5);
  old_.Close();
  WriteOldViews(GroupNumber(6), test::MakeId<StoreId>(9));
  EXPECT_EQ(Outcome(Upgrade()), "ok");
}

TEST_F(StoreUpgradeTest, LeavesOutATornRecordAsAStartDoes) {
  old_.AppendUpTo(8);
  old_.Close();
  const Watermark acknowledged = *ReadWatermark(path() / "WATERMARK");
  old_.OpenLog();
  const auto written = std::filesystem::file_size(Wal());
  old_.AppendUpTo(9);
  old_.Close();
  ASSERT_EQ(Outcome(WriteWatermark(path() / "WATERMARK", acknowledged)), "ok");
  const auto torn = std::filesystem::file_size(Wal()) - 10;
  test::CutOff(Wal(), 10);
  const auto upgraded = Upgrade();
  ASSERT_EQ(Outcome(upgraded), "ok");
  EXPECT_EQ(upgraded->tip.group, GroupNumber(8));
  EXPECT_EQ(upgraded->left_out_bytes, torn - written);
}

TEST_F(StoreUpgradeTest, NoFlippedBitOfTheOldLogIsPassedOn) {
  old_.AppendUpTo(6);
  old_.Close();
  const auto size = static_cast<std::int64_t>(std::filesystem::file_size(Wal()));
  for (std::int64_t offset = 0; offset < size; offset += 7) {
    test::FlipBit(Wal(), offset);
    EXPECT_THAT(ErrorCodeName(Refusal().code),
                testing::AnyOf("log_damaged", "log_behind_watermark"))
        << offset;
    test::FlipBit(Wal(), offset);
  }
}

TEST_F(StoreUpgradeTest, AnAlteredGroupInTheMiddleIsFound) {
  old_.AppendUpTo(6);
  CommitGroup altered = old_.groups().at(3);
  std::get<CouponIssued>(altered.events.front()).serial = Serial(12'345);
  const std::string payload = test::Format1Store::PayloadOf(altered);
  const GroupHash hash =
      ChainHash(ChainHash({}, test::Format1Store::PayloadOf(old_.groups().at(0))), payload);
  old_.Put(GroupNumber(4), std::string(hash.begin(), hash.end()) + payload);
  old_.Close();
  EXPECT_EQ(Refusal().code, ErrorCode::kLogChainBroken);
}

TEST_F(StoreUpgradeTest, ALogThatIsNotTheWatermarksIsFound) {
  old_.AppendUpTo(6);
  old_.Close();
  ASSERT_EQ(Outcome(WriteWatermark(path() / "WATERMARK", {.group = GroupNumber(4), .hash = {}})),
            "ok");
  EXPECT_EQ(Refusal().code, ErrorCode::kLogChainBroken);
}

TEST_F(StoreUpgradeTest, ALogOfAnotherStoreIsFound) {
  old_.AppendUpTo(6);
  old_.Close();
  ASSERT_EQ(Outcome(WriteStoreFormat(path() / "FORMAT", {.state = StoreFormat::State::kComplete,
                                                         .store_id = test::MakeId<StoreId>(9),
                                                         .version = 1})),
            "ok");
  EXPECT_EQ(Refusal().code, ErrorCode::kLogDamaged);
}

TEST_F(StoreUpgradeTest, ADirectoryWithoutAFinishedStoreIsRefused) {
  old_.Close();
  ASSERT_EQ(Outcome(WriteStoreFormat(path() / "FORMAT",
                                     {.store_id = test::SomeStore().store_id, .version = 1})),
            "ok");
  EXPECT_EQ(Refusal().code, ErrorCode::kNotADataDirectory);
  const std::filesystem::path nowhere = directory_.path() / "nowhere";
  EXPECT_EQ(Outcome(UpgradeStore(nowhere, made(), nullptr)), "not_a_data_directory");
  EXPECT_FALSE(std::filesystem::exists(nowhere));
}

}  // namespace
}  // namespace coupond::storage
