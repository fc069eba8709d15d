#include "storage/rocksdb_log/rocksdb_event_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <thread>
#include <vector>

#include "faults/faulty_files.h"
#include "storage/groups.h"
#include "support/temporary_directory.h"

namespace coupond::storage {
namespace {

using Mode = RocksDbEventLog::Mode;
using test::AppendUpTo;
using test::CouponsAfter;
using test::Fault;
using test::FileOperation;
using test::Outcome;

class RocksDbEventLogTest : public testing::Test {
 protected:
  Result<std::unique_ptr<RocksDbEventLog>> Open(Mode mode, rocksdb::Env* env = nullptr) {
    return RocksDbEventLog::Open(directory_.path() / "log", mode, env);
  }
  /// Creates a log with that many groups, and closes it.
  LogTip Create(std::uint64_t groups) {
    const auto log = Open(Mode::kCreate);
    EXPECT_EQ(Outcome(AppendUpTo(**log, groups)), "ok");
    return (*log)->Tip();
  }
  static std::vector<CommitGroup> ReadAll(const EventLog& log, GroupNumber first = GroupNumber(1)) {
    std::vector<CommitGroup> groups;
    const Status read = log.Read(first, [&](const CommitGroup& group, const GroupHash&) -> Status {
      groups.push_back(group);
      return {};
    });
    EXPECT_EQ(Outcome(read), "ok");
    return groups;
  }

  test::TemporaryDirectory directory_;
};

TEST_F(RocksDbEventLogTest, BeginsEmpty) {
  const auto log = Open(Mode::kCreate);
  ASSERT_EQ(Outcome(log), "ok");
  EXPECT_EQ((*log)->Tip(), LogTip{});
  EXPECT_TRUE(ReadAll(**log).empty());
}

TEST_F(RocksDbEventLogTest, KeepsWhatWasAppendedWhenOpenedAgain) {
  const LogTip tip = Create(10);
  std::vector<CommitGroup> before;
  for (int round = 0; round < 3; ++round) {
    const auto log = Open(Mode::kAppend);
    ASSERT_EQ(Outcome(log), "ok");
    EXPECT_EQ((*log)->Tip(), tip);
    const std::vector<CommitGroup> groups = ReadAll(**log);
    ASSERT_EQ(groups.size(), 10U);
    if (round > 0) {
      EXPECT_EQ(groups, before);
    }
    before = groups;
  }
}

TEST_F(RocksDbEventLogTest, GoesOnWhereItEnded) {
  Create(3);
  const auto log = Open(Mode::kAppend);
  const CommitGroup next = CouponsAfter((*log)->Tip());
  ASSERT_EQ(Outcome((*log)->Append(next)), "ok");
  EXPECT_EQ((*log)->Tip().group, GroupNumber(4));
  EXPECT_EQ(ReadAll(**log, GroupNumber(4)), std::vector{next});
}

TEST_F(RocksDbEventLogTest, ReadsFromAnyGroupWithTheHashOfEach) {
  const LogTip tip = Create(5);
  const auto log = Open(Mode::kReadOnly);
  for (std::uint64_t first = 1; first <= 6; ++first) {
    EXPECT_EQ(ReadAll(**log, GroupNumber(first)).size(), 6 - first);
  }
  const auto last = (*log)->ReadOne(GroupNumber(5));
  ASSERT_EQ(Outcome(last), "ok");
  EXPECT_EQ(last->hash, tip.hash);
  EXPECT_EQ(Outcome((*log)->ReadOne(GroupNumber(6))), "log_gap");
  EXPECT_EQ(Outcome((*log)->Read(GroupNumber(7), {})), "invalid_argument");
  EXPECT_EQ(Outcome((*log)->Read(GroupNumber(0), {})), "invalid_argument");
}

TEST_F(RocksDbEventLogTest, StopsReadingAtTheVisitorsError) {
  Create(5);
  const auto log = Open(Mode::kReadOnly);
  int visited = 0;
  const Status read =
      (*log)->Read(GroupNumber(1), [&](const CommitGroup&, const GroupHash&) -> Status {
        if (++visited < 3) return {};
        return MakeError(ErrorCode::kNoSpace, "enough");
      });
  EXPECT_EQ(Outcome(read), "no_space");
  EXPECT_EQ(visited, 3);
}

TEST_F(RocksDbEventLogTest, ReadOnlyRefusesAppendsAndChangesNoFile) {
  Create(2);
  const auto names = [this] {
    std::vector<std::string> all;
    for (const auto& entry : std::filesystem::directory_iterator(directory_.path() / "log")) {
      all.push_back(entry.path().filename().string() + " " + std::to_string(entry.file_size()));
    }
    std::sort(all.begin(), all.end());
    return all;
  };
  const auto before = names();
  {
    const auto log = Open(Mode::kReadOnly);
    EXPECT_EQ(Outcome((*log)->Append(CouponsAfter((*log)->Tip()))), "unavailable");
  }
  EXPECT_EQ(names(), before);
}

TEST_F(RocksDbEventLogTest, IsCreatedOnlyOnceAndOnlyOnRequest) {
  EXPECT_EQ(Outcome(Open(Mode::kAppend)), "log_missing");
  EXPECT_EQ(Outcome(Open(Mode::kReadOnly)), "log_missing");
  Create(1);
  EXPECT_EQ(Outcome(Open(Mode::kCreate)), "io");
}

TEST_F(RocksDbEventLogTest, MayBeReadBesideAppends) {
  const auto log = Open(Mode::kCreate);
  ASSERT_EQ(Outcome(AppendUpTo(**log, 1)), "ok");
  std::atomic<bool> done = false;
  std::thread reader([&] {
    while (!done) {
      const GroupNumber tip = (*log)->Tip().group;
      EXPECT_GE(ReadAll(**log).size(), tip.value());
    }
  });
  EXPECT_EQ(Outcome(AppendUpTo(**log, 60)), "ok");
  done = true;
  reader.join();
}

TEST_F(RocksDbEventLogTest, AfterAFailedSyncNothingIsEverWritten) {
  test::FaultyFiles files(directory_.path());
  const auto log = Open(Mode::kCreate, files.env());
  ASSERT_EQ(Outcome(AppendUpTo(**log, 3)), "ok");
  const LogTip tip = (*log)->Tip();

  files.Inject({.effect = Fault::Effect::kUnsureWrite,
                .operation = FileOperation::kSync,
                .path_part = ".log"});
  EXPECT_EQ(Outcome((*log)->Append(CouponsAfter(tip))), "io");
  files.Heal();
  const std::uint64_t writes = files.Count(FileOperation::kAppend, ".log");
  const Status again = (*log)->Append(CouponsAfter(tip));
  ASSERT_EQ(Outcome(again), "unavailable");
  EXPECT_THAT(again.error().message, testing::HasSubstr("could not be written"));
  EXPECT_EQ(files.Count(FileOperation::kAppend, ".log"), writes);
  EXPECT_EQ((*log)->Tip(), tip);
}

TEST_F(RocksDbEventLogTest, AFullDiskIsNamedAndFinalToo) {
  test::FaultyFiles files(directory_.path());
  const auto log = Open(Mode::kCreate, files.env());
  ASSERT_EQ(Outcome(AppendUpTo(**log, 3)), "ok");
  files.Inject({.effect = Fault::Effect::kNoSpace,
                .operation = FileOperation::kAppend,
                .path_part = ".log"});
  EXPECT_EQ(Outcome((*log)->Append(CouponsAfter((*log)->Tip()))), "no_space");
  files.Heal();
  EXPECT_EQ(Outcome((*log)->Append(CouponsAfter((*log)->Tip()))), "unavailable");
}

TEST_F(RocksDbEventLogTest, EveryAppendIsOneWriteAndOneSync) {
  test::FaultyFiles files(directory_.path());
  const auto log = Open(Mode::kCreate, files.env());
  ASSERT_EQ(Outcome(AppendUpTo(**log, 2)), "ok");
  const std::uint64_t writes = files.Count(FileOperation::kAppend, ".log");
  const std::uint64_t syncs = files.Count(FileOperation::kSync, ".log");
  ASSERT_EQ(Outcome(AppendUpTo(**log, 12)), "ok");
  EXPECT_EQ(files.Count(FileOperation::kAppend, ".log") - writes, 10U);
  EXPECT_EQ(files.Count(FileOperation::kSync, ".log") - syncs, 10U);
}

using RocksDbEventLogDeathTest = RocksDbEventLogTest;

TEST_F(RocksDbEventLogDeathTest, AGroupThatDoesNotFollowIsABug) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto append = [this](auto change) {
    const auto log = Open(Mode::kCreate);
    static_cast<void>(AppendUpTo(**log, 2));
    CommitGroup group = CouponsAfter((*log)->Tip());
    change(group);
    // A process that dies cleans up nothing.
    std::filesystem::remove_all(directory_.path());
    static_cast<void>((*log)->Append(group));
  };
  EXPECT_DEATH(append([](CommitGroup& group) { group.number = GroupNumber(5); }), "group.number");
  EXPECT_DEATH(append([](CommitGroup& group) { group.first_sequence = Sequence(9); }), "sequence");
  EXPECT_DEATH(append([](CommitGroup& group) { group.commit_time = test::At(-1); }), "TimeFollows");
  EXPECT_DEATH(append([](CommitGroup& group) { group.events.clear(); }), "Check.group");
}

}  // namespace
}  // namespace coupond::storage
