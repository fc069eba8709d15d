#include "storage/store_backup.h"

#include <functional>
#include <optional>
#include <thread>

#include "faults/faulty_files.h"
#include "storage/rocksdb_log/stored_log.h"
#include "storage/store_fixture.h"

/// A backup has the whole log, or does not exist under its name.
namespace coupond::storage {
namespace {

using test::Fault;
using test::FaultyFiles;
using test::Outcome;
using test::StoreTest;
using testing::HasSubstr;

/// Reads another log, and calls back before each group.
class WatchedLog final : public EventLog {
 public:
  WatchedLog(EventLog& log, std::function<void(GroupNumber group)> before)
      : log_(log), before_(std::move(before)) {}

  [[nodiscard]] LogTip Tip() const override { return log_.Tip(); }
  [[nodiscard]] Status Append(const CommitGroup& group) override { return log_.Append(group); }
  [[nodiscard]] Status Read(GroupNumber first, const Visitor& visit) const override {
    return log_.Read(first, [&](const CommitGroup& group, const GroupHash& hash) {
      before_(group.number);
      return visit(group, hash);
    });
  }

 private:
  EventLog& log_;
  std::function<void(GroupNumber)> before_;
};

class StoreBackupTest : public StoreTest {
 protected:
  std::unique_ptr<StoreBackup> Backups(const Store& store, const EventLog& log,
                                       rocksdb::Env* env = nullptr) {
    return StoreBackup::Open(backups(), path(), log, store.identity().store_id, env).value();
  }
  [[nodiscard]] std::filesystem::path backups() const { return directory_.path() / "backups"; }
  /// Reads the backup and compares its log with the original up to `tip`. Returns the outcome.
  static std::string ReadBackup(const std::filesystem::path& backup, const LogTip& tip) {
    const auto format = ReadStoreFormat(backup / "FORMAT");
    if (!format) return Outcome(format);
    if (!*format || (*format)->state != StoreFormat::State::kBackup) return "not a backup";
    const auto log = StoredLog::Open(backup / "log");
    if (!log) return Outcome(log);
    std::uint64_t groups = 0;
    const Status read =
        (*log)->Read(GroupNumber(1), [&](const CommitGroup&, const GroupHash&) -> Status {
          ++groups;
          return {};
        });
    if (!read) return Outcome(read);
    if ((*log)->Tip() != tip) return "another tip";
    return "ok with " + std::to_string(groups) + " groups";
  }
  [[nodiscard]] std::vector<std::string> BackupNames() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(backups())) {
      names.push_back(entry.path().filename());
    }
    return names;
  }

  std::atomic<bool> stop_ = false;
};

TEST_F(StoreBackupTest, ABackupIsTheLogAndStartsNoServer) {
  CreateStore(300, 300);
  const auto store = Open();
  const LogTip tip = (*store)->log().Tip();
  const auto report = Backups(**store, (*store)->log())->CopyTo("nightly", stop_);
  ASSERT_EQ(Outcome(report), "ok");
  EXPECT_EQ(report->path, (backups() / "nightly").string());
  EXPECT_EQ(report->tip, tip);
  EXPECT_GT(report->bytes, 0U);
  EXPECT_EQ(BackupNames(), std::vector<std::string>{"nightly"});

  const std::filesystem::path backup = backups() / "nightly";
  EXPECT_FALSE(std::filesystem::exists(backup / "views"));
  EXPECT_EQ(ReadWatermark(backup / "WATERMARK").value(),
            (Watermark{.group = tip.group, .hash = tip.hash}));
  EXPECT_EQ(ReadStoreFormat(backup / "FORMAT").value(),
            (StoreFormat{.state = StoreFormat::State::kBackup,
                         .store_id = (*store)->identity().store_id}));
  EXPECT_EQ(Outcome(Store::Open(backup, entropy_, clock_)), "is_backup");
  EXPECT_EQ(ReadBackup(backup, tip), "ok with 300 groups");
}

TEST_F(StoreBackupTest, GroupsMayBeAppendedMeanwhile) {
  CreateStore(100, 100);
  const auto store = Open();
  EventLog& log = (*store)->log();
  const LogTip tip = log.Tip();
  const WatchedLog watched(log, [&](GroupNumber) {
    EXPECT_EQ(Outcome(log.Append(test::CouponsAfter(log.Tip()))), "ok");
  });
  const auto report = Backups(**store, watched)->CopyTo("nightly", stop_);
  ASSERT_EQ(Outcome(report), "ok");
  EXPECT_EQ(report->tip, tip);
  EXPECT_EQ(ReadBackup(backups() / "nightly", tip), "ok with 100 groups");
  EXPECT_EQ(log.Tip().group, GroupNumber(200));
}

TEST_F(StoreBackupTest, OverwritesNothingAndNoNameLeadsElsewhere) {
  CreateStore(5, 5);
  const auto store = Open();
  const auto backup = Backups(**store, (*store)->log());
  ASSERT_EQ(Outcome(backup->CopyTo("one", stop_)), "ok");
  const std::string before = test::ReadFile(backups() / "one" / "WATERMARK");
  EXPECT_EQ(Outcome(backup->CopyTo("one", stop_)), "backup_exists");
  EXPECT_EQ(test::ReadFile(backups() / "one" / "WATERMARK"), before);
  for (const char* name : {"", ".", "..", "../two", "a/b", ".two", "two\n", "two "}) {
    EXPECT_EQ(Outcome(backup->CopyTo(name, stop_)), "invalid_argument") << name;
  }
  EXPECT_EQ(Outcome(backup->CopyTo(std::string(kBackupNameMaxBytes + 1, 'a'), stop_)),
            "invalid_argument");
  EXPECT_EQ(Outcome(backup->CopyTo(std::string(kBackupNameMaxBytes, 'a'), stop_)), "ok");
  EXPECT_EQ(BackupNames().size(), 2U);
}

TEST_F(StoreBackupTest, BackupsWithinTheDataDirectoryAreRefused) {
  CreateStore(5, 5);
  const auto store = Open();
  for (const auto& place : {path(), path() / "backups", path() / "log" / ".." / "x"}) {
    EXPECT_EQ(
        Outcome(StoreBackup::Open(place, path(), (*store)->log(), (*store)->identity().store_id)),
        "invalid_argument");
  }
  EXPECT_FALSE(std::filesystem::exists(path() / "backups"));
}

TEST_F(StoreBackupTest, AStopEndsTheBackupAndLeavesNothing) {
  CreateStore(20, 20);
  const auto store = Open();
  const WatchedLog watched((*store)->log(), [&](GroupNumber group) {
    if (group == GroupNumber(9)) stop_ = true;
    EXPECT_LE(group, GroupNumber(9));
  });
  EXPECT_EQ(Outcome(Backups(**store, watched)->CopyTo("nightly", stop_)), "unavailable");
  EXPECT_TRUE(BackupNames().empty());
}

TEST_F(StoreBackupTest, AnUnfinishedBackupIsNoStoreAndIsReplaced) {
  CreateStore(20, 20);
  const auto store = Open();
  const std::filesystem::path left = directory_.path() / "left";
  const WatchedLog watched((*store)->log(), [&](GroupNumber group) {
    if (group == GroupNumber(20)) {
      std::filesystem::copy(backups(), left, std::filesystem::copy_options::recursive);
    }
  });
  const auto backup = Backups(**store, watched);
  ASSERT_EQ(Outcome(backup->CopyTo("nightly", stop_)), "ok");
  const std::string unfinished =
      ".nightly." + FormatUuid((*store)->identity().store_id.bytes).substr(0, 8) + ".unfinished";
  EXPECT_EQ(Outcome(Store::Open(left / unfinished, entropy_, clock_)), "not_a_data_directory");

  std::filesystem::remove_all(backups() / "nightly");
  std::filesystem::rename(left / unfinished, backups() / unfinished);
  // That of another store, which shares the directory, stays.
  const std::filesystem::path foreign = backups() / ".nightly.another0.unfinished";
  std::filesystem::create_directory(foreign);
  std::filesystem::remove_all(left);
  ASSERT_EQ(Outcome(backup->CopyTo("nightly", stop_)), "ok");
  EXPECT_TRUE(std::filesystem::remove(foreign));
  EXPECT_EQ(BackupNames(), std::vector<std::string>{"nightly"});
}

TEST_F(StoreBackupTest, ARelativePathWithinTheDataDirectoryIsRefused) {
  CreateStore(5, 5);
  const auto store = Open();
  const auto place = std::filesystem::relative(path(), std::filesystem::current_path());
  EXPECT_EQ(Outcome(StoreBackup::Open(place / "not" / "there", path(), (*store)->log(),
                                      (*store)->identity().store_id)),
            "invalid_argument");
}

TEST_F(StoreBackupTest, AStopAfterTheLastGroupLeavesNothing) {
  CreateStore(20, 20);
  const auto store = Open();
  EventLog& log = (*store)->log();
  std::filesystem::create_directory(backups());
  FaultyFiles files(backups());
  files.HoldSyncs(".sst");
  const auto backup = Backups(**store, log, files.env());
  std::string outcome;
  std::thread copying([&] { outcome = Outcome(backup->CopyTo("nightly", stop_)); });
  files.AwaitHeldSync();
  stop_ = true;
  files.ReleaseSyncs();
  copying.join();
  EXPECT_EQ(outcome, "unavailable");
  EXPECT_TRUE(BackupNames().empty());
}

TEST_F(StoreBackupTest, ADamagedLogIsNotCopied) {
  CreateStore(20, 20);
  static_cast<void>(Open());
  const auto store = Open();
  test::FlipBit(LogFiles(".sst").back(), 100);
  EXPECT_EQ(Outcome(Backups(**store, (*store)->log())->CopyTo("nightly", stop_)), "log_damaged");
  EXPECT_TRUE(BackupNames().empty());
}

TEST_F(StoreBackupTest, AFullBackupDiskIsReportedAndTheStoreGoesOn) {
  CreateStore(20, 20);
  const auto store = Open();
  std::filesystem::create_directory(backups());
  FaultyFiles files(backups());
  const auto backup = Backups(**store, (*store)->log(), files.env());
  std::uint64_t failed = 0;
  for (std::uint64_t nth = 1; true; nth += 3) {
    const LogTip tip = (*store)->log().Tip();
    const std::uint64_t faults = files.faults();
    files.Inject({.effect = Fault::Effect::kNoSpace, .nth = nth});
    const auto report = backup->CopyTo("nightly", stop_);
    const bool happened = files.faults() > faults;
    files.Heal();
    if (std::filesystem::exists(backups() / "nightly")) {
      EXPECT_EQ(ReadBackup(backups() / "nightly", tip),
                "ok with " + std::to_string(tip.group.value()) + " groups");
      std::filesystem::remove_all(backups() / "nightly");
    } else {
      EXPECT_EQ(Outcome(report), "no_space") << nth << ": " << report.error().message;
      ++failed;
    }
    if (!happened) break;
    ASSERT_EQ(Outcome((*store)->log().Append(test::CouponsAfter(tip))), "ok");
  }
  EXPECT_GT(failed, 10U);
}

TEST_F(StoreBackupTest, WhateverAPowerFailureLeavesIsComplete) {
  CreateStore(20, 20);
  const auto store = Open();
  const LogTip tip = (*store)->log().Tip();
  const std::filesystem::path after = directory_.path() / "after";
  const test::SweepSteps steps = test::SweepSteps::Choose();
  for (std::uint64_t nth = 1; true; nth = steps.After(nth)) {
    std::filesystem::remove_all(backups());
    std::filesystem::create_directory(backups());
    FaultyFiles files(backups());
    files.Inject({.effect = Fault::Effect::kPowerLoss, .nth = nth});
    const auto report = Backups(**store, (*store)->log(), files.env())->CopyTo("nightly", stop_);
    if (files.faults() == 0) break;
    for (const auto survivors : {test::Survivors::kSyncedOnly, test::Survivors::kEverything,
                                 test::Survivors::kRandomPart}) {
      files.WriteSurvivors(after, survivors, static_cast<std::uint32_t>(nth));
      if (std::filesystem::exists(after / "nightly")) {
        EXPECT_EQ(ReadBackup(after / "nightly", tip), "ok with 20 groups") << nth;
      } else {
        EXPECT_FALSE(report) << nth;
      }
      std::filesystem::remove_all(after);
    }
  }
  EXPECT_EQ(ReadBackup(backups() / "nightly", tip), "ok with 20 groups");
}

}  // namespace
}  // namespace coupond::storage
