#ifndef COUPOND_TEST_STORAGE_REPAIR_NEW_STORE_FIXTURE_H_
#define COUPOND_TEST_STORAGE_REPAIR_NEW_STORE_FIXTURE_H_

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "storage/repair/new_store.h"
#include "storage/repair/store_restore.h"
#include "storage/rocksdb_log/stored_log.h"
#include "storage/store_backup.h"
#include "storage/store_fixture.h"
#include "storage/upgrade/format1_store.h"
#include "storage/upgrade/store_upgrade.h"

namespace coupond::storage {

/// The ways in which a store is made from another one.
enum class Way { kUpgrade, kRestore };

inline std::string NameOfWay(const testing::TestParamInfo<Way>& way) {
  return way.param == Way::kUpgrade ? "Upgrade" : "Restore";
}

/// Returns all groups of the log in a data directory.
inline std::vector<CommitGroup> GroupsIn(const std::filesystem::path& data) {
  std::vector<CommitGroup> groups;
  const auto log = StoredLog::Open(data / "log");
  if (!log) return groups;
  EXPECT_EQ(test::Outcome((*log)->Read(GroupNumber(1),
                                       [&](const CommitGroup& group, const GroupHash&) -> Status {
                                         groups.push_back(group);
                                         return {};
                                       })),
            "ok");
  return groups;
}

/// A store of format 1, or a backup, in path(), and the place for the new one in made().
class NewStoreTest : public test::StoreTest, public testing::WithParamInterface<Way> {
 protected:
  /// Makes the source, with that many groups.
  void MakeSource(std::uint64_t groups) {
    if (GetParam() == Way::kUpgrade) {
      test::Format1Store old(path());
      old.AppendUpTo(groups);
      old.Close();
      expected_ = old.groups();
      std::get<StoreCreated>(expected_.front().events.front()).format_version = kFormatVersion;
      return;
    }
    CreateStore(groups, groups);
    {
      const auto store = Open();
      const std::atomic<bool> stop = false;
      ASSERT_EQ(test::Outcome((*StoreBackup::Open(directory_.path() / "backups", path(),
                                                  (*store)->log(), (*store)->identity().store_id))
                                  ->CopyTo("source", stop)),
                "ok");
    }
    std::filesystem::remove_all(path());
    std::filesystem::rename(directory_.path() / "backups" / "source", path());
    expected_ = GroupsIn(path());
  }
  Status Make(const std::filesystem::path& from, const std::filesystem::path& place,
              const MakeProgress& progress = nullptr, rocksdb::Env* env = nullptr) {
    if (GetParam() == Way::kUpgrade) {
      TRY(UpgradeStore(from, place, progress, env));
    } else {
      TRY(RestoreStore(from, place, entropy_, clock_, progress, env));
    }
    return {};
  }
  /// Makes the new store in made().
  Status Make() { return Make(path(), made()); }
  /// Makes it in a place that must be refused, and returns the error.
  Error RefusalOf(const std::filesystem::path& place) {
    const Status done = Make(path(), place);
    EXPECT_FALSE(done);
    return done ? Error{} : done.error();
  }
  /// Expects the log to be whole: it has the groups of the source, and the one that a restore adds.
  void ExpectWhole(const std::filesystem::path& data) const {
    std::vector<CommitGroup> groups = GroupsIn(data);
    if (GetParam() == Way::kRestore) {
      ASSERT_FALSE(groups.empty());
      EXPECT_TRUE(std::holds_alternative<StoreRestored>(groups.back().events.front()));
      groups.pop_back();
    }
    EXPECT_EQ(groups, expected_);
  }

  [[nodiscard]] std::filesystem::path made() const { return directory_.path() / "made"; }

  std::vector<CommitGroup> expected_;
};

}  // namespace coupond::storage

#endif  // COUPOND_TEST_STORAGE_REPAIR_NEW_STORE_FIXTURE_H_
