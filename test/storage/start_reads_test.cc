#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>

#include "faults/faulty_files.h"
#include "storage/store_fixture.h"

/// How often a start reads the log's files: each pass over a file takes one read for each block.
namespace coupond::storage {
namespace {

using test::FileOperation;
using test::Outcome;

constexpr std::uint64_t kBlockBytes = 32'768;

class StartReads : public test::StoreTest {
 protected:
  /// Creates a store whose tail takes many blocks of the WAL.
  void CreateStoreWithALongTail() {
    const auto store = Open();
    EventLog& log = (*store)->log();
    while (log.Tip().group < GroupNumber(40)) {
      ASSERT_EQ(Outcome(log.Append(test::CouponsAfter(log.Tip(), 1'000))), "ok");
    }
    (*store)->watermark().Advance({.group = log.Tip().group, .hash = log.Tip().hash});
  }
  static Status ReadAll(const EventLog& log) {
    return log.Read(GroupNumber(1),
                    [](const CommitGroup&, const GroupHash&) -> Status { return {}; });
  }
};

TEST_F(StartReads, TheTailIsReadTwice) {
  CreateStoreWithALongTail();
  const std::uint64_t blocks = std::filesystem::file_size(Wal()) / kBlockBytes;
  ASSERT_GE(blocks, 10U);

  test::FaultyFiles files(directory_.path());
  const auto store = Store::Open(path(), entropy_, clock_, files.env());
  ASSERT_EQ(Outcome(store), "ok");
  const std::uint64_t reads = files.Count(FileOperation::kRead, ".log");
  EXPECT_GE(reads, 2 * blocks);
  // The first block is read a few times more, and each end takes one more read.
  EXPECT_LE(reads, 2 * blocks + 10);

  // Recovery finds in memory what was read.
  const std::uint64_t reads_of_tables = files.Count(FileOperation::kRead, ".sst");
  EXPECT_EQ(Outcome(ReadAll((*store)->log())), "ok");
  EXPECT_EQ(files.Count(FileOperation::kRead, ".log"), reads);
  EXPECT_EQ(files.Count(FileOperation::kRead, ".sst"), reads_of_tables);

  // A later pass, such as that of a backup, reads the tables.
  EXPECT_EQ(Outcome(ReadAll((*store)->log())), "ok");
  EXPECT_GT(files.Count(FileOperation::kRead, ".sst"), reads_of_tables);
}

TEST_F(StartReads, WhatWasKeptInMemoryEndsWithTheFirstAppend) {
  CreateStoreWithALongTail();
  test::FaultyFiles files(directory_.path());
  const auto store = Store::Open(path(), entropy_, clock_, files.env());
  ASSERT_EQ(Outcome(store), "ok");
  EventLog& log = (*store)->log();
  ASSERT_EQ(Outcome(log.Append(test::CouponsAfter(log.Tip()))), "ok");
  const std::uint64_t reads_of_tables = files.Count(FileOperation::kRead, ".sst");
  EXPECT_EQ(Outcome(ReadAll(log)), "ok");
  EXPECT_GT(files.Count(FileOperation::kRead, ".sst"), reads_of_tables);
}

}  // namespace
}  // namespace coupond::storage
