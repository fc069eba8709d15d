#include <rocksdb/db.h>

#include <atomic>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/big_endian.h"
#include "faults/faulty_files.h"
#include "storage/files/rocksdb_options.h"
#include "storage/repair/log_repair.h"
#include "storage/repair/log_salvage.h"
#include "storage/rocksdb_log/stored_log.h"
#include "storage/rocksdb_log/wal_records.h"
#include "storage/store_fixture.h"

/// Every damage of a kind to the log's files, one at a time. Each leads to a start with everything
/// that was acknowledged, or to a refusal by name that leaves the directory unchanged byte for
/// byte.
namespace coupond::storage {
namespace {

using test::Outcome;

class WalDamageMatrix : public test::StoreTest {
 protected:
  using Files = std::map<std::filesystem::path, std::string>;

  void TearDown() override {
    std::printf("injected %d faults;", damages_);
    for (const auto& [outcome, count] : outcomes_) std::printf(" %s %d", outcome.c_str(), count);
    std::printf("\n");
  }

  /// Remembers the store as it is now, with everything up to `acknowledged` acknowledged.
  void Keep(std::uint64_t acknowledged) {
    acknowledged_ = acknowledged;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path())) {
      if (entry.is_regular_file()) kept_[entry.path()] = test::ReadFile(entry.path());
    }
  }
  [[nodiscard]] const std::string& Kept(const std::filesystem::path& file) const {
    return kept_.at(file);
  }
  [[nodiscard]] std::vector<std::filesystem::path> KeptLogFiles() const {
    std::vector<std::filesystem::path> files;
    for (const auto& [file, bytes] : kept_) {
      // The lock is empty, and no program reads README.
      if (file.parent_path() != path() / "log") continue;
      if (file.filename() != "LOCK" && file.filename() != "README") files.push_back(file);
    }
    return files;
  }

  /// Opens and reads the store with some of its files changed (nullopt: deleted), and restores it.
  void Expect(const std::map<std::filesystem::path, std::optional<std::string>>& changed) {
    for (const auto& [file, bytes] : changed) {
      if (bytes) {
        test::WriteFile(file, *bytes);
      } else {
        std::filesystem::remove(file);
      }
    }
    const auto before = Contents();
    const auto [opened, outcome] = OpenAndRead();
    ++damages_;
    ++outcomes_[outcome];
    if (!opened) {
      EXPECT_EQ(Contents(), before) << outcome;
      for (const auto& [file, bytes] : changed) test::WriteFile(file, kept_.at(file));
    } else {
      std::filesystem::remove_all(path());
      for (const auto& [file, bytes] : kept_) {
        std::filesystem::create_directories(file.parent_path());
        test::WriteFile(file, bytes);
      }
    }
  }

  /// Flips each bit of these bytes of a file, one after the other.
  void ExpectOfFlippedBits(const std::filesystem::path& file, std::size_t from, std::size_t to) {
    for (std::size_t at = from; at < to; ++at) {
      for (int bit = 0; bit < 8; ++bit) {
        SCOPED_TRACE("byte " + std::to_string(at) + ", bit " + std::to_string(bit));
        std::string flipped = Kept(file);
        flipped[at] = static_cast<char>(flipped[at] ^ (1 << bit));
        Expect({{file, flipped}});
      }
    }
  }

  [[nodiscard]] std::string CurrentList() const {
    std::string name = test::ReadFile(path() / "log" / "CURRENT");
    name.pop_back();  // the end of the line
    return name;
  }
  /// Returns where each record begins in the first block of a WAL or of the list, and where the
  /// last one ends.
  static std::vector<std::size_t> RecordBounds(const std::string& wal) {
    std::vector<std::size_t> bounds{0};
    while (bounds.back() + 7 <= wal.size()) {
      const std::size_t at = bounds.back();
      const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(wal[at + i]); };
      bounds.push_back(at + 7 + byte(4) + 256U * byte(5));
    }
    return bounds;
  }

 private:
  std::pair<bool, std::string> OpenAndRead() {
    test::FaultyFiles files(directory_.path());  // no fault, and no slow syncs
    const auto store = Store::Open(path(), entropy_, clock_, files.env());
    if (!store) {
      EXPECT_NE(store.error().code, ErrorCode::kIo) << store.error().message;
      return {false, Outcome(store)};
    }
    const Status read = (*store)->log().Read(
        GroupNumber(1), [](const CommitGroup&, const GroupHash&) -> Status { return {}; });
    if (!read) return {true, "found by reading: " + Outcome(read)};
    EXPECT_GE((*store)->log().Tip().group, GroupNumber(acknowledged_));
    return {true, "everything acknowledged is there"};
  }

  Files kept_;
  std::uint64_t acknowledged_ = 0;
  int damages_ = 0;
  std::map<std::string, int> outcomes_;
};

TEST_F(WalDamageMatrix, CutAtEveryByteOfTheLastTwoGroups) {
  for (const std::uint64_t acknowledged : {6, 5, 4}) {
    SCOPED_TRACE("acknowledged " + std::to_string(acknowledged));
    std::filesystem::remove_all(path());
    CreateStore(6, acknowledged);
    Keep(acknowledged);
    const std::filesystem::path file = Wal();
    const std::string wal = Kept(file);
    const std::vector<std::size_t> bounds = RecordBounds(wal);
    for (std::size_t size = bounds.at(bounds.size() - 3); size < wal.size(); ++size) {
      Expect({{file, wal.substr(0, size)}});
    }
  }
}

/// A flipped bit is never taken for the end of the log, even where no watermark would show it.
TEST_F(WalDamageMatrix, EveryBitOfAGroupFlipped) {
  constexpr std::uint64_t kGroups = 6;
  for (const std::uint64_t watermark : {kGroups, std::uint64_t{1}}) {
    for (const std::size_t from_end : {4, 2}) {
      SCOPED_TRACE(std::string(from_end == 2 ? "the last group" : "a group in the middle") +
                   ", the watermark at " + std::to_string(watermark));
      std::filesystem::remove_all(path());
      CreateStore(kGroups, watermark);
      Keep(kGroups);
      const std::vector<std::size_t> bounds = RecordBounds(Kept(Wal()));
      ExpectOfFlippedBits(Wal(), bounds.at(bounds.size() - from_end),
                          bounds.at(bounds.size() - from_end + 1));
    }
  }
}

/// A record without the text that it once had is as safe as others, and so are the events that say
/// so.
TEST_F(WalDamageMatrix, EveryBitOfAnErasureFlipped) {
  constexpr std::uint64_t kGroups = 5;
  CreateStore(kGroups - 2, kGroups - 2);
  {
    const auto store = Open();
    const Serial erased(2);
    (*store)->texts().Hide({&erased, 1});
    const TextPlaces places{
        .erasure = {}, .groups = {GroupNumber(2)}, .campaigns = {CampaignNumber(1)}};
    const std::atomic<bool> stop = false;
    const auto purged = (*store)->texts().Purge(places, stop);
    ASSERT_TRUE(purged && *purged) << (purged ? "files are read" : purged.error().message);
    EventLog& log = (*store)->log();
    CommitGroup group = test::CouponsAfter(log.Tip());
    group.events = {UserErased{.campaign = CampaignNumber(1), .serials = {erased}}};
    ASSERT_EQ(Outcome(log.Append(group)), "ok");
    group = test::CouponsAfter(log.Tip());
    group.events = {ErasureFinished{.erasure = log.Tip().sequence}};
    ASSERT_EQ(Outcome(log.Append(group)), "ok");
    (*store)->watermark().Advance({.group = log.Tip().group, .hash = log.Tip().hash});
    ASSERT_EQ(Outcome((*store)->watermark().Stop()), "ok");
  }
  Keep(kGroups);
  const std::vector<std::size_t> bounds = RecordBounds(Kept(Wal()));
  ASSERT_EQ(bounds.size(), 3U);
  ExpectOfFlippedBits(Wal(), 0, bounds.back());
  for (const std::filesystem::path& table : LogFiles(".sst")) {
    for (std::size_t at = 0; at < Kept(table).size(); at += 3) {
      SCOPED_TRACE(table.filename().string() + ", byte " + std::to_string(at));
      std::string flipped = Kept(table);
      flipped[at] = static_cast<char>(flipped[at] ^ (1 << (at % 8)));
      Expect({{table, flipped}});
    }
  }
}

TEST_F(WalDamageMatrix, EveryBitOfAHeaderInTheListOfFilesFlipped) {
  CreateStore(6, 1);
  const std::string watermark = test::ReadFile(path() / "WATERMARK");
  static_cast<void>(Open());  // moves the groups into a table
  test::WriteFile(path() / "WATERMARK", watermark);
  Keep(6);
  const std::filesystem::path list = path() / "log" / CurrentList();
  std::vector<std::size_t> bounds = RecordBounds(Kept(list));
  ASSERT_GE(bounds.size(), 4U);
  bounds.pop_back();
  for (const std::size_t at : bounds) ExpectOfFlippedBits(list, at, at + kFragmentHeaderBytes);
}

TEST_F(WalDamageMatrix, ZeroedBlocks) {
  constexpr std::uint64_t kGroups = 40;
  {
    const auto store = Open();
    EventLog& log = (*store)->log();
    ASSERT_EQ(Outcome(test::AppendUpTo(log, 1)), "ok");
    while (log.Tip().group < GroupNumber(kGroups)) {
      ASSERT_EQ(Outcome(log.Append(test::CouponsAfter(log.Tip(), 400))), "ok");
    }
    (*store)->watermark().Advance({.group = log.Tip().group, .hash = log.Tip().hash});
  }
  Keep(kGroups);
  const std::filesystem::path file = Wal();
  const std::string wal = Kept(file);
  ASSERT_GT(wal.size(), 3 * 32'768U);
  const test::SweepSteps steps = test::SweepSteps::Choose();
  for (const std::size_t block : {512, 4'096, 32'768}) {
    for (std::uint64_t nth = 1; (nth - 1) * block < wal.size(); nth = steps.After(nth)) {
      const std::size_t at = (nth - 1) * block;
      std::string zeroed = wal;
      const std::size_t size = std::min(block, wal.size() - at);
      zeroed.replace(at, size, size, '\0');
      Expect({{file, zeroed}});
    }
  }
}

/// A log with two tables and two WALs, as a crash during a flush leaves it.
class LogFilesMatrix : public WalDamageMatrix {
 protected:
  static constexpr std::uint64_t kGroups = 8;

  LogFilesMatrix() {
    CreateStore(2, 2);
    AppendToStore(4);  // moves the earlier groups into a table
    static_cast<void>(Open());
    const std::filesystem::path shorter = directory_.path() / "shorter";
    std::filesystem::copy(path(), shorter, std::filesystem::copy_options::recursive);
    AppendToStore(kGroups);
    const std::map<std::string, std::string> records = Records();
    std::filesystem::rename(path() / "WATERMARK", shorter / "WATERMARK");
    std::filesystem::remove_all(path() / "log");
    CrashDuringAFlush(shorter / "log", records);
    std::filesystem::rename(shorter / "WATERMARK", path() / "WATERMARK");
    std::filesystem::remove_all(shorter);
    Keep(kGroups);
  }

 private:
  static std::string Key(std::uint64_t group) {
    std::string key;
    AppendBigEndian(key, group);
    return key;
  }
  [[nodiscard]] std::map<std::string, std::string> Records() const {
    rocksdb::DB* opened = nullptr;
    EXPECT_TRUE(rocksdb::DB::OpenForReadOnly(LogOptions(nullptr), path() / "log", &opened).ok());
    const std::unique_ptr<rocksdb::DB> db(opened);
    std::map<std::string, std::string> records;
    for (std::uint64_t group = 1; group <= kGroups; ++group) {
      EXPECT_TRUE(db->Get(rocksdb::ReadOptions(), Key(group), &records[Key(group)]).ok());
    }
    return records;
  }
  /// Puts the last groups into two WALs before the flush of the first is done, and copies the
  /// files.
  void CrashDuringAFlush(const std::filesystem::path& log,
                         const std::map<std::string, std::string>& records) const {
    rocksdb::DB* opened = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(LogOptions(nullptr), log, &opened).ok());
    const std::unique_ptr<rocksdb::DB> db(opened);
    ASSERT_TRUE(db->PauseBackgroundWork().ok());
    for (std::uint64_t group = 5; group <= kGroups; ++group) {
      ASSERT_TRUE(db->Put(LogWriteOptions(), Key(group), records.at(Key(group))).ok());
      rocksdb::FlushOptions later;
      later.wait = false;
      if (group == 6) {
        ASSERT_TRUE(db->Flush(later).ok());
      }
    }
    std::filesystem::copy(log, path() / "log", std::filesystem::copy_options::recursive);
    ASSERT_TRUE(db->ContinueBackgroundWork().ok());
  }
};

TEST_F(LogFilesMatrix, IsWhatItSays) {
  EXPECT_GE(LogFiles(".sst").size(), 2U);
  EXPECT_GE(LogFiles(".log").size(), 2U);
  EXPECT_EQ(Reopen(), "ok with 8 groups");
}

TEST_F(LogFilesMatrix, ExchangedWalsEndNoReader) {
  const std::vector<std::filesystem::path> wals = LogFiles(".log");
  test::WriteFile(wals.at(0), Kept(wals.at(1)));
  test::WriteFile(wals.at(1), Kept(wals.at(0)));
  EXPECT_EQ(Outcome(StoredLog::Open(path() / "log")), "log_damaged");
  // Repair may find an intact beginning in other ways, or none: what counts is that it ends.
  EXPECT_EQ(Outcome(LogSalvage::Open(path() / "log", SalvageMethod::kAsUsual, {})), "log_damaged");
  static_cast<void>(LogRepair::Inspect(path(), nullptr));
}

TEST_F(LogFilesMatrix, EachFileDeleted) {
  for (const std::filesystem::path& file : KeptLogFiles()) {
    SCOPED_TRACE(file.filename());
    Expect({{file, std::nullopt}});
  }
}

TEST_F(LogFilesMatrix, EachFileCutToNothingOrInHalf) {
  for (const std::filesystem::path& file : KeptLogFiles()) {
    SCOPED_TRACE(file.filename());
    Expect({{file, ""}});
    Expect({{file, Kept(file).substr(0, Kept(file).size() / 2)}});
  }
}

TEST_F(LogFilesMatrix, EachTwoFilesSwapped) {
  const std::vector<std::filesystem::path> files = KeptLogFiles();
  for (std::size_t one = 0; one < files.size(); ++one) {
    for (std::size_t other = one + 1; other < files.size(); ++other) {
      SCOPED_TRACE(files[one].filename().string() + " and " + files[other].filename().string());
      Expect({{files[one], Kept(files[other])}, {files[other], Kept(files[one])}});
    }
  }
}

TEST_F(LogFilesMatrix, EachFileWithZeroedBlocks) {
  for (const std::filesystem::path& file : KeptLogFiles()) {
    SCOPED_TRACE(file.filename());
    // Long, and only for people.
    if (file.filename().string().starts_with("OPTIONS-")) continue;
    for (const std::size_t block : {64, 512, 4'096}) {
      for (std::size_t at = 0; at < Kept(file).size(); at += block) {
        std::string zeroed = Kept(file);
        const std::size_t size = std::min(block, zeroed.size() - at);
        zeroed.replace(at, size, size, '\0');
        Expect({{file, zeroed}});
      }
    }
  }
}

TEST_F(LogFilesMatrix, EachFileWithFlippedBits) {
  for (const std::filesystem::path& file : KeptLogFiles()) {
    SCOPED_TRACE(file.filename());
    // Long, and only for people.
    if (file.filename().string().starts_with("OPTIONS-")) continue;
    for (std::size_t at = 0; at < Kept(file).size(); at += 3) {
      std::string flipped = Kept(file);
      flipped[at] = static_cast<char>(flipped[at] ^ (1 << (at % 8)));
      Expect({{file, flipped}});
    }
  }
}

}  // namespace
}  // namespace coupond::storage
