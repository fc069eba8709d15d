#include "storage/repair/log_repair.h"

#include <rocksdb/db.h>

#include <functional>
#include <optional>

#include "storage/files/rocksdb_options.h"
#include "storage/store_fixture.h"

/// What repair reports and does for each kind of damage: exactly the sound beginning remains, and
/// everything that is removed is kept aside.
namespace coupond::storage {
namespace {

using test::Outcome;
using test::StoreTest;
using testing::HasSubstr;

class LogRepairTest : public StoreTest {
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
    ASSERT_EQ(Outcome(log->Read(GroupNumber(1),
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
      ASSERT_EQ(Outcome(log.Append(test::CouponsAfter(log.Tip(), 1'000))), "ok");
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
  /// Repairs the store if necessary, and returns "ok with 5 groups" or the error.
  std::string Repair() {
    const auto repair = Inspect();
    if (!repair) return Outcome(repair);
    if ((*repair)->findings().needs_repair()) {
      const auto removed = (*repair)->AcceptLoss(clock_, nullptr, nullptr);
      if (!removed) return Outcome(removed);
      removed_ = *removed;
    }
    return "ok with " + std::to_string((*repair)->findings().survey.sound.group.value()) +
           " groups";
  }
  /// Expects the store to have these groups as they were, and nothing else.
  void ExpectFirstGroups(std::uint64_t groups) {
    const auto store = Open();
    ASSERT_EQ(Outcome(store), "ok");
    std::vector<GroupHash> hashes;
    ASSERT_EQ(Outcome((*store)->log().Read(
                  GroupNumber(1),
                  [&hashes](const CommitGroup&, const GroupHash& hash) -> Status {
                    hashes.push_back(hash);
                    return {};
                  })),
              "ok");
    EXPECT_EQ(hashes,
              std::vector(hashes_.begin(), hashes_.begin() + static_cast<std::ptrdiff_t>(groups)));
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

TEST_F(LogRepairTest, ASoundStoreIsLeftAsItIs) {
  CreateKnownStore(9, 9);
  const auto before = Contents();
  {
    const auto repair = Inspect();
    ASSERT_EQ(Outcome(repair), "ok");
    EXPECT_FALSE((*repair)->findings().needs_repair());
    EXPECT_EQ((*repair)->findings().survey.sound.group, GroupNumber(9));
  }
  EXPECT_EQ(Contents(), before);
}

TEST_F(LogRepairTest, AnUnacknowledgedTornTailNeedsNoRepair) {
  CreateKnownStore(9, 8);
  test::CutOff(Wal(), 10);
  EXPECT_FALSE((*Inspect())->findings().needs_repair());
}

TEST_F(LogRepairTest, TheRestOfATornAcknowledgedGroupIsKept) {
  CreateKnownStore(9, 9);
  const std::string wal = test::ReadFile(Wal());
  const std::filesystem::path name = Wal().filename();
  const std::size_t end = PlaceOf(9) + 500;
  std::filesystem::resize_file(Wal(), end);
  EXPECT_EQ((*Inspect())->findings().known_loss().groups, 1U);
  EXPECT_EQ(Repair(), "ok with 8 groups");
  ExpectFirstGroups(8);
  std::vector<std::string> kept;
  for (const auto& entry : std::filesystem::directory_iterator(removed_ / "left-out")) {
    EXPECT_THAT(entry.path().filename(), testing::StartsWith(name.string() + "-from-"));
    kept.push_back(test::ReadFile(entry.path()));
  }
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_GT(kept[0].size(), 500U);
  EXPECT_TRUE(wal.substr(0, end).ends_with(kept[0]));
}

TEST_F(LogRepairTest, ExactlyTheSoundBeginningIsKept) {
  constexpr std::uint64_t kGroups = 40;
  const auto zero = [](std::string& bytes, std::size_t place, std::size_t size) {
    bytes.replace(place, size, size, '\0');
  };
  const struct {
    const char* name;
    std::function<void()> damage;
    std::uint64_t kept;
    bool more_behind;  ///< whole groups can be read behind the damage
  } cases[] = {
      {"a flipped bit in the last group",
       [&] { ChangeWal([&](auto& wal) { wal[PlaceOf(kGroups)] ^= 1; }); }, kGroups - 1, false},
      {"a flipped bit in the middle",
       [&] { ChangeWal([&](auto& wal) { wal[PlaceOf(20) + 40] ^= 1; }); }, 19, true},
      {"a zeroed block of 4 KiB",
       [&] { ChangeWal([&](auto& wal) { zero(wal, PlaceOf(15), 4'096); }); }, 14, true},
      {"a zeroed block of 32 KiB",
       [&] { ChangeWal([&](auto& wal) { zero(wal, PlaceOf(15), 32'768); }); }, 14, true},
      {"a WAL cut within a group", [&] { std::filesystem::resize_file(Wal(), PlaceOf(30) + 5); },
       29, false},
      {"a WAL cut to nothing", [&] { std::filesystem::resize_file(Wal(), 0); }, kInTable, false},
      {"a deleted WAL", [&] { std::filesystem::remove(Wal()); }, kInTable, false},
      {"a damaged list of files",
       [&] {
         MoveToTable();
         test::FlipBit(Manifest(), 40);
       },
       kGroups, false},
      {"a list of files that is gone", [&] { std::filesystem::remove(Manifest()); }, kGroups,
       false},
  };
  for (const auto& damaged : cases) {
    SCOPED_TRACE(damaged.name);
    CreateKnownStore(kGroups, kGroups);
    damaged.damage();
    const auto bytes = LogBytes(path());
    const auto contents = Contents();
    {
      const auto repair = Inspect();
      ASSERT_EQ(Outcome(repair), "ok");
      const RepairFindings& findings = (*repair)->findings();
      EXPECT_TRUE(findings.needs_repair());
      EXPECT_EQ(findings.survey.sound.group.value(), damaged.kept);
      EXPECT_EQ(findings.survey.sound.hash, HashOf(damaged.kept));
      EXPECT_EQ(findings.acknowledged_lost(), kGroups - damaged.kept);
      EXPECT_EQ(findings.survey.behind.groups > 0, damaged.more_behind);
      EXPECT_EQ(findings.survey.behind.last.value(), damaged.more_behind ? kGroups : 0);
    }
    EXPECT_EQ(Contents(), contents) << "looking changed something";
    EXPECT_NE(Reopen(), "ok with " + std::to_string(damaged.kept) + " groups");

    EXPECT_EQ(Repair(), "ok with " + std::to_string(damaged.kept) + " groups");
    // A log that is sound but too short stays where it is.
    const bool stays = !std::filesystem::exists(removed_ / "log");
    EXPECT_TRUE(LogBytes(stays ? path() : removed_) == bytes);
    ExpectFirstGroups(damaged.kept);
    EXPECT_EQ(Repair(), "ok with " + std::to_string(damaged.kept) + " groups");
    EXPECT_FALSE(std::filesystem::exists(path() / "repair-scratch"));
    EXPECT_TRUE(std::filesystem::exists(removed_ / "FORMAT"));
    EXPECT_THAT(test::ReadFile(removed_ / "WATERMARK"),
                HasSubstr("group: " + std::to_string(kGroups)));
  }
}

TEST_F(LogRepairTest, DamagedTablesAreCutWhereTheDamageBegins) {
  constexpr std::uint64_t kGroups = 60;
  CreateKnownStore(kGroups, kGroups);
  MoveToTable();
  const std::filesystem::path table = LogFiles(".sst").back();
  const auto size = static_cast<std::int64_t>(std::filesystem::file_size(table));
  test::FlipBit(table, size / 2);
  const auto bytes = LogBytes(path());
  const auto repair = Inspect();
  ASSERT_EQ(Outcome(repair), "ok");
  const LogSurvey survey = (*repair)->findings().survey;
  EXPECT_GT(survey.sound.group.value(), 1U);
  EXPECT_LT(survey.sound.group.value(), kGroups);
  EXPECT_EQ(survey.sound.hash, HashOf(survey.sound.group.value()));
  EXPECT_GT(survey.behind.groups, 0U) << "the blocks behind the damaged one can be read";
  EXPECT_EQ(survey.behind.last, GroupNumber(kGroups));
  ASSERT_EQ(Outcome((*repair)->AcceptLoss(clock_, nullptr, nullptr)), "ok");
}

TEST_F(LogRepairTest, ADeletedTableCostsAllThatFollows) {
  CreateKnownStore(20, 20);
  MoveToTable();
  ASSERT_EQ(LogFiles(".sst").size(), 2U);
  std::filesystem::remove(LogFiles(".sst").back());
  EXPECT_EQ(Reopen(), "log_damaged");
  EXPECT_EQ(Repair(), "ok with " + std::to_string(kInTable) + " groups");
  ExpectFirstGroups(kInTable);
}

TEST_F(LogRepairTest, WithoutASoundFirstGroupNothingIsChanged) {
  CreateKnownStore(9, 9);
  MoveToTable();
  for (const auto& table : LogFiles(".sst")) std::filesystem::remove(table);
  const auto before = Contents();
  const auto repair = Inspect();
  ASSERT_FALSE(repair);
  EXPECT_THAT(repair.error().message, HasSubstr("restore the whole directory from a backup"));
  EXPECT_EQ(Contents(), before);
}

TEST_F(LogRepairTest, AMissingWatermarkIsRewrittenForTheLogAsItIs) {
  for (const bool missing : {true, false}) {
    CreateKnownStore(9, 9);
    if (missing) {
      std::filesystem::remove(path() / "WATERMARK");
    } else {
      test::FlipBit(path() / "WATERMARK", 30);
    }
    const std::string damaged = test::ReadFile(path() / "WATERMARK");
    const auto bytes = LogBytes(path());
    EXPECT_EQ(Repair(), "ok with 9 groups");
    EXPECT_EQ(LogBytes(path()), bytes);
    EXPECT_EQ(test::ReadFile(removed_ / "WATERMARK"), damaged);
    ExpectFirstGroups(9);
  }
}

TEST_F(LogRepairTest, ViewsAheadOfTheLogShowWhatIsLost) {
  CreateKnownStore(kInTable, kInTable);
  {
    const auto store = Open();
    ASSERT_EQ(Outcome(test::AppendUpTo((*store)->log(), 9)), "ok");
    WriteViews(**store);
  }
  std::filesystem::remove(Wal());
  EXPECT_EQ(Reopen(), "log_behind_watermark");
  EXPECT_EQ((*Inspect())->findings().views_group, GroupNumber(9));
  EXPECT_EQ((*Inspect())->findings().acknowledged_lost(), 9 - kInTable);
  EXPECT_EQ(Repair(), "ok with " + std::to_string(kInTable) + " groups");
  EXPECT_TRUE(std::filesystem::exists(removed_ / "views"));
  ExpectFirstGroups(kInTable);
}

TEST_F(LogRepairTest, AnotherStoresFilesAreLeftAlone) {
  EXPECT_EQ(Outcome(Inspect()), "not_a_data_directory");
  EXPECT_FALSE(std::filesystem::exists(path()));

  CreateKnownStore(9, 9);
  const std::string watermark = test::ReadFile(path() / "WATERMARK");
  {
    const auto running = Open();
    EXPECT_EQ(Outcome(Inspect()), "data_directory_in_use");
  }
  ASSERT_EQ(
      Outcome(WriteWatermark(path() / "WATERMARK", {.group = GroupNumber(5), .hash = HashOf(6)})),
      "ok");
  EXPECT_EQ(Outcome(Inspect()), "log_chain_broken");
  test::WriteFile(path() / "WATERMARK", watermark);
  const StoreFormat other{.state = StoreFormat::State::kComplete, .store_id = {}};
  ASSERT_EQ(Outcome(WriteStoreFormat(path() / "FORMAT", other)), "ok");
  EXPECT_EQ(Outcome(Inspect()), "log_damaged");
  std::filesystem::remove(path() / "FORMAT");
  EXPECT_EQ(Outcome(Inspect()), "not_a_data_directory");
}

TEST_F(LogRepairTest, AnInterruptedRepairCanBeFinished) {
  constexpr std::uint64_t kGroups = 20;
  constexpr std::uint64_t kKept = 11;
  for (const RepairStep last :
       {RepairStep::kCopyLog, RepairStep::kVerifyCopy, RepairStep::kKeepOld, RepairStep::kSwapLog,
        RepairStep::kRemoveViews, RepairStep::kWriteWatermark}) {
    SCOPED_TRACE(static_cast<int>(last));
    CreateKnownStore(kGroups, kGroups);
    ChangeWal([&](auto& wal) { wal[PlaceOf(kKept + 1) + 40] ^= 1; });
    const auto bytes = LogBytes(path());
    const std::string refused = Reopen();
    std::vector<RepairStep> seen;
    {
      const auto repair = Inspect();
      ASSERT_EQ(Outcome(repair), "ok");
      const auto ended = (*repair)->AcceptLoss(clock_, nullptr, [&](RepairStep step) {
        seen.push_back(step);
        return step != last;
      });
      EXPECT_EQ(Outcome(ended), "unavailable");
      // Leaves it as a crash does, without cleaning up.
      std::filesystem::copy(path(), directory_.path() / "crashed",
                            std::filesystem::copy_options::recursive);
    }
    EXPECT_EQ(seen.back(), last);
    std::filesystem::remove_all(path());
    std::filesystem::rename(directory_.path() / "crashed", path());

    const std::string now = Reopen();
    EXPECT_TRUE(now == refused || now == "log_behind_watermark") << now;
    // All of the damaged log is still somewhere.
    bool kept = LogBytes(path()) == bytes;
    for (const auto& entry : std::filesystem::directory_iterator(path())) {
      if (std::filesystem::exists(entry.path() / "log")) kept |= LogBytes(entry.path()) == bytes;
    }
    EXPECT_TRUE(kept);
    EXPECT_EQ(Repair(), "ok with " + std::to_string(kKept) + " groups");
    ExpectFirstGroups(kKept);
    EXPECT_FALSE(std::filesystem::exists(path() / "repair-scratch"));
  }
}

}  // namespace
}  // namespace coupond::storage
