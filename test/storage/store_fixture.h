#ifndef COUPOND_TEST_STORAGE_STORE_FIXTURE_H_
#define COUPOND_TEST_STORAGE_STORE_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "storage/format/commit_record.h"
#include "storage/groups.h"
#include "storage/store.h"
#include "support/builders.h"
#include "support/temporary_directory.h"

namespace coupond::test {

/// Counts up instead of being random, so that bytes can be compared.
class CountingEntropy final : public Entropy {
 public:
  [[nodiscard]] std::array<std::uint8_t, 16> Random16() override {
    std::array<std::uint8_t, 16> bytes{};
    for (std::uint8_t& byte : bytes) byte = next_++;
    return bytes;
  }

 private:
  std::uint8_t next_ = 0x10;
};

inline std::string ReadFile(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}
inline void WriteFile(const std::filesystem::path& file, const std::string& contents) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << contents;
}
/// Changes one bit. A negative offset counts from the end.
inline void FlipBit(const std::filesystem::path& file, std::int64_t offset) {
  std::string contents = ReadFile(file);
  const auto size = static_cast<std::int64_t>(contents.size());
  contents.at(static_cast<std::size_t>(offset < 0 ? size + offset : offset)) ^= 0x10;
  WriteFile(file, contents);
}
inline void CutOff(const std::filesystem::path& file, std::uintmax_t bytes) {
  std::filesystem::resize_file(file, std::filesystem::file_size(file) - bytes);
}

/// A data directory in a temporary place, and what may happen to it.
class StoreTest : public testing::Test {
 protected:
  Result<std::unique_ptr<storage::Store>> Open() {
    return storage::Store::Open(path(), entropy_, clock_);
  }
  /// Opens the store, and returns the name of the error or "ok with 12 groups".
  std::string Reopen() {
    const auto store = Open();
    if (!store) return Outcome(store);
    return "ok with " + std::to_string((*store)->log().Tip().group.value()) + " groups";
  }
  /// Creates a store with that many groups and the watermark at `acknowledged`, and closes it. All
  /// groups from the second on lie in the WAL.
  void CreateStore(std::uint64_t groups, std::uint64_t acknowledged) {
    const auto store = Open();
    ASSERT_EQ(Outcome(store), "ok");
    EventLog& log = (*store)->log();
    ASSERT_EQ(Outcome(AppendUpTo(log, acknowledged)), "ok");
    if (acknowledged > 1) {
      (*store)->watermark().Advance({.group = log.Tip().group, .hash = log.Tip().hash});
    }
    ASSERT_EQ(Outcome((*store)->watermark().Stop()), "ok");
    ASSERT_EQ(Outcome(AppendUpTo(log, groups)), "ok");
  }
  void AppendToStore(std::uint64_t groups) {
    const auto store = Open();
    ASSERT_EQ(Outcome(AppendUpTo((*store)->log(), groups)), "ok");
    (*store)->watermark().Advance(
        {.group = (*store)->log().Tip().group, .hash = (*store)->log().Tip().hash});
  }

  /// Writes views that have seen the log up to its tip.
  static Checkpoint WriteViews(storage::Store& store) {
    ViewChanges changes;
    changes.checkpoint = {.tip = store.log().Tip(),
                          .store_id = store.identity().store_id,
                          .code_key = store.identity().code_key,
                          .next_campaign_number = CampaignNumber(1),
                          .next_serial = Serial(1)};
    EXPECT_EQ(Outcome(store.views().Write(changes)), "ok");
    EXPECT_EQ(Outcome(store.views().Flush()), "ok");
    return changes.checkpoint;
  }
  /// Returns the hash of every file's bytes, except those of LOCK, which names the last process.
  [[nodiscard]] std::map<std::string, std::string> Contents() const {
    std::map<std::string, std::string> contents;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path())) {
      if (entry.is_regular_file() && entry.path() != path() / "LOCK") {
        contents[entry.path()] =
            storage::FormatHash(storage::ChainHash({}, ReadFile(entry.path())));
      }
    }
    return contents;
  }

  [[nodiscard]] std::filesystem::path path() const { return directory_.path() / "data"; }
  [[nodiscard]] std::vector<std::filesystem::path> LogFiles(const std::string& extension) const {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(path() / "log")) {
      if (entry.path().extension() == extension) files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
  }
  /// Returns the WAL file that is being written.
  [[nodiscard]] std::filesystem::path Wal() const { return LogFiles(".log").back(); }

  TemporaryDirectory directory_;
  CountingEntropy entropy_;
  FakeClock clock_{At(0)};
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_STORAGE_STORE_FIXTURE_H_
