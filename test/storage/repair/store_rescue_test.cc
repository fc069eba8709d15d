#include "storage/repair/store_rescue.h"

#include <fcntl.h>
#include <sys/file.h>

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "base/file_descriptor.h"
#include "faults/faulty_files.h"
#include "storage/files/file_guard.h"
#include "storage/store_fixture.h"

/// Whatever is done to a store's files while it is in use, the next start finds everything that was
/// acknowledged.
namespace coupond::storage {
namespace {

namespace fs = std::filesystem;
using test::AppendUpTo;
using test::CouponsAfter;
using test::HolderOf;
using test::Outcome;
using test::StoreTest;
using testing::HasSubstr;

constexpr std::uint64_t kGroups = 12;

class StoreRescueTest : public StoreTest {
 protected:
  /// Opens a store with a table and kGroups groups, the newer of which are in the WAL.
  void Use(rocksdb::Env* env = nullptr) {
    if (!fs::exists(path())) CreateStore(kGroups / 2, kGroups / 2);
    auto opened = Store::Open(path(), entropy_, clock_, env);
    ASSERT_EQ(Outcome(opened), "ok");
    store_ = std::move(*opened);
    store_->guard().Start([](const auto&) {}, [](const auto&) {});
    ASSERT_EQ(Outcome(AppendUpTo(store_->log(), kGroups)), "ok");
    ASSERT_FALSE(store_->guard().Look()) << Describe(store_->guard().losses());
  }
  Result<Rescued> Rescue() {
    EXPECT_TRUE(store_->guard().Look());
    store_->watermark().Abandon();
    return store_->Rescue(clock_, [](GroupNumber, GroupNumber) {});
  }
  /// Closes the store, and returns what a start on `directory` finds.
  std::string NextStart(const fs::path& directory) {
    store_.reset();
    const auto store = Store::Open(directory, entropy_, clock_);
    if (!store) return store.error().message;
    std::uint64_t groups = 0;
    const Status read =
        (*store)->log().Read(GroupNumber(1), [&](const CommitGroup&, const GroupHash&) -> Status {
          ++groups;
          return {};
        });
    return read ? "ok with " + std::to_string(groups) + " groups" : Outcome(read);
  }
  [[nodiscard]] fs::path log() const { return path() / "log"; }
  [[nodiscard]] fs::path aside() const { return directory_.path() / "aside"; }

  std::unique_ptr<Store> store_;
};

const std::string kAll = "ok with " + std::to_string(kGroups) + " groups";

TEST_F(StoreRescueTest, NothingIsLostWhateverIsDoneToTheFiles) {
  const auto replace = [this](const fs::path& file) {
    fs::copy_file(file, aside());
    fs::rename(aside(), file);
  };
  const std::vector<std::pair<std::string, std::function<void()>>> harms = {
      {"the WAL is deleted", [&] { fs::remove(Wal()); }},
      {"the WAL is emptied", [&] { fs::resize_file(Wal(), 0); }},
      {"the WAL is cut", [&] { fs::resize_file(Wal(), 100); }},
      {"the WAL is replaced by a copy", [&] { replace(Wal()); }},
      {"the WAL is renamed", [&] { fs::rename(Wal(), Wal().string() + ".1"); }},
      {"a table is deleted", [&] { fs::remove(LogFiles(".sst").front()); }},
      {"CURRENT is deleted", [&] { fs::remove(log() / "CURRENT"); }},
      {"CURRENT is emptied", [&] { fs::resize_file(log() / "CURRENT", 0); }},
      {"every file of the log is deleted",
       [&] {
         for (const auto& entry : fs::directory_iterator(log())) fs::remove(entry);
       }},
      {"the log is deleted", [&] { fs::remove_all(log()); }},
      {"the log is moved away", [&] { fs::rename(log(), aside()); }},
      {"the log is an empty directory",
       [&] {
         fs::remove_all(log());
         fs::create_directory(log());
       }},
      {"FORMAT is deleted", [&] { fs::remove(path() / "FORMAT"); }},
      {"WATERMARK is deleted", [&] { fs::remove(path() / "WATERMARK"); }},
      {"LOCK is deleted", [&] { fs::remove(path() / "LOCK"); }},
      {"everything in the data directory is deleted",
       [&] {
         for (const auto& entry : fs::directory_iterator(path())) fs::remove_all(entry);
       }},
      {"the data directory is deleted", [&] { fs::remove_all(path()); }},
  };
  CreateStore(kGroups / 2, kGroups / 2);
  const fs::path made = directory_.path() / "made";
  fs::rename(path(), made);
  for (const auto& [name, harm] : harms) {
    SCOPED_TRACE(name);
    fs::copy(made, path(), fs::copy_options::recursive);
    Use();
    harm();
    const auto rescued = Rescue();
    ASSERT_TRUE(rescued) << rescued.error().message;
    EXPECT_EQ(rescued->directory, path());
    EXPECT_EQ(rescued->tip.group, GroupNumber(kGroups));
    EXPECT_EQ(NextStart(path()), kAll);
    fs::remove_all(path());
    fs::remove_all(aside());
  }
}

TEST_F(StoreRescueTest, FlushesAndNewWalsLoseNothing) {
  constexpr std::uint64_t kCouponsPerGroup = 16'000;
  Use();
  std::atomic<bool> done = false;
  std::thread looker([&] {
    while (!done) static_cast<void>(store_->guard().Look());
  });
  const fs::path first_wal = Wal();
  // A write buffer holds about 16 of these.
  for (int i = 0; i < 20; ++i) {
    CommitGroup group = CouponsAfter(store_->log().Tip(), kCouponsPerGroup);
    for (Event& event : group.events) {
      auto& issued = std::get<CouponIssued>(event);
      issued.holder = HolderOf(issued.serial.value());
      issued.user_id.assign(128, 'u');
    }
    ASSERT_EQ(Outcome(store_->log().Append(group)), "ok");
  }
  done = true;
  looker.join();
  EXPECT_FALSE(store_->guard().Look()) << Describe(store_->guard().losses());
  EXPECT_NE(Wal(), first_wal) << "too few for a second WAL";
  EXPECT_GT(LogFiles(".sst").size(), 1U);
  fs::remove_all(log());
  const auto rescued = Rescue();
  ASSERT_TRUE(rescued) << rescued.error().message;
  EXPECT_EQ(NextStart(path()), "ok with " + std::to_string(kGroups + 20) + " groups");
}

TEST_F(StoreRescueTest, WhatIsLeftOfTheOldLogIsKept) {
  Use();
  const std::string table = LogFiles(".sst").front().filename();
  fs::remove(Wal());
  const auto rescued = Rescue();
  ASSERT_TRUE(rescued) << rescued.error().message;
  EXPECT_TRUE(rescued->log_is_new);
  EXPECT_THAT(rescued->removed_log.string(), HasSubstr((path() / "removed-").string()));
  EXPECT_TRUE(fs::exists(rescued->removed_log / table));
  EXPECT_FALSE(fs::exists(path() / "saved-unfinished"));
}

TEST_F(StoreRescueTest, AWholeLogStaysAsItIs) {
  Use();
  fs::remove(path() / "FORMAT");
  const fs::path wal = Wal();
  const std::string bytes = test::ReadFile(wal);
  const auto rescued = Rescue();
  ASSERT_TRUE(rescued) << rescued.error().message;
  EXPECT_FALSE(rescued->log_is_new);
  EXPECT_EQ(test::ReadFile(wal), bytes);
  EXPECT_EQ(NextStart(path()), kAll);
}

TEST_F(StoreRescueTest, AMovedDirectoryIsRestoredWhereItIs) {
  Use();
  fs::rename(path(), aside());
  fs::remove_all(aside() / "log");
  const auto rescued = Rescue();
  ASSERT_TRUE(rescued) << rescued.error().message;
  EXPECT_EQ(rescued->directory, fs::canonical(aside()));
  EXPECT_FALSE(fs::exists(path())) << "there must not be two of a store";
  EXPECT_EQ(NextStart(aside()), kAll);
}

TEST_F(StoreRescueTest, SavesBesideADirectoryThatAnotherProcessUses) {
  Use();
  fs::remove_all(path());
  fs::create_directory(path());
  test::WriteFile(path() / "somebody", "else's");
  const auto rescued = Rescue();
  ASSERT_TRUE(rescued) << rescued.error().message;
  EXPECT_THAT(rescued->directory.string(), HasSubstr((directory_.path() / "data-saved-").string()));
  EXPECT_FALSE(fs::exists(path() / "LOCK"));
  EXPECT_EQ(NextStart(rescued->directory), kAll);
}

TEST_F(StoreRescueTest, ALogThatAnotherProcessHasLockedIsNotTouched) {
  Use();
  fs::remove(path() / "LOCK");
  const FileDescriptor other(::open((path() / "LOCK").c_str(), O_RDWR | O_CREAT, 0600));
  ASSERT_EQ(::flock(other.number(), LOCK_EX), 0);
  const auto before = Contents();
  EXPECT_EQ(Outcome(Rescue()), "data_directory_in_use");
  EXPECT_EQ(Contents(), before);
}

TEST_F(StoreRescueTest, AFullDiskIsReportedAndCanBeRetried) {
  CreateStore(kGroups / 2, kGroups / 2);
  test::FaultyFiles files(directory_.path());
  Use(files.env());
  fs::remove(Wal());
  files.Inject({.effect = test::Fault::Effect::kNoSpace, .path_part = "saved-unfinished"});
  EXPECT_EQ(Outcome(Rescue()), "no_space");
  files.Heal();
  EXPECT_EQ(Outcome(Rescue()), "ok");
  EXPECT_EQ(NextStart(path()), kAll);
}

TEST_F(StoreRescueTest, AHoleInATableIsReportedAndNothingChanged) {
  Use();
  // Enough that RocksDB does not happen to have all of it in memory.
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(Outcome(store_->log().Append(CouponsAfter(store_->log().Tip(), 20'000))), "ok");
  }
  store_.reset();
  Use();
  fs::resize_file(LogFiles(".sst").back(), 100);
  const std::vector<fs::path> wals = LogFiles(".log");
  const std::vector<fs::path> tables = LogFiles(".sst");
  EXPECT_EQ(Outcome(Rescue()), "log_damaged");
  EXPECT_EQ(LogFiles(".log"), wals);
  EXPECT_EQ(LogFiles(".sst"), tables);
}

}  // namespace
}  // namespace coupond::storage
