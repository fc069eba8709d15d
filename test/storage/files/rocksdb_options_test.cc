#include "storage/files/rocksdb_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coupond::storage {
namespace {

TEST(RocksDbVersion, TheLinkedLibraryIsAccepted) {
  EXPECT_EQ(LinkedRocksDbVersion(), kRocksDbVersion);
  EXPECT_TRUE(CheckRocksDbVersion());
}

TEST(RocksDbVersion, AnyOtherIsRefusedByName) {
  for (const char* other : {"7.7", "7.9", "7.80", "8.1", "7", ""}) {
    const Status checked = CheckRocksDbVersion(other);
    ASSERT_FALSE(checked) << other;
    EXPECT_EQ(checked.error().code, ErrorCode::kLibraryUnsupported);
    EXPECT_THAT(checked.error().message, testing::HasSubstr("RocksDB 7.8"));
    EXPECT_THAT(checked.error().message, testing::HasSubstr("version " + std::string(other)));
  }
}

}  // namespace
}  // namespace coupond::storage
