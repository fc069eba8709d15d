#include "storage/repair/log_repair.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "storage/repair/log_repair_fixture.h"

/// What repair reports and does for each kind of damage: exactly the sound beginning remains, the
/// store goes on with new serials, and everything that is removed is kept aside.
namespace coupond::storage {
namespace {

using test::Outcome;
using testing::HasSubstr;

TEST_F(LogRepairTest, ASoundStoreIsLeftAsItIs) {
  CreateKnownStore(9, 9);
  const auto before = Contents();
  {
    const auto repair = Inspect();
    ASSERT_EQ(Outcome(repair), "ok");
    EXPECT_FALSE((*repair)->findings().needs_repair());
    EXPECT_EQ((*repair)->findings().survey.sound.group, GroupNumber(9));
  }
  EXPECT_EQ(Contents(), before);
}

TEST_F(LogRepairTest, AnUnacknowledgedTornTailNeedsNoRepair) {
  CreateKnownStore(9, 8);
  test::CutOff(Wal(), 10);
  EXPECT_FALSE((*Inspect())->findings().needs_repair());
}

TEST_F(LogRepairTest, TheRestOfATornAcknowledgedGroupIsKept) {
  CreateKnownStore(9, 9);
  const std::string wal = test::ReadFile(Wal());
  const std::filesystem::path name = Wal().filename();
  const std::size_t end = PlaceOf(9) + 500;
  std::filesystem::resize_file(Wal(), end);
  EXPECT_EQ((*Inspect())->findings().known_loss().groups, 1U);
  EXPECT_EQ(Repair(), "ok with 8 groups");
  ExpectFirstGroups(8);
  EXPECT_TRUE(test::ReadFile(removed_ / "log" / name) == wal.substr(0, end));
}

TEST_F(LogRepairTest, ExactlyTheSoundBeginningIsKept) {
  constexpr std::uint64_t kGroups = 40;
  const auto zero = [](std::string& bytes, std::size_t place, std::size_t size) {
    bytes.replace(place, size, size, '\0');
  };
  const struct {
    const char* name;
    std::function<void()> damage;
    std::uint64_t kept;
    bool more_behind;  ///< whole groups can be read behind the damage
  } cases[] = {
      {"a flipped bit in the last group",
       [&] { ChangeWal([&](auto& wal) { wal[PlaceOf(kGroups)] ^= 1; }); }, kGroups - 1, false},
      {"a flipped bit in the middle",
       [&] { ChangeWal([&](auto& wal) { wal[PlaceOf(20) + 40] ^= 1; }); }, 19, true},
      {"a zeroed block of 4 KiB",
       [&] { ChangeWal([&](auto& wal) { zero(wal, PlaceOf(15), 4'096); }); }, 14, true},
      {"a zeroed block of 32 KiB",
       [&] { ChangeWal([&](auto& wal) { zero(wal, PlaceOf(15), 32'768); }); }, 14, true},
      {"a WAL cut within a group", [&] { std::filesystem::resize_file(Wal(), PlaceOf(30) + 5); },
       29, false},
      {"a WAL cut to nothing", [&] { std::filesystem::resize_file(Wal(), 0); }, kInTable, false},
      {"a deleted WAL", [&] { std::filesystem::remove(Wal()); }, kInTable, false},
      {"a damaged list of files",
       [&] {
         MoveToTable();
         test::FlipBit(Manifest(), 40);
       },
       kGroups, false},
      {"a list of files that is gone", [&] { std::filesystem::remove(Manifest()); }, kGroups,
       false},
  };
  for (const auto& damaged : cases) {
    SCOPED_TRACE(damaged.name);
    CreateKnownStore(kGroups, kGroups);
    damaged.damage();
    const auto bytes = LogBytes(path());
    const auto contents = Contents();
    {
      const auto repair = Inspect();
      ASSERT_EQ(Outcome(repair), "ok");
      const RepairFindings& findings = (*repair)->findings();
      EXPECT_TRUE(findings.needs_repair());
      EXPECT_EQ(findings.survey.sound.group.value(), damaged.kept);
      EXPECT_EQ(findings.survey.sound.hash, HashOf(damaged.kept));
      EXPECT_EQ(findings.acknowledged_lost(), kGroups - damaged.kept);
      EXPECT_EQ(findings.survey.behind.groups > 0, damaged.more_behind);
      EXPECT_EQ(findings.survey.behind.last.value(), damaged.more_behind ? kGroups : 0);
    }
    EXPECT_EQ(Contents(), contents) << "looking changed something";
    EXPECT_NE(Reopen(), "ok with " + std::to_string(damaged.kept) + " groups");

    EXPECT_EQ(Repair(), "ok with " + std::to_string(damaged.kept) + " groups");
    EXPECT_TRUE(LogBytes(removed_) == bytes);
    ExpectFirstGroups(damaged.kept);
    EXPECT_EQ(Repair(), "ok with " + std::to_string(damaged.kept + 1) + " groups");
    ExpectFirstGroups(damaged.kept);
    EXPECT_FALSE(std::filesystem::exists(path() / "repair-scratch"));
    EXPECT_TRUE(std::filesystem::exists(removed_ / "FORMAT"));
    EXPECT_THAT(test::ReadFile(removed_ / "WATERMARK"),
                HasSubstr("group: " + std::to_string(kGroups)));
  }
}

TEST_F(LogRepairTest, DamagedTablesAreCutWhereTheDamageBegins) {
  constexpr std::uint64_t kGroups = 60;
  CreateKnownStore(kGroups, kGroups);
  MoveToTable();
  const std::filesystem::path table = LogFiles(".sst").back();
  const auto size = static_cast<std::int64_t>(std::filesystem::file_size(table));
  test::FlipBit(table, size / 2);
  const auto bytes = LogBytes(path());
  const auto repair = Inspect();
  ASSERT_EQ(Outcome(repair), "ok");
  const LogSurvey survey = (*repair)->findings().survey;
  EXPECT_GT(survey.sound.group.value(), 1U);
  EXPECT_LT(survey.sound.group.value(), kGroups);
  EXPECT_EQ(survey.sound.hash, HashOf(survey.sound.group.value()));
  EXPECT_GT(survey.behind.groups, 0U) << "the blocks behind the damaged one can be read";
  EXPECT_EQ(survey.behind.last, GroupNumber(kGroups));
  ASSERT_EQ(Outcome((*repair)->AcceptLoss(entropy_, clock_, nullptr, nullptr)), "ok");
}

TEST_F(LogRepairTest, ADeletedTableCostsAllThatFollows) {
  CreateKnownStore(20, 20);
  MoveToTable();
  ASSERT_EQ(LogFiles(".sst").size(), 2U);
  std::filesystem::remove(LogFiles(".sst").back());
  EXPECT_EQ(Reopen(), "log_damaged");
  EXPECT_EQ(Repair(), "ok with " + std::to_string(kInTable) + " groups");
  ExpectFirstGroups(kInTable);
}

TEST_F(LogRepairTest, WithoutASoundFirstGroupNothingIsChanged) {
  CreateKnownStore(9, 9);
  MoveToTable();
  for (const auto& table : LogFiles(".sst")) std::filesystem::remove(table);
  const auto before = Contents();
  const auto repair = Inspect();
  ASSERT_FALSE(repair);
  EXPECT_THAT(repair.error().message, HasSubstr("restore a backup with `coupon-audit restore`"));
  EXPECT_EQ(Contents(), before);
}

TEST_F(LogRepairTest, WithoutAWatermarkAllOfTheLogIsKept) {
  for (const bool missing : {true, false}) {
    CreateKnownStore(9, 9);
    if (missing) {
      std::filesystem::remove(path() / "WATERMARK");
    } else {
      test::FlipBit(path() / "WATERMARK", 30);
    }
    const std::string damaged = test::ReadFile(path() / "WATERMARK");
    const auto bytes = LogBytes(path());
    EXPECT_EQ(Repair(), "ok with 9 groups");
    EXPECT_TRUE(LogBytes(removed_) == bytes);
    EXPECT_EQ(test::ReadFile(removed_ / "WATERMARK"), damaged);
    ExpectFirstGroups(9);
  }
}

TEST_F(LogRepairTest, ViewsAheadOfTheLogShowWhatIsLost) {
  CreateKnownStore(kInTable, kInTable);
  {
    const auto store = Open();
    ASSERT_EQ(Outcome(test::AppendUpTo((*store)->log(), 9)), "ok");
    WriteViews(**store);
  }
  std::filesystem::remove(Wal());
  EXPECT_EQ(Reopen(), "log_behind_watermark");
  EXPECT_EQ((*Inspect())->findings().views_group, GroupNumber(9));
  EXPECT_EQ((*Inspect())->findings().acknowledged_lost(), 9 - kInTable);
  EXPECT_EQ(Repair(), "ok with " + std::to_string(kInTable) + " groups");
  EXPECT_TRUE(std::filesystem::exists(removed_ / "views"));
  ExpectFirstGroups(kInTable);
}

TEST_F(LogRepairTest, AnotherStoresFilesAreLeftAlone) {
  EXPECT_EQ(Outcome(Inspect()), "not_a_data_directory");
  EXPECT_FALSE(std::filesystem::exists(path()));

  CreateKnownStore(9, 9);
  const std::string watermark = test::ReadFile(path() / "WATERMARK");
  {
    const auto running = Open();
    EXPECT_EQ(Outcome(Inspect()), "data_directory_in_use");
  }
  ASSERT_EQ(
      Outcome(WriteWatermark(path() / "WATERMARK", {.group = GroupNumber(5), .hash = HashOf(6)})),
      "ok");
  const auto refused = [this](const std::string& code) {
    const auto repair = Inspect();
    ASSERT_EQ(Outcome(repair), code);
    EXPECT_THAT(repair.error().message, HasSubstr("restore a backup with `coupon-audit restore`"));
  };
  refused("log_chain_broken");
  test::WriteFile(path() / "WATERMARK", watermark);
  const StoreFormat other{.state = StoreFormat::State::kComplete, .store_id = {}};
  ASSERT_EQ(Outcome(WriteStoreFormat(path() / "FORMAT", other)), "ok");
  refused("log_damaged");
  std::filesystem::remove(path() / "FORMAT");
  refused("not_a_data_directory");
}

}  // namespace
}  // namespace coupond::storage
