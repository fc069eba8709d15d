#include "storage/files/file_rewrite.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <rocksdb/transaction_log.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "faults/faulty_files.h"
#include "storage/files/rocksdb_options.h"
#include "storage/groups.h"
#include "storage/store_fixture.h"
#include "storage/text_search.h"
#include "support/temporary_directory.h"

namespace coupond::storage {
namespace {

using test::FilesWith;
using test::IncompressibleText;
using test::Must;
using test::Outcome;
using testing::IsEmpty;
using testing::Not;

/// A database whose values can be found in its files.
class FileRewriteTest : public testing::Test {
 protected:
  FileRewriteTest() { Open(); }

  /// Opens the database, as the next process does.
  void Open(rocksdb::Env* env = nullptr) {
    db_.reset();
    rocksdb::Options options = LogOptions(env);
    options.create_if_missing = true;
    rocksdb::DB* db = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(options, path_, &db).ok());
    db_.reset(db);
  }
  [[nodiscard]] std::filesystem::path PresentWal() const {
    std::unique_ptr<rocksdb::LogFile> wal;
    EXPECT_TRUE(db_->GetCurrentWalFile(&wal).ok());
    return path_ / std::filesystem::path(wal->PathName()).filename();
  }

  static std::string Key(std::uint64_t number) { return std::to_string(1'000 + number); }
  void Put(std::uint64_t number) {
    ASSERT_TRUE(db_->Put(LogWriteOptions(), Key(number), IncompressibleText(number)).ok());
  }
  void Delete(std::uint64_t number) {
    ASSERT_TRUE(db_->Delete(LogWriteOptions(), Key(number)).ok());
  }
  void Flush() { ASSERT_TRUE(db_->Flush({}).ok()); }
  Result<bool> Rewrite(const std::vector<std::uint64_t>& numbers, rocksdb::Env* env = nullptr) {
    std::vector<KeySpan> ranges;
    for (const std::uint64_t number : numbers) {
      ranges.push_back({.first = Key(number), .last = Key(number)});
    }
    FileRewrite rewrite(*db_, path_, env, ranges);
    return rewrite.Continue(stop_);
  }
  /// Also if RocksDB takes its time to delete files, as it may while somebody else writes.
  bool RewriteWithPatience(std::uint64_t number) {
    constexpr int kTries = 120;  // of a second each
    FileRewrite rewrite(*db_, path_, nullptr, {{.first = Key(number), .last = Key(number)}});
    for (int i = 0; i < kTries; ++i) {
      if (Must(rewrite.Continue(stop_))) return true;
    }
    return false;
  }
  [[nodiscard]] std::vector<std::string> FilesWithValue(std::uint64_t number) const {
    return FilesWith(path_, IncompressibleText(number));
  }

  test::TemporaryDirectory directory_;
  const std::filesystem::path path_ = directory_.path() / "db";
  std::unique_ptr<rocksdb::DB> db_;
  std::atomic<bool> stop_{false};
};

TEST_F(FileRewriteTest, WhatWasDeletedIsInNoFile) {
  for (std::uint64_t number = 0; number < 10; ++number) Put(number);
  Flush();
  Delete(3);
  ASSERT_THAT(FilesWithValue(3), Not(IsEmpty()));
  EXPECT_EQ(Must(Rewrite({3})), true);
  EXPECT_THAT(FilesWithValue(3), IsEmpty());
  EXPECT_THAT(FilesWithValue(4), Not(IsEmpty()));
}

TEST_F(FileRewriteTest, WhatWasReplacedInTheWalIsInNoFile) {
  Put(3);
  ASSERT_TRUE(db_->Put(LogWriteOptions(), Key(3), "another").ok());
  ASSERT_THAT(FilesWithValue(3), Not(IsEmpty()));
  EXPECT_EQ(Must(Rewrite({3})), true);
  EXPECT_THAT(FilesWithValue(3), IsEmpty());
}

TEST_F(FileRewriteTest, NothingToRewriteIsDone) {
  EXPECT_EQ(Must(Rewrite({})), true);
  EXPECT_EQ(Must(Rewrite({3})), true);
  Put(3);
  EXPECT_EQ(Must(Rewrite({})), true);
}

TEST_F(FileRewriteTest, ManyRangesAreOne) {
  std::vector<std::uint64_t> odd;
  for (std::uint64_t number = 0; number < 300; ++number) {
    Put(number);
    if (number % 50 == 49) Flush();
    if (number % 2 == 1) odd.push_back(number);
  }
  for (const std::uint64_t number : odd) Delete(number);
  EXPECT_EQ(Must(Rewrite(odd)), true);
  for (const std::uint64_t number : odd) EXPECT_THAT(FilesWithValue(number), IsEmpty()) << number;
  for (std::uint64_t number = 0; number < 300; number += 2) {
    std::string value;
    ASSERT_TRUE(db_->Get({}, Key(number), &value).ok()) << number;
  }
}

TEST_F(FileRewriteTest, ASnapshotKeepsWhatItShows) {
  Put(3);
  const rocksdb::Snapshot* const snapshot = db_->GetSnapshot();
  Delete(3);
  EXPECT_EQ(Must(Rewrite({3})), false);
  db_->ReleaseSnapshot(snapshot);
  EXPECT_EQ(Must(Rewrite({3})), true);
  EXPECT_THAT(FilesWithValue(3), IsEmpty());
}

TEST_F(FileRewriteTest, ASnapshotOfWhatIsNowIsNoObstacle) {
  Put(3);
  Delete(3);
  const rocksdb::Snapshot* const snapshot = db_->GetSnapshot();
  EXPECT_EQ(Must(Rewrite({3})), true);
  db_->ReleaseSnapshot(snapshot);
  EXPECT_THAT(FilesWithValue(3), IsEmpty());
}

TEST_F(FileRewriteTest, AnIteratorKeepsTheFilesThatItReads) {
  Put(3);
  Flush();
  std::unique_ptr<rocksdb::Iterator> reader(db_->NewIterator({}));
  reader->SeekToFirst();
  Delete(3);
  EXPECT_EQ(Must(Rewrite({3})), false);
  EXPECT_THAT(FilesWithValue(3), Not(IsEmpty()));
  EXPECT_EQ(reader->value(), IncompressibleText(3));
  reader.reset();
  EXPECT_EQ(Must(Rewrite({3})), true);
  EXPECT_THAT(FilesWithValue(3), IsEmpty());
}

TEST_F(FileRewriteTest, WhoeverBeginsToReadLaterIsInNobodysWay) {
  Put(3);
  Flush();
  const rocksdb::Snapshot* const before = db_->GetSnapshot();
  std::unique_ptr<rocksdb::Iterator> early(db_->NewIterator({}));
  Delete(3);
  FileRewrite rewrite(*db_, path_, nullptr, {{.first = Key(3), .last = Key(3)}});
  EXPECT_EQ(Must(rewrite.Continue(stop_)), false) << "there is a snapshot";
  const rocksdb::Snapshot* const after = db_->GetSnapshot();
  db_->ReleaseSnapshot(before);
  EXPECT_EQ(Must(rewrite.Continue(stop_)), false) << "a table is being read";
  // What is written and read from here on was never seen by the erasure.
  Put(4);
  std::unique_ptr<rocksdb::Iterator> late(db_->NewIterator({}));
  early.reset();
  EXPECT_EQ(Must(rewrite.Continue(stop_)), true);
  EXPECT_THAT(FilesWithValue(3), IsEmpty());
  late.reset();
  db_->ReleaseSnapshot(after);
}

TEST_F(FileRewriteTest, AWriteThatWasInterruptedIsInNoFile) {
  ASSERT_TRUE(db_->Put(LogWriteOptions(), Key(3), IncompressibleText(3) + "its end").ok());
  std::string torn = test::ReadFile(PresentWal());
  torn.pop_back();
  Flush();
  Delete(3);
  EXPECT_EQ(Must(Rewrite({3})), true);
  ASSERT_THAT(FilesWithValue(3), IsEmpty());
  const std::filesystem::path wal = PresentWal();
  db_.reset();
  test::WriteFile(wal, torn);
  // Nothing is written from here on, so that RocksDB has nothing to flush.
  Open();
  ASSERT_THAT(FilesWithValue(3), Not(IsEmpty()));
  EXPECT_EQ(Must(Rewrite({3})), true);
  EXPECT_THAT(FilesWithValue(3), IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(wal));
  Put(4);
  Open();
  std::string value;
  EXPECT_TRUE(db_->Get({}, Key(4), &value).ok());
  EXPECT_TRUE(db_->Get({}, Key(3), &value).IsNotFound());
}

TEST_F(FileRewriteTest, APowerFailureBringsNothingBack) {
  Put(3);
  Flush();
  Put(4);
  db_.reset();
  test::FaultyFiles files(directory_.path());
  Open(files.env());
  Delete(3);
  Delete(4);
  EXPECT_EQ(Must(Rewrite({3, 4}, files.env())), true);
  const std::filesystem::path after = directory_.path() / "after";
  files.WriteSurvivors(after, test::Survivors::kSyncedOnly, 1);
  EXPECT_THAT(FilesWith(after, IncompressibleText(3)), IsEmpty());
  EXPECT_THAT(FilesWith(after, IncompressibleText(4)), IsEmpty());
  db_.reset();
}

TEST_F(FileRewriteTest, WhatIsWrittenMeanwhileStays) {
  std::atomic<bool> done{false};
  std::thread writer([&] {
    for (std::uint64_t number = 100; !done || number < 200; ++number) Put(number);
  });
  for (std::uint64_t number = 0; number < 10; ++number) {
    Put(number);
    Delete(number);
    EXPECT_TRUE(RewriteWithPatience(number));
    EXPECT_THAT(FilesWithValue(number), IsEmpty());
  }
  done = true;
  writer.join();
  Open();
  for (std::uint64_t number = 100; number < 200; ++number) {
    std::string value;
    EXPECT_TRUE(db_->Get({}, Key(number), &value).ok()) << number;
  }
}

TEST_F(FileRewriteTest, AStopGivesUp) {
  Put(3);
  Flush();
  Delete(3);
  stop_ = true;
  EXPECT_EQ(Outcome(Rewrite({3})), "unavailable");
  stop_ = false;
  EXPECT_EQ(Must(Rewrite({3})), true);
}

TEST_F(FileRewriteTest, AStopEndsTheWaitForReaders) {
  Put(3);
  const rocksdb::Snapshot* const snapshot = db_->GetSnapshot();
  Delete(3);
  std::thread stopper([this] { stop_ = true; });
  EXPECT_EQ(Outcome(Rewrite({3})), "unavailable");
  stopper.join();
  db_->ReleaseSnapshot(snapshot);
}

}  // namespace
}  // namespace coupond::storage
