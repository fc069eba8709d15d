#ifndef COUPOND_TEST_STORAGE_REPAIR_LOG_REPAIR_FIXTURE_H_
#define COUPOND_TEST_STORAGE_REPAIR_LOG_REPAIR_FIXTURE_H_

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "storage/repair/log_repair.h"
#include "storage/rocksdb_log/rocksdb_event_log.h"
#include "storage/store_fixture.h"

namespace coupond::storage {

/// A store whose groups are known, in which things go wrong.
class LogRepairTest : public test::StoreTest {
 protected:
  /// The number of groups that lie in a table.
  static constexpr std::uint64_t kInTable = 5;

  /// Replaces the store by a new one, and remembers the hashes of its groups. Groups behind
  /// kInTable lie in the WAL, and are large, so that something is behind any damage.
  void CreateKnownStore(std::uint64_t groups, std::uint64_t acknowledged) {
    std::filesystem::remove_all(path());
    CreateStore(kInTable, kInTable);
    MoveToTable();
    if (acknowledged > kInTable) AppendLarge(acknowledged, true);
    if (groups > acknowledged) AppendLarge(groups, false);
    hashes_.clear();
    const auto log =
        RocksDbEventLog::Open(path() / "log", RocksDbEventLog::Mode::kReadOnly).value();
    ASSERT_EQ(test::Outcome(log->Read(GroupNumber(1),
                                      [this](const CommitGroup&, const GroupHash& hash) -> Status {
                                        hashes_.push_back(hash);
                                        return {};
                                      })),
              "ok");
  }
  void AppendLarge(std::uint64_t groups, bool acknowledged) {
    const auto store = Open();
    EventLog& log = (*store)->log();
    while (log.Tip().group < GroupNumber(groups)) {
      ASSERT_EQ(test::Outcome(log.Append(test::CouponsAfter(log.Tip(), 1'000))), "ok");
    }
    if (acknowledged) {
      (*store)->watermark().Advance({.group = log.Tip().group, .hash = log.Tip().hash});
    }
  }
  [[nodiscard]] const GroupHash& HashOf(std::uint64_t group) const { return hashes_.at(group - 1); }
  /// Returns where a group's record lies in the WAL; it begins with its hash.
  [[nodiscard]] std::size_t PlaceOf(std::uint64_t group) const {
    const GroupHash& hash = HashOf(group);
    const std::size_t place = test::ReadFile(Wal()).find(std::string(hash.begin(), hash.end()));
    EXPECT_NE(place, std::string::npos);
    return place;
  }
  void ChangeWal(const std::function<void(std::string& bytes)>& change) {
    std::string bytes = test::ReadFile(Wal());
    change(bytes);
    test::WriteFile(Wal(), bytes);
  }
  void MoveToTable() {
    static_cast<void>(Open());
    static_cast<void>(Open());
    ASSERT_FALSE(LogFiles(".sst").empty());
  }

  Result<std::unique_ptr<LogRepair>> Inspect() { return LogRepair::Inspect(path(), nullptr); }
  /// Repairs the store if necessary, and returns how much of it was sound, "ok with 5 groups", or
  /// the error.
  std::string Repair() {
    const auto repair = Inspect();
    if (!repair) return test::Outcome(repair);
    if ((*repair)->findings().needs_repair()) {
      const auto repaired = (*repair)->AcceptLoss(entropy_, clock_, nullptr, nullptr);
      if (!repaired) return test::Outcome(repaired);
      removed_ = repaired->removed;
    }
    return "ok with " + std::to_string((*repair)->findings().survey.sound.group.value()) +
           " groups";
  }
  /// Expects the store to have these groups as they were, and nothing else but the groups with
  /// which so many repairs continued it.
  void ExpectFirstGroups(std::uint64_t groups, std::uint64_t repairs = 1) {
    const auto store = Open();
    ASSERT_EQ(test::Outcome(store), "ok");
    std::vector<GroupHash> hashes;
    std::uint64_t restored = 0;
    ASSERT_EQ(test::Outcome((*store)->log().Read(
                  GroupNumber(1),
                  [&](const CommitGroup& group, const GroupHash& hash) -> Status {
                    if (group.number <= GroupNumber(groups)) {
                      hashes.push_back(hash);
                    } else {
                      EXPECT_EQ(group.events.size(), 1U);
                      EXPECT_TRUE(std::holds_alternative<StoreRestored>(group.events.front()));
                      ++restored;
                    }
                    return {};
                  })),
              "ok");
    EXPECT_EQ(hashes,
              std::vector(hashes_.begin(), hashes_.begin() + static_cast<std::ptrdiff_t>(groups)));
    EXPECT_EQ(restored, repairs);
  }
  /// Returns the bytes of the log's files in `directory`, by name.
  static std::map<std::string, std::string> LogBytes(const std::filesystem::path& directory) {
    std::map<std::string, std::string> bytes;
    for (const auto& entry : std::filesystem::directory_iterator(directory / "log")) {
      bytes[entry.path().filename()] = test::ReadFile(entry.path());
    }
    return bytes;
  }
  [[nodiscard]] std::filesystem::path Manifest() const {
    for (const auto& entry : std::filesystem::directory_iterator(path() / "log")) {
      if (entry.path().filename().string().starts_with("MANIFEST")) return entry.path();
    }
    return {};
  }

  std::vector<GroupHash> hashes_;
  std::filesystem::path removed_;
};

}  // namespace coupond::storage

#endif  // COUPOND_TEST_STORAGE_REPAIR_LOG_REPAIR_FIXTURE_H_
