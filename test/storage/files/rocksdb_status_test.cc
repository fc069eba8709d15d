#include "storage/files/rocksdb_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/status.h>

#include <cerrno>
#include <cstring>

#include "storage/files/env_files.h"

namespace coupond::storage {
namespace {

TEST(RocksDbStatus, AFullDiskOrQuotaSaysToMakeRoom) {
  for (const rocksdb::Status& status :
       {rocksdb::Status::NoSpace("While appending", std::strerror(ENOSPC)),
        rocksdb::Status::IOError("While appending", std::strerror(EDQUOT))}) {
    const Error error = RocksDbError(status, ErrorCode::kLogDamaged, "cannot append").error();
    EXPECT_EQ(error.code, ErrorCode::kNoSpace);
    EXPECT_THAT(error.message, testing::EndsWith("make room on that disk, then start again"));
  }
  for (const int number : {ENOSPC, EDQUOT}) {
    const Error error = SystemError("write", "file", number).error();
    EXPECT_EQ(error.code, ErrorCode::kNoSpace);
    EXPECT_THAT(error.message, testing::EndsWith("make room on that disk, then start again"));
  }
}

TEST(RocksDbStatus, AnIoErrorIsNeitherDamageNorAFullDisk) {
  const Error error = RocksDbError(rocksdb::Status::IOError("While reading", std::strerror(EIO)),
                                   ErrorCode::kLogDamaged, "cannot read")
                          .error();
  EXPECT_EQ(error.code, ErrorCode::kIo);
  EXPECT_THAT(error.message, testing::Not(testing::HasSubstr("make room")));
}

}  // namespace
}  // namespace coupond::storage
