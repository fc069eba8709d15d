#ifndef COUPOND_TEST_STORAGE_UPGRADE_FIXTURE_H_
#define COUPOND_TEST_STORAGE_UPGRADE_FIXTURE_H_

#include <gtest/gtest.h>

#include <filesystem>
#include <variant>
#include <vector>

#include "storage/format1_store.h"
#include "storage/rocksdb_log/stored_log.h"
#include "storage/store_fixture.h"
#include "storage/upgrade/store_upgrade.h"

namespace coupond::storage {

/// A store of format 1 in path(), and the place for the new one in made().
class UpgradeFixture : public test::StoreTest {
 protected:
  UpgradeFixture() : old_(path()) {}

  Result<UpgradedStore> Upgrade() { return UpgradeStore(path(), made(), nullptr); }
  [[nodiscard]] std::filesystem::path made() const { return directory_.path() / "made"; }
  static std::vector<CommitGroup> GroupsIn(const std::filesystem::path& data) {
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
  /// Returns the groups of the old store as this version has them.
  [[nodiscard]] std::vector<CommitGroup> Expected() const {
    std::vector<CommitGroup> groups = old_.groups();
    std::get<StoreCreated>(groups.front().events.front()).format_version = 2;
    return groups;
  }

  test::Format1Store old_;
};

}  // namespace coupond::storage

#endif  // COUPOND_TEST_STORAGE_UPGRADE_FIXTURE_H_
