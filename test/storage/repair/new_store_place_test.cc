#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "faults/faulty_files.h"
#include "storage/repair/new_store_fixture.h"

/// The directory that an upgrade or a restore fills: which may be used, who is kept out, and what
/// remains.
namespace coupond::storage {
namespace {

using test::Fault;
using test::FaultyFiles;
using test::Outcome;
using testing::HasSubstr;

using NewStorePlaceTest = NewStoreTest;

TEST_P(NewStorePlaceTest, WritesOnlyIntoAnEmptyPlaceElsewhere) {
  MakeSource(5);
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
  EXPECT_EQ(Outcome(Make(path(), mounted / "")), "ok");
  ExpectWhole(mounted);
}

TEST_P(NewStorePlaceTest, NeverAdvisesToRemoveAStore) {
  MakeSource(5);
  ASSERT_EQ(Outcome(Make()), "ok");
  EXPECT_EQ(
      RefusalOf(path()).message,
      path().string() + " holds the store that the new one is made from; choose another directory");
  EXPECT_EQ(RefusalOf(made()).message,
            made().string() + " holds a store; choose another directory");
  std::filesystem::remove(made() / "FORMAT");
  std::filesystem::create_directory(made() / "views");
  EXPECT_EQ(RefusalOf(made()).message,
            made().string() + " is not empty (it holds views); choose another directory");
  ExpectWhole(made());
}

TEST_P(NewStorePlaceTest, SaysThatItsRemainsMayBeRemoved) {
  MakeSource(5);
  ASSERT_EQ(Outcome(Make()), "ok");
  std::filesystem::rename(made() / "FORMAT", made() / "FORMAT.new");
  std::filesystem::copy_file(made() / "WATERMARK", made() / "WATERMARK.new");
  EXPECT_EQ(RefusalOf(made()).message,
            made().string() +
                " is not empty (it holds WATERMARK); choose another directory, or "
                "remove this one if an interrupted upgrade or restore has left it");
}

TEST_P(NewStorePlaceTest, ALinkThatLeadsNowhereIsRefusedAndStays) {
  MakeSource(5);
  std::filesystem::create_symlink("missing", made());
  EXPECT_EQ(RefusalOf(made()).message, made().string() +
                                           " is a link to something that is missing; choose "
                                           "another directory");
  EXPECT_TRUE(std::filesystem::is_symlink(made()));
}

TEST_P(NewStorePlaceTest, FillsTheDirectoryThatALinkLeadsTo) {
  MakeSource(5);
  const std::filesystem::path target = directory_.path() / "target";
  std::filesystem::create_directory(target);
  std::filesystem::create_directory_symlink(target, made());
  ASSERT_EQ(Outcome(Make()), "ok");
  EXPECT_TRUE(std::filesystem::is_symlink(made()));
  ExpectWhole(target);
}

TEST_P(NewStorePlaceTest, KeepsOthersOutOfTheNewDirectory) {
  MakeSource(1'000);
  const std::filesystem::path copy = directory_.path() / "copy";
  std::filesystem::copy(path(), copy, std::filesystem::copy_options::recursive);
  const Status done = Make(path(), made(), [&](std::uint64_t, std::uint64_t) {
    const auto server = Store::Open(made(), entropy_, clock_);
    ASSERT_EQ(Outcome(server), "data_directory_in_use");
    EXPECT_THAT(server.error().message, HasSubstr(made().string() + " is in use by process "));
    const auto other = Make(copy, made());
    ASSERT_EQ(Outcome(other), "data_directory_in_use");
    EXPECT_THAT(other.error().message, HasSubstr(made().string() + " is in use by process "));
  });
  ASSERT_EQ(Outcome(done), "ok");
  ExpectWhole(made());
}

TEST_P(NewStorePlaceTest, IsRefusedWhileAServerHasTheNewDirectory) {
  MakeSource(5);
  const auto server = DataDirectory::Open(made());
  ASSERT_EQ(Outcome(server), "ok");
  EXPECT_EQ(RefusalOf(made()).code, ErrorCode::kDataDirectoryInUse);
  EXPECT_TRUE(std::filesystem::exists(made() / "LOCK"));
}

TEST_P(NewStorePlaceTest, ALockThatNobodyHoldsIsNoObstacle) {
  MakeSource(5);
  std::filesystem::create_directory(made());
  test::WriteFile(made() / "LOCK", "1\n");
  EXPECT_EQ(Outcome(Make()), "ok");
}

TEST_P(NewStorePlaceTest, APowerFailureSparesAStoreInANewDirectory) {
  MakeSource(5);
  const std::filesystem::path place = directory_.path() / "place";
  const std::filesystem::path after = directory_.path() / "after";
  std::filesystem::create_directory(place);
  FaultyFiles files(place);
  ASSERT_TRUE(files.env()->CreateDir(place / "made").ok());
  ASSERT_EQ(Outcome(Make(path(), place / "made", nullptr, files.env())), "ok");
  files.WriteSurvivors(after, test::Survivors::kSyncedOnly, 1);
  EXPECT_TRUE(std::filesystem::exists(after / "made" / "FORMAT"));
  ExpectWhole(after / "made");
}

TEST_P(NewStorePlaceTest, IsNotTakenForANewDirectoryOnceItIsBegun) {
  const std::filesystem::path place = directory_.path() / "place";
  const std::filesystem::path after = directory_.path() / "after";
  std::filesystem::create_directory(place);
  FaultyFiles files(place);
  {
    const auto begun = DataDirectory::OpenToFill(place / "made", files.env());
    ASSERT_EQ(Outcome(begun), "ok");
    ASSERT_EQ(Outcome(begun->BeginFilling()), "ok");
  }
  files.WriteSurvivors(after, test::Survivors::kSyncedOnly, 1);
  EXPECT_EQ(Outcome(Store::Open(after / "made", entropy_, clock_)), "not_a_data_directory");
}

TEST_P(NewStorePlaceTest, AFullDiskLeavesNothingBehind) {
  MakeSource(20);
  const auto before = Contents();
  for (const bool exists : {false, true}) {
    std::uint64_t failed = 0;
    const test::SweepSteps steps = test::SweepSteps::Choose();
    for (std::uint64_t nth = 1; true; nth = steps.After(nth)) {
      if (exists) std::filesystem::create_directory(made());
      FaultyFiles files(directory_.path());
      files.Inject({.effect = Fault::Effect::kNoSpace, .nth = nth, .once = true});
      const auto done = Make(path(), made(), nullptr, files.env());
      if (files.faults() == 0) break;
      if (done) {
        ExpectWhole(made());
      } else {
        ++failed;
        EXPECT_EQ(Outcome(done), "no_space") << nth << ": " << done.error().message;
        EXPECT_EQ(std::filesystem::exists(made()), exists) << nth;
        if (exists) {
          EXPECT_TRUE(std::filesystem::is_empty(made())) << nth;
        }
      }
      std::filesystem::remove_all(made());
    }
    EXPECT_GT(failed, 1U);
    std::filesystem::remove_all(made());
  }
  EXPECT_EQ(Contents(), before);
}

TEST_P(NewStorePlaceTest, APowerFailureLeavesAWholeStoreOrNone) {
  MakeSource(20);
  const std::filesystem::path after = directory_.path() / "after";
  const std::filesystem::path place = directory_.path() / "place";
  const test::SweepSteps steps = test::SweepSteps::Choose();
  for (std::uint64_t nth = 1; true; nth = steps.After(nth)) {
    std::filesystem::remove_all(place);
    std::filesystem::create_directory(place);
    FaultyFiles files(place);
    files.Inject({.effect = Fault::Effect::kPowerLoss, .nth = nth});
    static_cast<void>(Make(path(), place / "made", nullptr, files.env()));
    if (files.faults() == 0) break;
    for (const auto survivors : {test::Survivors::kSyncedOnly, test::Survivors::kEverything,
                                 test::Survivors::kRandomPart}) {
      files.WriteSurvivors(after, survivors, static_cast<std::uint32_t>(nth));
      if (std::filesystem::exists(after / "made" / "FORMAT")) {
        ExpectWhole(after / "made");
      } else if (std::filesystem::exists(after / "made" / "log")) {
        EXPECT_EQ(Outcome(Store::Open(after / "made", entropy_, clock_)), "not_a_data_directory");
      } else if (std::filesystem::exists(after / "made")) {
        EXPECT_TRUE(std::filesystem::is_empty(after / "made")) << nth;
      }
      std::filesystem::remove_all(after);
    }
  }
  ExpectWhole(place / "made");
}

TEST_P(NewStorePlaceTest, AGroupThatCannotBeReadBackIsFound) {
  MakeSource(20);
  FaultyFiles files(directory_.path());
  std::uint64_t found = 0;
  for (std::uint64_t nth = 1; true; ++nth) {
    files.Inject({.effect = Fault::Effect::kFlippedBit,
                  .operation = test::FileOperation::kRead,
                  .path_part = "made/log/000",
                  .nth = nth,
                  .bit = 4'000 + 97 * nth});
    const std::uint64_t faults = files.faults();
    const Status done = Make(path(), made(), nullptr, files.env());
    files.Heal();
    if (files.faults() == faults) break;
    EXPECT_EQ(Outcome(done), "log_damaged") << nth;
    EXPECT_FALSE(std::filesystem::exists(made()));
    std::filesystem::remove_all(made());
    ++found;
  }
  EXPECT_GT(found, 3U);
}

TEST_P(NewStorePlaceTest, ShowsItsProgressOverBothReadings) {
  MakeSource(1'500);
  std::vector<std::pair<std::uint64_t, std::uint64_t>> shown;
  ASSERT_EQ(
      Outcome(Make(path(), made(),
                   [&](std::uint64_t done, std::uint64_t all) { shown.emplace_back(done, all); })),
      "ok");
  EXPECT_THAT(shown, testing::ElementsAre(testing::Pair(1'000, 3'000), testing::Pair(2'000, 3'000),
                                          testing::Pair(3'000, 3'000)));
}

INSTANTIATE_TEST_SUITE_P(Ways, NewStorePlaceTest, testing::Values(Way::kUpgrade, Way::kRestore),
                         NameOfWay);

}  // namespace
}  // namespace coupond::storage
