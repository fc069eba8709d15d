#include <string>
#include <vector>

#include "storage/repair/log_repair.h"
#include "storage/rocksdb_log/wal_records.h"
#include "storage/store_fixture.h"

/// Repair of each wrong bit of a group, one at a time: it ends, keeps everything before the group,
/// and counts what follows it.
namespace coupond::storage {
namespace {

using test::Outcome;

class RepairMatrix : public test::StoreTest {
 protected:
  static constexpr std::uint64_t kGroups = 6;

  /// Creates a store whose last groups lie in the WAL, with a watermark far behind.
  RepairMatrix() {
    CreateStore(kGroups, 1);
    const std::string wal = test::ReadFile(Wal());
    for (std::size_t at = 0; at < wal.size(); at = ReadFragment(wal, at)->end) {
      begins_.push_back(at);
    }
    EXPECT_EQ(begins_.size(), kGroups);
    begins_.push_back(wal.size());
  }
  [[nodiscard]] std::size_t BeginOf(std::uint64_t group) const { return begins_.at(group - 1); }

  template <typename Check>
  static void ForEachFlippedBit(const std::filesystem::path& file, std::size_t from, std::size_t to,
                                const Check& check) {
    const std::string bytes = test::ReadFile(file);
    for (std::size_t at = from; at < to && !HasFailure(); ++at) {
      for (int bit = 0; bit < 8; ++bit) {
        SCOPED_TRACE("byte " + std::to_string(at) + ", bit " + std::to_string(bit));
        std::string flipped = bytes;
        flipped[at] = static_cast<char>(flipped[at] ^ (1 << bit));
        test::WriteFile(file, flipped);
        check();
      }
    }
    test::WriteFile(file, bytes);
  }

 private:
  std::vector<std::size_t> begins_;
};

TEST_F(RepairMatrix, EveryBitOfAGroupIsReadPast) {
  for (const std::uint64_t group : {std::uint64_t{3}, kGroups}) {
    ForEachFlippedBit(Wal(), BeginOf(group), BeginOf(group + 1), [&] {
      const auto salvage = LogSalvage::Open(path() / "log", SalvageMethod::kPastDamage, {});
      ASSERT_EQ(Outcome(salvage), "ok");
      const LogSurvey survey = (*salvage)->Survey(GroupNumber(1), nullptr);
      EXPECT_EQ(survey.sound.group, GroupNumber(group - 1));
      EXPECT_EQ(survey.behind.groups, kGroups - group);
    });
  }
}

TEST_F(RepairMatrix, EveryBitOfAHeaderIsFoundByEveryWay) {
  for (const std::uint64_t group : {std::uint64_t{3}, kGroups}) {
    ForEachFlippedBit(Wal(), BeginOf(group), BeginOf(group) + kFragmentHeaderBytes, [&] {
      const auto repair = LogRepair::Inspect(path(), nullptr);
      ASSERT_EQ(Outcome(repair), "ok");
      const RepairFindings& findings = (*repair)->findings();
      EXPECT_TRUE(findings.needs_repair());
      EXPECT_EQ(findings.survey.sound.group, GroupNumber(group - 1));
      EXPECT_EQ(findings.survey.behind.groups, kGroups - group);
      // Each of the groups has three coupons, and nothing is known of the last one.
      const std::uint64_t lost = group == kGroups ? 0 : kGroups + 1 - group;
      EXPECT_EQ(findings.known_loss().groups, lost);
      EXPECT_EQ(findings.known_loss().events, 3 * lost);
      EXPECT_EQ(findings.known_loss().coupons, 3 * (kGroups - group));
    });
  }
}

TEST_F(RepairMatrix, EveryBitOfAHeaderInTheListOfFilesCostsNothing) {
  const std::string watermark = test::ReadFile(path() / "WATERMARK");
  static_cast<void>(Open());  // moves the groups into a table
  test::WriteFile(path() / "WATERMARK", watermark);
  std::string name = test::ReadFile(path() / "log" / "CURRENT");
  name.pop_back();  // the end of the line
  const std::filesystem::path list = path() / "log" / name;
  const std::string bytes = test::ReadFile(list);
  for (std::size_t at = 0; at < bytes.size(); at = ReadFragment(bytes, at)->end) {
    ForEachFlippedBit(list, at, at + kFragmentHeaderBytes, [&] {
      const auto repair = LogRepair::Inspect(path(), nullptr);
      ASSERT_EQ(Outcome(repair), "ok");
      EXPECT_TRUE((*repair)->findings().needs_repair());
      EXPECT_EQ((*repair)->findings().survey.sound.group, GroupNumber(kGroups));
      EXPECT_EQ((*repair)->findings().known_loss().groups, 0U);
    });
  }
}

}  // namespace
}  // namespace coupond::storage
