#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include "faults/faulty_files.h"
#include "storage/upgrade_fixture.h"

/// The directory that an upgrade fills: which may be used, who is kept out, and what remains.
namespace coupond::storage {
namespace {

using test::Fault;
using test::FaultyFiles;
using test::Outcome;
using testing::HasSubstr;

class UpgradePlaceTest : public UpgradeFixture {
 protected:
  /// Upgrades into a place that must be refused, and returns the error.
  Error RefusalOf(const std::filesystem::path& place) {
    const auto upgraded = UpgradeStore(path(), place, nullptr);
    EXPECT_FALSE(upgraded);
    return upgraded ? Error{} : upgraded.error();
  }
};

TEST_F(UpgradePlaceTest, WritesOnlyIntoAnEmptyPlaceOutsideOfTheOldStore) {
  old_.AppendUpTo(5);
  old_.Close();
  const auto before = Contents();
  const std::filesystem::path file = directory_.path() / "file";
  test::WriteFile(file, "mine");
  const std::filesystem::path full = directory_.path() / "full";
  std::filesystem::create_directory(full);
  test::WriteFile(full / "mine", "mine");
  for (const std::filesystem::path& place : {file, full, path(), path() / "log" / "deep"}) {
    EXPECT_EQ(RefusalOf(place).code, ErrorCode::kInvalidArgument) << place;
  }
  EXPECT_EQ(test::ReadFile(full / "mine"), "mine");
  EXPECT_EQ(test::ReadFile(file), "mine");
  EXPECT_EQ(Contents(), before);

  const std::filesystem::path mounted = directory_.path() / "mounted";
  std::filesystem::create_directories(mounted / "lost+found");
  EXPECT_EQ(Outcome(UpgradeStore(path(), mounted / "", nullptr)), "ok");
  EXPECT_EQ(GroupsIn(mounted), Expected());
}

TEST_F(UpgradePlaceTest, NeverAdvisesToRemoveAStore) {
  old_.AppendUpTo(5);
  old_.Close();
  ASSERT_EQ(Outcome(Upgrade()), "ok");
  EXPECT_EQ(RefusalOf(path()).message,
            path().string() + " holds the store to be upgraded; choose another directory");
  EXPECT_EQ(RefusalOf(made()).message,
            made().string() + " holds a store; choose another directory");
  std::filesystem::remove(made() / "FORMAT");
  std::filesystem::create_directory(made() / "views");
  EXPECT_EQ(RefusalOf(made()).message,
            made().string() + " is not empty (it holds views); choose another directory");
  EXPECT_EQ(GroupsIn(made()), Expected());
}

TEST_F(UpgradePlaceTest, SaysThatRemainsOfAnUpgradeMayBeRemoved) {
  old_.AppendUpTo(5);
  old_.Close();
  ASSERT_EQ(Outcome(Upgrade()), "ok");
  std::filesystem::rename(made() / "FORMAT", made() / "FORMAT.new");
  std::filesystem::copy_file(made() / "WATERMARK", made() / "WATERMARK.new");
  EXPECT_EQ(RefusalOf(made()).message,
            made().string() +
                " is not empty (it holds WATERMARK); choose another directory, or "
                "remove this one if an interrupted upgrade has left it");
}

TEST_F(UpgradePlaceTest, ALinkThatLeadsNowhereIsRefusedAndStays) {
  old_.AppendUpTo(5);
  old_.Close();
  std::filesystem::create_symlink("missing", made());
  EXPECT_EQ(RefusalOf(made()).message, made().string() +
                                           " is a link to something that is missing; choose "
                                           "another directory");
  EXPECT_TRUE(std::filesystem::is_symlink(made()));
}

TEST_F(UpgradePlaceTest, FillsTheDirectoryThatALinkLeadsTo) {
  old_.AppendUpTo(5);
  old_.Close();
  const std::filesystem::path target = directory_.path() / "target";
  std::filesystem::create_directory(target);
  std::filesystem::create_directory_symlink(target, made());
  ASSERT_EQ(Outcome(Upgrade()), "ok");
  EXPECT_TRUE(std::filesystem::is_symlink(made()));
  EXPECT_EQ(GroupsIn(target), Expected());
}

TEST_F(UpgradePlaceTest, KeepsServersAndOtherUpgradesOutOfTheNewDirectory) {
  old_.AppendUpTo(1'000);
  old_.Close();
  const std::filesystem::path copy = directory_.path() / "copy";
  std::filesystem::copy(path(), copy, std::filesystem::copy_options::recursive);
  const auto upgraded = UpgradeStore(path(), made(), [&](std::uint64_t, std::uint64_t) {
    const auto server = Store::Open(made(), entropy_, clock_);
    ASSERT_EQ(Outcome(server), "data_directory_in_use");
    EXPECT_THAT(server.error().message, HasSubstr(made().string() + " is in use by process "));
    const auto other = UpgradeStore(copy, made(), nullptr);
    ASSERT_EQ(Outcome(other), "data_directory_in_use");
    EXPECT_THAT(other.error().message, HasSubstr(made().string() + " is in use by process "));
  });
  ASSERT_EQ(Outcome(upgraded), "ok");
  EXPECT_EQ(GroupsIn(made()), Expected());
}

TEST_F(UpgradePlaceTest, IsRefusedWhileAServerHasTheNewDirectory) {
  old_.AppendUpTo(5);
  old_.Close();
  const auto server = DataDirectory::Open(made());
  ASSERT_EQ(Outcome(server), "ok");
  EXPECT_EQ(RefusalOf(made()).code, ErrorCode::kDataDirectoryInUse);
  EXPECT_TRUE(std::filesystem::exists(made() / "LOCK"));
}

TEST_F(UpgradePlaceTest, ALockThatNobodyHoldsIsNoObstacle) {
  old_.AppendUpTo(5);
  old_.Close();
  std::filesystem::create_directory(made());
  test::WriteFile(made() / "LOCK", "1\n");
  EXPECT_EQ(Outcome(Upgrade()), "ok");
}

TEST_F(UpgradePlaceTest, TheNewStoreSurvivesAPowerFailureInADirectoryThatWasJustMade) {
  old_.AppendUpTo(5);
  old_.Close();
  const std::filesystem::path place = directory_.path() / "place";
  const std::filesystem::path after = directory_.path() / "after";
  std::filesystem::create_directory(place);
  FaultyFiles files(place);
  ASSERT_TRUE(files.env()->CreateDir(place / "made").ok());
  ASSERT_EQ(Outcome(UpgradeStore(path(), place / "made", nullptr, files.env())), "ok");
  files.WriteSurvivors(after, test::Survivors::kSyncedOnly, 1);
  EXPECT_TRUE(std::filesystem::exists(after / "made" / "FORMAT"));
  EXPECT_EQ(GroupsIn(after / "made"), Expected());
}

TEST_F(UpgradePlaceTest, IsNotTakenForANewDirectoryOnceItIsBegun) {
  const std::filesystem::path place = directory_.path() / "place";
  const std::filesystem::path after = directory_.path() / "after";
  std::filesystem::create_directory(place);
  FaultyFiles files(place);
  {
    const auto begun = DataDirectory::OpenForUpgrade(place / "made", files.env());
    ASSERT_EQ(Outcome(begun), "ok");
    ASSERT_EQ(Outcome(begun->BeginUpgraded()), "ok");
  }
  files.WriteSurvivors(after, test::Survivors::kSyncedOnly, 1);
  EXPECT_EQ(Outcome(Store::Open(after / "made", entropy_, clock_)), "not_a_data_directory");
}

TEST_F(UpgradePlaceTest, AFullDiskLeavesNothingBehind) {
  old_.AppendUpTo(20);
  old_.Close();
  const auto before = Contents();
  for (const bool exists : {false, true}) {
    std::uint64_t failed = 0;
    for (std::uint64_t nth = 1; true; nth += 2) {
      if (exists) std::filesystem::create_directory(made());
      FaultyFiles files(directory_.path());
      files.Inject({.effect = Fault::Effect::kNoSpace, .nth = nth, .once = true});
      const auto upgraded = UpgradeStore(path(), made(), nullptr, files.env());
      if (files.faults() == 0) break;
      if (upgraded) {
        EXPECT_EQ(GroupsIn(made()), Expected()) << nth;
      } else {
        ++failed;
        EXPECT_EQ(Outcome(upgraded), "no_space") << nth << ": " << upgraded.error().message;
        EXPECT_EQ(std::filesystem::exists(made()), exists) << nth;
        if (exists) {
          EXPECT_TRUE(std::filesystem::is_empty(made())) << nth;
        }
      }
      std::filesystem::remove_all(made());
    }
    EXPECT_GT(failed, 5U);
    std::filesystem::remove_all(made());
  }
  EXPECT_EQ(Contents(), before);
}

TEST_F(UpgradePlaceTest, WhateverAPowerFailureLeavesIsCompleteOrNoStore) {
  old_.AppendUpTo(20);
  old_.Close();
  const std::filesystem::path after = directory_.path() / "after";
  const std::filesystem::path place = directory_.path() / "place";
  std::uint64_t complete = 0;
  for (std::uint64_t nth = 1; true; ++nth) {
    std::filesystem::remove_all(place);
    std::filesystem::create_directory(place);
    FaultyFiles files(place);
    files.Inject({.effect = Fault::Effect::kPowerLoss, .nth = nth});
    static_cast<void>(UpgradeStore(path(), place / "made", nullptr, files.env()));
    if (files.faults() == 0) break;
    for (const auto survivors : {test::Survivors::kSyncedOnly, test::Survivors::kEverything,
                                 test::Survivors::kRandomPart}) {
      files.WriteSurvivors(after, survivors, static_cast<std::uint32_t>(nth));
      if (std::filesystem::exists(after / "made" / "FORMAT")) {
        ++complete;
        EXPECT_EQ(GroupsIn(after / "made"), Expected()) << nth;
      } else if (std::filesystem::exists(after / "made" / "log")) {
        EXPECT_EQ(Outcome(Store::Open(after / "made", entropy_, clock_)), "not_a_data_directory");
      } else if (std::filesystem::exists(after / "made")) {
        EXPECT_TRUE(std::filesystem::is_empty(after / "made")) << nth;
      }
      std::filesystem::remove_all(after);
    }
  }
  EXPECT_GT(complete, 0U);
}

}  // namespace
}  // namespace coupond::storage
