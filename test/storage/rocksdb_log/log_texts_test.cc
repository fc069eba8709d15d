#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <rocksdb/metadata.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "storage/files/rocksdb_options.h"
#include "storage/groups.h"
#include "storage/rocksdb_log/rocksdb_event_log.h"
#include "storage/text_search.h"
#include "support/temporary_directory.h"

// Users' texts are hidden from readers of the log, and removed from its files.
namespace coupond::storage {
namespace {

using Mode = RocksDbEventLog::Mode;
using test::FilesWith;
using test::IncompressibleText;
using test::Must;
using test::Outcome;
using testing::ElementsAre;
using testing::EndsWith;
using testing::IsEmpty;
using testing::Not;

/// A log in which each group has three coupons, the second of them of a user.
class LogTextsTest : public testing::Test {
 protected:
  LogTextsTest() {
    log_ = Must(RocksDbEventLog::Open(path(), Mode::kCreate));
    EXPECT_EQ(Outcome(log_->Append(test::FirstGroup())), "ok");
  }

  [[nodiscard]] std::filesystem::path path() const { return directory_.path() / "log"; }
  /// Closes the log and opens it again: what was in the WAL is in a table then.
  void Reopen() {
    log_.reset();
    log_ = Must(RocksDbEventLog::Open(path(), Mode::kAppend));
  }
  /// Returns the next group, whose user's text can be found.
  static CommitGroup GroupAfter(const LogTip& tip) {
    CommitGroup group = test::CouponsAfter(tip);
    auto& issued = std::get<CouponIssued>(group.events[1]);
    issued.user_id = IncompressibleText(group.number.value());
    return group;
  }
  void AppendUpTo(std::uint64_t groups) {
    while (log_->Tip().group < GroupNumber(groups)) {
      ASSERT_EQ(Outcome(log_->Append(GroupAfter(log_->Tip()))), "ok");
    }
  }
  /// Returns the coupon of the user in a group.
  static Serial CouponIn(std::uint64_t group) { return Serial(3 * (group - 2) + 2); }
  void Hide(std::vector<std::uint64_t> groups) {
    for (const std::uint64_t group : groups) {
      const Serial coupon = CouponIn(group);
      log_->hidden_texts().Add({&coupon, 1});
    }
  }
  Result<bool> Purge(std::vector<std::uint64_t> groups) {
    std::vector<GroupNumber> numbers;
    for (const std::uint64_t group : groups) numbers.emplace_back(group);
    return log_->PurgeHiddenTexts({.erasure = {}, .groups = numbers, .campaigns = {}}, stop_);
  }
  /// Returns the groups whose users' texts readers see, and expects the others to have none. Reads
  /// the log from its beginning, and so verifies it.
  static std::set<std::uint64_t> ReadableIn(const LogReader& log) {
    std::set<std::uint64_t> groups;
    const Status read =
        log.Read(GroupNumber(1), [&](const CommitGroup& group, const GroupHash&) -> Status {
          if (group.number == GroupNumber(1)) return {};
          EXPECT_EQ(group.events.size(), 3U);
          const auto& issued = std::get<CouponIssued>(group.events[1]);
          EXPECT_EQ(issued.serial, CouponIn(group.number.value()));
          EXPECT_TRUE(issued.holder);
          if (issued.user_id == IncompressibleText(group.number.value())) {
            groups.insert(group.number.value());
          } else {
            EXPECT_EQ(issued.user_id, "");
          }
          return {};
        });
    EXPECT_EQ(Outcome(read), "ok");
    return groups;
  }
  [[nodiscard]] std::vector<std::string> FilesWithTextOf(std::uint64_t group) const {
    return FilesWith(path(), IncompressibleText(group));
  }
  /// Returns the levels of all tables. Closes the log and opens it again.
  std::set<int> Levels() {
    log_.reset();
    rocksdb::DB* opened = nullptr;
    EXPECT_TRUE(rocksdb::DB::OpenForReadOnly(LogOptions(nullptr), path(), &opened).ok());
    const std::unique_ptr<rocksdb::DB> db(opened);
    std::vector<rocksdb::LiveFileMetaData> files;
    db->GetLiveFilesMetaData(&files);
    std::set<int> levels;
    for (const rocksdb::LiveFileMetaData& file : files) levels.insert(file.level);
    Reopen();
    return levels;
  }

  test::TemporaryDirectory directory_;
  std::unique_ptr<RocksDbEventLog> log_;
  std::atomic<bool> stop_{false};
};

TEST_F(LogTextsTest, HiddenTextsAreNotRead) {
  AppendUpTo(5);
  const GroupHash hash = log_->Tip().hash;
  Hide({3, 5});
  EXPECT_THAT(ReadableIn(*log_), ElementsAre(2, 4));
  EXPECT_EQ(log_->Tip().hash, hash);
  const Serial coupon = CouponIn(3);
  log_->hidden_texts().Remove({&coupon, 1});
  EXPECT_THAT(ReadableIn(*log_), ElementsAre(2, 3, 4));
  Reopen();
  EXPECT_THAT(ReadableIn(*log_), ElementsAre(2, 3, 4, 5)) << "nothing remembers it but the reader";
}

TEST_F(LogTextsTest, NorAreTheyOfGroupsThatAStartKeepsInMemory) {
  AppendUpTo(5);
  log_.reset();
  const auto look = Must(RocksDbEventLog::Open(path(), Mode::kReadOnly));
  log_ = Must(RocksDbEventLog::OpenAfter(*look, nullptr));
  Hide({3, 5});
  EXPECT_THAT(ReadableIn(*log_), ElementsAre(2, 4));
  EXPECT_THAT(ReadableIn(*log_), ElementsAre(2, 4)) << "from the files now";
}

TEST_F(LogTextsTest, ATextIsRemovedFromTheWal) {
  AppendUpTo(5);
  ASSERT_THAT(FilesWithTextOf(3), ElementsAre(EndsWith(".log")));
  Hide({3});
  EXPECT_EQ(Must(Purge({3})), true);
  EXPECT_THAT(FilesWithTextOf(3), IsEmpty());
  EXPECT_THAT(FilesWithTextOf(4), Not(IsEmpty()));
}

TEST_F(LogTextsTest, ATextIsRemovedFromANewTable) {
  AppendUpTo(5);
  Reopen();
  AppendUpTo(7);
  Reopen();
  ASSERT_THAT(Levels(), ElementsAre(0));
  ASSERT_THAT(FilesWithTextOf(3), ElementsAre(EndsWith(".sst")));
  Hide({3, 7});
  EXPECT_EQ(Must(Purge({3, 7})), true);
  EXPECT_THAT(FilesWithTextOf(3), IsEmpty());
  EXPECT_THAT(FilesWithTextOf(7), IsEmpty());
  EXPECT_THAT(FilesWithTextOf(4), Not(IsEmpty()));
}

TEST_F(LogTextsTest, ATextIsRemovedRightAfterAStart) {
  for (int starts = 1; starts < 4; ++starts) {
    SCOPED_TRACE(starts);
    const std::uint64_t group = log_->Tip().group.value() + 1;
    AppendUpTo(group + 3);
    // Some of them leave empty WALs behind.
    for (int i = 0; i < starts; ++i) Reopen();
    Hide({group});
    EXPECT_EQ(Must(Purge({group})), true);
    EXPECT_THAT(FilesWithTextOf(group), IsEmpty());
    EXPECT_THAT(FilesWithTextOf(group + 1), Not(IsEmpty()));
  }
}

TEST_F(LogTextsTest, ATextIsRemovedFromADeepTable) {
  AppendUpTo(5);
  Hide({3});
  ASSERT_EQ(Must(Purge({3})), true);
  ASSERT_THAT(Levels(), Not(testing::Contains(0))) << "a rewritten table lies deeper";
  AppendUpTo(6);
  ASSERT_THAT(FilesWithTextOf(4), ElementsAre(EndsWith(".sst")));
  Hide({4, 5});
  EXPECT_EQ(Must(Purge({4, 5})), true);
  EXPECT_THAT(FilesWithTextOf(4), IsEmpty());
  EXPECT_THAT(FilesWithTextOf(5), IsEmpty());
  EXPECT_THAT(FilesWithTextOf(6), Not(IsEmpty()));
  EXPECT_THAT(ReadableIn(*log_), ElementsAre(2, 6));
}

TEST_F(LogTextsTest, TheLogIsTheSameOtherwise) {
  AppendUpTo(9);
  const LogTip tip = log_->Tip();
  Hide({2, 5, 9});
  ASSERT_EQ(Must(Purge({2, 5, 9})), true);
  EXPECT_EQ(log_->Tip(), tip);
  EXPECT_THAT(ReadableIn(*log_), ElementsAre(3, 4, 6, 7, 8));
  Reopen();
  EXPECT_EQ(log_->Tip(), tip);
  EXPECT_THAT(ReadableIn(*log_), ElementsAre(3, 4, 6, 7, 8)) << "without anything to hide them";
  AppendUpTo(12);
  const auto look = Must(RocksDbEventLog::Open(path(), Mode::kReadOnly));
  EXPECT_THAT(ReadableIn(*look), ElementsAre(3, 4, 6, 7, 8, 10, 11, 12));
}

TEST_F(LogTextsTest, OnlyWhatIsHiddenIsRemoved) {
  AppendUpTo(5);
  Hide({3});
  ASSERT_EQ(Must(Purge({2, 3, 4, 5})), true);
  Reopen();
  EXPECT_THAT(ReadableIn(*log_), ElementsAre(2, 4, 5));
  EXPECT_THAT(FilesWithTextOf(4), Not(IsEmpty()));
}

TEST_F(LogTextsTest, ManyGroupsAreRewrittenAtOnce) {
  constexpr std::uint64_t kGroups = 202;
  AppendUpTo(kGroups);
  std::vector<std::uint64_t> groups;
  for (std::uint64_t group = 3; group <= kGroups; group += 2) groups.push_back(group);
  Hide(groups);
  ASSERT_EQ(Must(Purge(groups)), true);
  for (const std::uint64_t group : groups) EXPECT_THAT(FilesWithTextOf(group), IsEmpty()) << group;
  Reopen();
  EXPECT_EQ(ReadableIn(*log_).size(), kGroups - 1 - groups.size());
}

TEST_F(LogTextsTest, PurgingAgainChangesNothing) {
  AppendUpTo(5);
  Hide({3});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Must(Purge({3})), true);
  EXPECT_EQ(Must(Purge({})), true);
  EXPECT_THAT(ReadableIn(*log_), ElementsAre(2, 4, 5));
}

TEST_F(LogTextsTest, TheLogGoesOnMeanwhile) {
  AppendUpTo(50);
  std::atomic<bool> done = false;
  std::thread writer([&] {
    while (!done && log_->Tip().group < GroupNumber(5'000)) {
      ASSERT_EQ(Outcome(log_->Append(GroupAfter(log_->Tip()))), "ok");
    }
  });
  while (log_->Tip().group == GroupNumber(50)) std::this_thread::yield();
  for (std::uint64_t group = 10; group < 15; ++group) {
    Hide({group});
    // Somebody may always be reading.
    Result<bool> purged = false;
    while (purged && !*purged) purged = Purge({group});
    EXPECT_EQ(Outcome(purged), "ok");
    EXPECT_THAT(FilesWithTextOf(group), IsEmpty());
  }
  done = true;
  writer.join();
  const LogTip tip = log_->Tip();
  EXPECT_GT(tip.group, GroupNumber(50));
  Reopen();
  EXPECT_EQ(log_->Tip(), tip);
  EXPECT_EQ(ReadableIn(*log_).size(), tip.group.value() - 1 - 5);
}

TEST_F(LogTextsTest, AStopGivesUp) {
  AppendUpTo(5);
  Hide({3});
  stop_ = true;
  EXPECT_EQ(Outcome(Purge({3})), "unavailable");
  stop_ = false;
  EXPECT_EQ(Must(Purge({3})), true);
  EXPECT_THAT(FilesWithTextOf(3), IsEmpty());
}

}  // namespace
}  // namespace coupond::storage
