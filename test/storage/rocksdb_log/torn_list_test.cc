#include <rocksdb/db.h>

#include <map>
#include <memory>
#include <string>
#include <system_error>

#include "base/big_endian.h"
#include "storage/files/rocksdb_options.h"
#include "storage/repair/log_repair.h"
#include "storage/rocksdb_log/wal_records.h"
#include "storage/store_fixture.h"

/// What a power failure leaves of RocksDB's list of files, in which, unlike in a WAL, one sync
/// covers several records.
namespace coupond::storage {
namespace {

constexpr std::size_t kSector = 512;

class TornListTest : public test::StoreTest {
 protected:
  static constexpr std::uint64_t kGroups = 60;

  static std::string Key(std::uint64_t group) {
    std::string key;
    AppendBigEndian(key, group);
    return key;
  }
  static std::unique_ptr<rocksdb::DB> OpenDatabase(const std::filesystem::path& log) {
    rocksdb::Options options = LogOptions(nullptr);
    options.create_if_missing = true;
    rocksdb::DB* db = nullptr;
    EXPECT_TRUE(rocksdb::DB::Open(options, log, &db).ok());
    return std::unique_ptr<rocksdb::DB>(db);
  }
  [[nodiscard]] std::filesystem::path log() const { return path() / "log"; }
  static std::filesystem::path List(const std::filesystem::path& log) {
    std::string name = test::ReadFile(log / "CURRENT");
    name.pop_back();  // the line's end
    return log / name;
  }

  /// Copies the files of an open database, again if RocksDB has removed one meanwhile.
  static void CopyFiles(const std::filesystem::path& from, const std::filesystem::path& to) {
    std::error_code failed;
    do {
      std::filesystem::remove_all(to);
      std::filesystem::copy(from, to, failed);
    } while (failed == std::errc::no_such_file_or_directory);
    EXPECT_FALSE(failed) << failed.message();
  }

  /// Flushes again and again, until the list's new records lie so that the first one's beginning
  /// can be lost with its sector while the second is whole. Leaves the files as of then, before or
  /// after the flush has removed the WAL that it made needless. The number of groups.
  std::uint64_t LoseTheBeginningOfAFlush(bool wal_is_removed) {
    CreateStore(kGroups, 1);
    std::map<std::uint64_t, std::string> records;
    {
      const auto db = OpenDatabase(log());
      for (std::uint64_t group = 1; group <= kGroups; ++group) {
        EXPECT_TRUE(db->Get(rocksdb::ReadOptions(), Key(group), &records[group]).ok());
      }
    }
    const std::filesystem::path made = directory_.path() / "made";
    const auto db = OpenDatabase(made);
    for (std::uint64_t group = 1; group <= kGroups; ++group) {
      EXPECT_TRUE(db->Put(LogWriteOptions(), Key(group), records.at(group)).ok());
      const std::size_t begin = std::filesystem::file_size(List(made));
      CopyFiles(made, log());
      EXPECT_TRUE(db->Flush(rocksdb::FlushOptions()).ok());
      std::string list = test::ReadFile(List(made));
      const std::size_t sector = (begin / kSector + 1) * kSector;
      const auto first = ReadFragment(list, begin);
      if (!first || first->end >= list.size() || sector >= first->end) continue;
      list.replace(begin, sector - begin, sector - begin, '\0');
      if (wal_is_removed) {
        CopyFiles(made, log());
      }
      test::WriteFile(List(log()), list);
      for (const auto& entry : std::filesystem::directory_iterator(made)) {
        if (entry.path().extension() != ".sst") continue;
        std::filesystem::copy(entry.path(), log() / entry.path().filename(),
                              std::filesystem::copy_options::skip_existing);
      }
      return group;
    }
    return 0;
  }
};

TEST_F(TornListTest, AFlushThatLostItsBeginningIsLeftOut) {
  const std::uint64_t groups = LoseTheBeginningOfAFlush(/*wal_is_removed=*/false);
  ASSERT_GT(groups, 1U);
  EXPECT_EQ(Reopen(), "ok with " + std::to_string(groups) + " groups");
  EXPECT_EQ(Reopen(), "ok with " + std::to_string(groups) + " groups");
}

TEST_F(TornListTest, ATableThatOnlyTheLostEndNamedIsNotDropped) {
  const std::uint64_t groups = LoseTheBeginningOfAFlush(/*wal_is_removed=*/true);
  ASSERT_GT(groups, 1U);
  const auto before = Contents();
  EXPECT_EQ(Reopen(), "log_damaged");
  EXPECT_EQ(Contents(), before);
  {
    const auto repair = LogRepair::Inspect(path(), nullptr);
    ASSERT_EQ(test::Outcome(repair), "ok");
    EXPECT_TRUE((*repair)->findings().needs_repair());
    EXPECT_EQ((*repair)->findings().known_loss().groups, 0U);
    ASSERT_EQ(test::Outcome((*repair)->AcceptLoss(entropy_, clock_, nullptr, nullptr)), "ok");
  }
  // One more: the repair continues the store.
  EXPECT_EQ(Reopen(), "ok with " + std::to_string(groups + 1) + " groups");
}

}  // namespace
}  // namespace coupond::storage
