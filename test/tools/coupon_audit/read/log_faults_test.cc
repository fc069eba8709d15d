#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <ostream>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "coupon_audit/model/finding.h"
#include "storage/files/store_format.h"
#include "storage/format/commit_record.h"
#include "tools/coupon_audit/planted_store.h"
#include "tools/coupon_audit/verdict.h"

// Data directories whose files or records are not as they were written.
namespace coupond::test {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kHeadBytes = 32 + 4;
/// Where a record has the time: behind the head, the number and the first sequence (one byte each,
/// with their keys) and the key of the time.
constexpr std::size_t kCommitTimeAt = kHeadBytes + 2 + 2 + 1;

struct LogFault {
  std::string name;
  std::function<void(PlantedStore&)> plant;
  std::string verdict;
};

void PrintTo(const LogFault& fault, std::ostream* out) { *out << fault.name; }

/// Flips one bit of a group's record. Bytes below 32 are the hash; then come four of the payload's
/// size.
void FlipRecordBit(PlantedStore& store, std::uint64_t group, std::size_t byte) {
  std::string record = store.LogRow(LogKey(group));
  record.at(byte) ^= 0x01;
  store.PutLogRow(LogKey(group), record);
}

/// Changes bytes in the first file with that extension, at `tenths` tenths of its length.
void DamageFile(const fs::path& directory, const std::string& extension, unsigned tenths = 3) {
  for (const auto& entry : fs::directory_iterator(directory)) {
    if (entry.path().extension() != extension || entry.file_size() == 0) continue;
    std::fstream file(entry.path(), std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(static_cast<std::streamoff>(entry.file_size() * tenths / 10));
    file << "damage";
    return;
  }
  FAIL() << "no file to damage";
}

std::vector<LogFault> LogFaults() {
  return {
      {"GroupMissing", [](auto& store) { store.DeleteLogRow(LogKey(4)); },
       "group_missing at group 4"},
      {"FirstGroupMissing", [](auto& store) { store.DeleteLogRow(LogKey(1)); },
       "group_missing at group 1"},
      {"PayloadAltered", [](auto& store) { FlipRecordBit(store, 4, 40); },
       "chain_broken at group 4"},
      {"LastPayloadAltered", [](auto& store) { FlipRecordBit(store, kBaseGroups, 40); },
       "chain_broken at group 6"},
      {"PayloadSizeOffByOne", [](auto& store) { FlipRecordBit(store, 4, 35); },
       "chain_broken at group 4"},
      {"PayloadLongerThanTheRecord", [](auto& store) { FlipRecordBit(store, 4, 33); },
       "group_undecodable at group 4"},
      {"HashAltered", [](auto& store) { FlipRecordBit(store, 4, 3); }, "chain_broken at group 4"},
      {"GroupReplacedAndSealed",
       [](auto& store) {
         std::string record = store.LogRow(LogKey(4));
         record[kCommitTimeAt] ^= 0x01;  // the lowest byte: a nanosecond more
         GroupHash before;
         const std::string previous = store.LogRow(LogKey(3));
         std::copy_n(previous.begin(), before.size(), before.begin());
         const std::size_t payload_bytes = record.size() - kHeadBytes - store.Holders(4).size();
         storage::SealRecord(before, payload_bytes, record);
         store.PutLogRow(LogKey(4), record);
       },
       "chain_broken at group 5"},
      {"RecordTooShort", [](auto& store) { store.PutLogRow(LogKey(4), "short"); },
       "group_undecodable at group 4"},
      {"GroupUndecodable",
       [](auto& store) {
         store.AddPayload("not a group");
         store.WriteFiles();
       },
       "group_undecodable at group 7"},
      {"GroupNumberWrong",
       [](auto& store) {
         store.AddMisnumbered(GroupNumber(8), Sequence(14), At(14), {IssuedEvent(kSpring, 5)});
         store.WriteFiles();
       },
       "group_number_wrong at group 7"},
      {"SequenceSkipped",
       [](auto& store) {
         store.AddMisnumbered(GroupNumber(7), Sequence(15), At(14), {IssuedEvent(kSpring, 5)});
         store.WriteFiles();
       },
       "sequence_gap at group 7, sequence 14"},
      {"SequenceRepeated",
       [](auto& store) {
         store.AddMisnumbered(GroupNumber(7), Sequence(13), At(14), {IssuedEvent(kSpring, 5)});
         store.WriteFiles();
       },
       "sequence_gap at group 7, sequence 14"},
      {"TimeWentBack",
       [](auto& store) {
         store.Add(At(13).Plus(std::chrono::nanoseconds(-1)), {IssuedEvent(kSpring, 5)});
         store.WriteFiles();
       },
       "time_went_back at group 7, sequence 14"},
      {"ClockResetBesideAnother",
       [](auto& store) {
         store.Add(At(12), {ClockReset{At(13)}, IssuedEvent(kSpring, 5)});
         store.WriteFiles();
       },
       "clock_reset_wrong at group 7, sequence 14"},
      {"ClockResetOfAnotherTime",
       [](auto& store) {
         store.Add(At(12), {ClockReset{At(14)}});
         store.WriteFiles();
       },
       "clock_reset_wrong at group 7, sequence 14"},
      {"TimeWentBackAfterAClockReset",
       [](auto& store) {
         store.Add(At(-400), {ClockReset{At(13)}});
         store.Add(At(-401), {PausedEvent(kSpring, {.issuing = true})});
         store.WriteFiles();
       },
       "time_went_back at group 8, sequence 15"},
      {"IssuedBeforeStartAfterAClockReset",
       [](auto& store) {
         store.Add(At(-400), {ClockReset{At(13)}});
         store.Add(At(-400), {IssuedEvent(kSpring, 5)});
         store.WriteFiles();
       },
       "issued_before_start at group 8, sequence 15, campaign 1"},
      {"KeyWrong", [](auto& store) { store.PutLogRow("x", "something"); }, "key_wrong at group 7"},
      {"KeyOfGroupZero", [](auto& store) { store.PutLogRow(LogKey(0), "something"); },
       "key_wrong at group 1"},
      {"LogBehindWatermark", [](auto& store) { store.DeleteLogRow(LogKey(kBaseGroups)); },
       "log_behind_watermark at group 6, sequence 13"},
      {"WatermarkHashWrong",
       [](auto& store) { store.WriteWatermarkAt(GroupNumber(4), GroupHash{0x47}); },
       "watermark_hash_wrong at group 4"},
      {"WatermarkMissing", [](auto& store) { fs::remove(store.path() / "WATERMARK"); },
       "watermark_missing"},
      {"WatermarkDamaged",
       [](auto& store) { std::ofstream(store.path() / "WATERMARK") << "group: many\n"; },
       "watermark_damaged"},
      {"FormatOfAnotherStore",
       [](auto& store) {
         const storage::StoreFormat other{.state = storage::StoreFormat::State::kComplete,
                                          .store_id = MakeId<StoreId>(99)};
         ASSERT_TRUE(storage::WriteStoreFormat(store.path() / "FORMAT", other));
       },
       "log_of_another_store at group 1"},
      {"LogMissing", [](auto& store) { fs::remove_all(store.path() / "log"); }, "log_missing"},
      {"LogTableDamaged",
       [](auto& store) {
         store.FlushLog();
         DamageFile(store.path() / "log", ".sst");
       },
       "log_damaged"},
      {"LogTableMissing",
       [](auto& store) {
         store.FlushLog();
         for (const auto& entry : fs::directory_iterator(store.path() / "log")) {
           if (entry.path().extension() == ".sst") fs::remove(entry.path());
         }
       },
       "log_damaged"},
      {"WriteAheadLogDamaged", [](auto& store) { DamageFile(store.path() / "log", ".log"); },
       "log_damaged"},
  };
}

class LogFaultTest : public testing::TestWithParam<LogFault> {};

TEST_P(LogFaultTest, IsFoundAndNamed) {
  PlantedStore store;
  ASSERT_EQ(VerdictOn(store.path()), "sound");
  GetParam().plant(store);
  EXPECT_EQ(VerdictOn(store.path()), GetParam().verdict);
}

TEST(LogAudit, TimeMayCountAnewFromAClockReset) {
  PlantedStore store;
  store.Add(At(-400), {ClockReset{.previous_time = At(13)}});
  store.Add(At(-399), {CreatedEvent(4, "after", 5, 11, At(-399))});
  store.Add(At(-398), {IssuedEvent(4, 11)});
  store.WriteFiles();
  EXPECT_EQ(VerdictOn(store.path()), "sound");
}

INSTANTIATE_TEST_SUITE_P(Log, LogFaultTest, testing::ValuesIn(LogFaults()),
                         [](const auto& fault) { return fault.param.name; });

TEST(LogAudit, DamageInTheMiddleOfATableIsNamedWithTheGroup) {
  PlantedStore store;
  constexpr std::uint64_t kCoupons = 4'000;
  store.Add(At(20), {CreatedEvent(4, "large", kCoupons, 11, At(20))});
  for (std::uint64_t i = 0; i < kCoupons; ++i) store.Add(At(21), {IssuedEvent(4, 11 + i)});
  store.WriteFiles();
  store.FlushLog();
  ASSERT_EQ(VerdictOn(store.path()), "sound");
  DamageFile(store.path() / "log", ".sst", 6);
  const auto report = audit::Verify(store.path(), [](GroupNumber, GroupNumber) {});
  ASSERT_TRUE(report.has_value());
  ASSERT_FALSE(report->sound());
  EXPECT_EQ(report->violation->kind, audit::ViolationKind::kLogDamaged);
  EXPECT_EQ(report->violation->place.group, report->tip.group.Next());
  EXPECT_GT(report->tip.group, GroupNumber(1));
  EXPECT_LT(report->tip.group, store.tip().group);
}

TEST(LogAudit, TimeMayStandStill) {
  PlantedStore store;
  store.Add(At(13), {IssuedEvent(kSpring, 5)});
  EXPECT_EQ(VerdictOn(store.path()), "sound");
}

TEST(LogAudit, TheWatermarkMayLagBehind) {
  PlantedStore store;
  store.Add(At(14), {IssuedEvent(kSpring, 5)});
  EXPECT_EQ(VerdictOn(store.path()), "sound");
}

TEST(LogAudit, AStoreThatDoesNotBeginWithItsCreationIsNamed) {
  PlantedStore store;
  for (std::uint64_t group = 1; group <= kBaseGroups; ++group) store.DeleteLogRow(LogKey(group));
  // The log has one group left, which is a campaign's.
  const std::string payload("\x08\x01\x10\x01\x22\x04\x22\x02\x08\x01", 10);
  std::string record = std::string(kHeadBytes, '\0') + payload;
  const GroupHash hash = storage::SealRecord({}, payload.size(), record);
  store.PutLogRow(LogKey(1), record);
  store.WriteWatermarkAt(GroupNumber(1), hash);
  EXPECT_EQ(VerdictOn(store.path()), "store_not_created at group 1, sequence 1");
}

TEST(LogAudit, AnUnreadableStoreIsNotAViolation) {
  const TemporaryDirectory empty;
  EXPECT_EQ(VerdictOn(empty.path()), "cannot read: not_a_data_directory");
  EXPECT_EQ(VerdictOn(empty.path() / "nothing"), "cannot read: not_a_data_directory");
  PlantedStore newer;
  std::ofstream(newer.path() / "FORMAT") << "coupond data directory\nformat: 99\n";
  EXPECT_EQ(VerdictOn(newer.path()), "cannot read: format_unsupported");
  PlantedStore unfinished;
  const storage::StoreFormat creating{.state = storage::StoreFormat::State::kCreating,
                                      .store_id = PlantedIdentity().store_id};
  ASSERT_TRUE(storage::WriteStoreFormat(unfinished.path() / "FORMAT", creating));
  EXPECT_EQ(VerdictOn(unfinished.path()), "cannot read: not_a_data_directory");
}

TEST(Violations, EveryKindHasItsOwnName) {
  std::set<std::string_view> names;
  for (int kind = 0; kind <= static_cast<int>(audit::kLastViolationKind); ++kind) {
    EXPECT_TRUE(names.insert(KindName(static_cast<audit::ViolationKind>(kind))).second);
  }
}

/// A verdict is written in quotes, alone or with its place.
TEST(Violations, EachIsPlantedSomewhereInTheseTests) {
  std::string tests;
  for (const auto& entry : fs::recursive_directory_iterator(COUPON_AUDIT_TESTS)) {
    if (!entry.path().filename().string().ends_with("_faults_test.cc")) continue;
    std::ifstream file(entry.path());
    tests.append(std::istreambuf_iterator<char>(file), {});
  }
  for (int i = 0; i <= static_cast<int>(audit::kLastViolationKind); ++i) {
    const std::string name(KindName(static_cast<audit::ViolationKind>(i)));
    EXPECT_TRUE(tests.contains('"' + name + '"') || tests.contains('"' + name + " at ")) << name;
  }
}

TEST(Violations, TheDocumentListsEachWithItsMeaning) {
  std::ifstream file(COUPON_AUDIT_DOCUMENT);
  const std::string document(std::istreambuf_iterator<char>(file), {});
  for (int i = 0; i <= static_cast<int>(audit::kLastViolationKind); ++i) {
    const auto kind = static_cast<audit::ViolationKind>(i);
    const std::string row =
        "| `" + std::string(KindName(kind)) + "` | " + std::string(KindMeaning(kind)) + " |\n";
    EXPECT_NE(document.find(row), std::string::npos) << row;
  }
}

}  // namespace
}  // namespace coupond::test
