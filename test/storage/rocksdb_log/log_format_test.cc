#include <rocksdb/db.h>

#include <sstream>

#include "base/hex.h"
#include "storage/files/rocksdb_options.h"
#include "storage/store_fixture.h"

/// The bytes on disk, which must not change without a new format version. The worked example of
/// docs/LOG_FORMAT.md is compared with what a store really writes, so neither can go stale.
namespace coupond::storage {
namespace {

using test::Outcome;
using test::StoreTest;

/// Returns the block between "```text example" and "```" of that name in the document.
std::string BlockOfDocument(const std::string& name) {
  const std::string document = test::ReadFile(COUPOND_LOG_FORMAT_DOCUMENT);
  const std::string opening = "<!-- " + name + " -->\n```text\n";
  const std::size_t begin = document.find(opening);
  if (begin == std::string::npos) return "the document has no block named " + name;
  const std::size_t first = begin + opening.size();
  return document.substr(first, document.find("```", first) - first);
}

class LogFormatTest : public StoreTest {
 protected:
  /// Creates a store with one campaign of ten coupons, one of which was issued to "minji".
  void MakeExample() {
    clock_.Set(Timestamp::FromUnixNanoseconds(1'767'225'600'000'000'000));
    const auto store = Open();
    ASSERT_EQ(Outcome(store), "ok");
    EventLog& log = (*store)->log();
    const Timestamp created = clock_.Now().Plus(std::chrono::seconds(1));
    CampaignId id;
    Claim holder;
    for (std::uint8_t i = 0; i < 16; ++i) {
      id.bytes[i] = static_cast<std::uint8_t>(0xa0 + i);
      holder.bytes[i] = static_cast<std::uint8_t>(0xc0 + i);
    }
    ASSERT_EQ(Outcome(log.Append({.number = GroupNumber(2),
                                  .first_sequence = Sequence(2),
                                  .commit_time = created,
                                  .events = {CampaignCreated{
                                      .number = CampaignNumber(1),
                                      .id = id,
                                      .terms = {.name = "봄",
                                                .total_coupons = 10,
                                                .start_time = created.Plus(std::chrono::hours(1))},
                                      .first_serial = Serial(1)}}})),
              "ok");
    ASSERT_EQ(Outcome(log.Append(
                  {.number = GroupNumber(3),
                   .first_sequence = Sequence(3),
                   .commit_time = created.Plus(std::chrono::hours(2)),
                   .events = {CouponIssued{.campaign = CampaignNumber(1), .serial = Serial(1)},
                              CouponIssued{.campaign = CampaignNumber(1),
                                           .serial = Serial(2),
                                           .holder = holder,
                                           .user_id = "minji"}}})),
              "ok");
    (*store)->watermark().Advance({.group = log.Tip().group, .hash = log.Tip().hash});
  }

  /// Returns every key and value of the log, as RocksDB has them.
  std::string DumpLog() {
    rocksdb::DB* opened = nullptr;
    EXPECT_TRUE(rocksdb::DB::OpenForReadOnly(LogOptions(nullptr), path() / "log", &opened).ok());
    const std::unique_ptr<rocksdb::DB> db(opened);
    const std::unique_ptr<rocksdb::Iterator> entry(db->NewIterator(rocksdb::ReadOptions()));
    std::ostringstream dump;
    for (entry->SeekToFirst(); entry->Valid(); entry->Next()) {
      const std::string_view value = entry->value().ToStringView();
      const CommitRecord record = *ParseRecord(value);
      Dump("key", entry->key().ToStringView(), dump);
      Dump("hash", value.substr(0, kHashBytes), dump);
      Dump("size", value.substr(kHashBytes, kPayloadSizeBytes), dump);
      Dump("payload", record.payload, dump);
      Dump("holders", record.holders, dump);
    }
    return dump.str();
  }
  /// Writes the bytes, 32 on a line; nothing if there are none.
  static void Dump(const std::string& name, std::string_view bytes, std::ostream& out) {
    for (std::size_t at = 0; at < bytes.size(); at += 32) {
      const std::string lead = at == 0 ? name : "";
      out << lead << std::string(8 - lead.size(), ' ') << Hex(bytes.substr(at, 32)) << "\n";
    }
  }
};

TEST_F(LogFormatTest, TheDocumentShowsTheRealBytesOfTheLog) {
  MakeExample();
  EXPECT_EQ(BlockOfDocument("log"), DumpLog());
}

TEST_F(LogFormatTest, TheDocumentShowsTheRealSmallFiles) {
  MakeExample();
  EXPECT_EQ(BlockOfDocument("FORMAT"), test::ReadFile(path() / "FORMAT"));
  EXPECT_EQ(BlockOfDocument("WATERMARK"), test::ReadFile(path() / "WATERMARK"));
}

/// Returns the total size of the files of a directory.
std::uintmax_t SizeOf(const std::filesystem::path& directory) {
  std::uintmax_t bytes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    bytes += entry.file_size();
  }
  return bytes;
}

TEST_F(LogFormatTest, AnAnonymousCouponTakesAtMost24BytesOnDisk) {
  constexpr std::uint64_t kCoupons = 1'000'000;
  constexpr std::uint64_t kCouponsPerGroup = 1'024;
  std::uintmax_t empty = 0;
  {
    const auto store = Open();
    empty = SizeOf(path() / "log");
    EventLog& log = (*store)->log();
    while (log.Tip().sequence < Sequence(kCoupons)) {
      ASSERT_EQ(Outcome(log.Append(test::AnonymousCouponsAfter(log.Tip(), kCouponsPerGroup))),
                "ok");
    }
    (*store)->watermark().Advance({.group = log.Tip().group, .hash = log.Tip().hash});
  }
  const double fresh = static_cast<double>(SizeOf(path() / "log") - empty) / kCoupons;
  static_cast<void>(Open());
  static_cast<void>(Open());
  const double settled = static_cast<double>(SizeOf(path() / "log")) / kCoupons;
  RecordProperty("bytes_per_coupon_fresh", std::to_string(fresh));
  RecordProperty("bytes_per_coupon_settled", std::to_string(settled));
  std::cout << "bytes per coupon: " << fresh << " just written, " << settled << " later\n";
  EXPECT_LE(fresh, 24);
  EXPECT_LE(settled, 24);
}

}  // namespace
}  // namespace coupond::storage
