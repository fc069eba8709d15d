#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "coupond/storage/v1/view_rows.pb.h"
#include "engine/ports/view_store.h"
#include "storage/views/view_rows.h"
#include "tools/coupon_audit/planted_store.h"
#include "tools/coupon_audit/verdict.h"

// An intact log, and views in which one row is wrong.
namespace coupond::test {
namespace {

using storage::CampaignIndexKey;
using storage::CampaignKey;
using storage::ClaimsKey;
using storage::kCheckpointKey;
using storage::RunKey;

struct ViewFault {
  std::string name;
  std::function<void(PlantedStore&)> plant;
  std::string verdict;
};

void PrintTo(const ViewFault& fault, std::ostream* out) { *out << fault.name; }

/// Reads a row, changes it, and writes it back.
template <typename Message>
std::function<void(PlantedStore&)> Alter(const std::string& key,
                                         std::function<void(Message&)> change) {
  return [key, change = std::move(change)](PlantedStore& store) {
    Message row;
    ASSERT_TRUE(row.ParseFromString(store.ViewRow(key)));
    change(row);
    store.PutViewRow(key, row.SerializeAsString());
  };
}

std::function<void(PlantedStore&)> Remove(const std::string& key) {
  return [key](PlantedStore& store) {
    ASSERT_FALSE(store.ViewRow(key).empty());
    store.DeleteViewRow(key);
  };
}
std::function<void(PlantedStore&)> Put(const std::string& key, const std::string& value) {
  return [key, value](PlantedStore& store) { store.PutViewRow(key, value); };
}
std::function<void(PlantedStore&)> Move(const std::string& from, const std::string& to) {
  return [from, to](PlantedStore& store) {
    store.PutViewRow(to, store.ViewRow(from));
    store.DeleteViewRow(from);
  };
}

std::string CampaignKeyOf(std::uint64_t campaign) { return CampaignKey(CampaignNumber(campaign)); }
std::string IndexKeyOf(std::uint64_t campaign) {
  return CampaignIndexKey(Id(static_cast<std::uint8_t>(campaign)));
}
std::string RunKeyOf(std::uint64_t campaign, std::uint64_t last_ordinal) {
  return RunKey(CampaignNumber(campaign), last_ordinal);
}
std::string ClaimsKeyOf(std::uint64_t campaign, std::uint64_t first_ordinal) {
  return ClaimsKey(CampaignNumber(campaign), first_ordinal);
}

std::string SomeRun(std::uint64_t campaign, std::uint64_t first, std::uint32_t count) {
  return storage::EncodeRun({.campaign = CampaignNumber(campaign),
                             .first_ordinal = first,
                             .count = count,
                             .issued_at = At(10),
                             .holders = {}});
}
std::string SomeClaims(std::uint64_t campaign, std::uint64_t first) {
  return storage::EncodeClaims({.campaign = CampaignNumber(campaign),
                                .first_ordinal = first,
                                .issued_at = At(10),
                                .claims = {{.offset = 0, .claim = ClaimOf(0xEE)}}});
}
std::string SomeCampaign(std::uint64_t campaign) {
  return storage::EncodeCampaign({.number = CampaignNumber(campaign),
                                  .id = Id(static_cast<std::uint8_t>(campaign)),
                                  .name = "another",
                                  .total_coupons = 1,
                                  .issued_coupons = 0,
                                  .start_time = At(10),
                                  .created_at = At(1),
                                  .first_serial = Serial(1)});
}

std::function<void(PlantedStore&)> AlterSpring(
    std::function<void(storage::v1::CampaignRow&)> change) {
  return Alter(CampaignKeyOf(kSpring), std::move(change));
}
/// Alters the run of group 3 that has the holder minji.
std::function<void(PlantedStore&)> AlterRun(
    std::function<void(storage::v1::CouponRunRow&)> change) {
  return Alter(RunKeyOf(kSpring, 2), std::move(change));
}
/// Alters the run of group 3 that has two claims.
std::function<void(PlantedStore&)> AlterClaims(
    std::function<void(storage::v1::ClaimRunRow&)> change) {
  return Alter(ClaimsKeyOf(kSpring, 0), std::move(change));
}
std::function<void(PlantedStore&)> AlterCheckpoint(
    std::function<void(storage::v1::CheckpointRow&)> change) {
  return Alter(std::string(kCheckpointKey), std::move(change));
}

constexpr const char* kSpringAltered = "view_row_altered at group 6, campaign 1";
constexpr const char* kRunAltered = "view_row_altered at group 3, sequence 5, campaign 1";
constexpr const char* kCheckpointAltered = "view_checkpoint_wrong at group 6, sequence 13";

std::vector<ViewFault> CampaignFaults() {
  return {
      {"CampaignMissing", Remove(CampaignKeyOf(kSpring)),
       "view_row_missing at group 6, campaign 1"},
      {"CampaignName", AlterSpring([](auto& row) { row.set_name("sprung"); }), kSpringAltered},
      {"CampaignId", AlterSpring([](auto& row) { (*row.mutable_campaign_id())[3] = 'x'; }),
       kSpringAltered},
      {"CampaignTotal", AlterSpring([](auto& row) { row.set_total_coupons(6); }), kSpringAltered},
      {"CampaignStart", AlterSpring([](auto& row) { row.set_start_time_unix_ns(1); }),
       kSpringAltered},
      {"CampaignCreated", AlterSpring([](auto& row) { row.set_created_at_unix_ns(1); }),
       kSpringAltered},
      {"CampaignFirstSerial", AlterSpring([](auto& row) { row.set_first_serial(2); }),
       kSpringAltered},
      {"CountOffByOne", AlterSpring([](auto& row) { row.set_issued_coupons(3); }),
       "view_count_wrong at group 6, campaign 1"},
      {"CountAndNameWrong", AlterSpring([](auto& row) {
         row.set_issued_coupons(3);
         row.set_name("sprung");
       }),
       kSpringAltered},
      {"CampaignUnreadable", Put(CampaignKeyOf(kSpring), "no row"), kSpringAltered},
      {"DeletedCampaignLives", Put(CampaignKeyOf(kAutumn), SomeCampaign(kAutumn)),
       "view_row_unexpected at group 6, campaign 3"},
      {"CampaignNeverCreated", Put(CampaignKeyOf(9), SomeCampaign(9)),
       "view_row_unexpected at group 6, campaign 9"},
      {"IndexMissing", Remove(IndexKeyOf(kSummer)), "view_row_missing at group 6, campaign 2"},
      {"IndexLeadsElsewhere",
       Put(IndexKeyOf(kSummer), storage::EncodeCampaignIndex(CampaignNumber(kSpring))),
       "view_row_altered at group 6, campaign 2"},
      {"IndexOfDeletedCampaign",
       Put(IndexKeyOf(kAutumn), storage::EncodeCampaignIndex(CampaignNumber(kAutumn))),
       "view_row_unexpected"},
  };
}

std::vector<ViewFault> RunFaults() {
  return {
      {"RunMissing", Remove(RunKeyOf(kSpring, 2)),
       "view_row_missing at group 3, sequence 5, campaign 1"},
      {"LastRunMissing", Remove(RunKeyOf(kSpring, 3)),
       "view_row_missing at group 6, sequence 13, campaign 1"},
      {"RunCount", AlterRun([](auto& row) { row.set_count(2); }), kRunAltered},
      {"RunTime", AlterRun([](auto& row) { row.set_issued_at_unix_ns(1); }), kRunAltered},
      {"HolderName", AlterRun([](auto& row) { row.mutable_holders(0)->set_user_id("someone"); }),
       kRunAltered},
      {"HolderOffset", AlterRun([](auto& row) { row.mutable_holders(0)->set_offset(2); }),
       kRunAltered},
      {"HolderMissing", AlterRun([](auto& row) { row.clear_holders(); }), kRunAltered},
      {"HolderTwice", AlterRun([](auto& row) { *row.add_holders() = row.holders(0); }),
       kRunAltered},
      {"RunUnreadable", Put(RunKeyOf(kSpring, 2), "no row"), kRunAltered},
      {"RunMoved", Move(RunKeyOf(kSpring, 3), RunKeyOf(kSpring, 4)),
       "view_row_missing at group 6, sequence 13, campaign 1"},
      {"RunTooMany", Put(RunKeyOf(kSpring, 4), SomeRun(kSpring, 4, 1)),
       "view_row_unexpected at campaign 1"},
      {"RunWithinAnother", Put(RunKeyOf(kSpring, 1), SomeRun(kSpring, 0, 2)),
       "view_row_unexpected at campaign 1"},
      {"RunOfDeletedCampaign", Put(RunKeyOf(kAutumn, 0), SomeRun(kAutumn, 0, 1)),
       "view_row_unexpected at campaign 3"},
      {"ClaimsMissing", Remove(ClaimsKeyOf(kSpring, 0)),
       "view_row_missing at group 3, sequence 5, campaign 1"},
      {"Claim", AlterClaims([](auto& row) { (*row.mutable_claims())[20] = 'x'; }), kRunAltered},
      {"ClaimOffset", AlterClaims([](auto& row) { row.set_offsets(1, 7); }), kRunAltered},
      {"ClaimsUnreadable", Put(ClaimsKeyOf(kSpring, 0), "no row"), kRunAltered},
      {"ClaimsMoved", Move(ClaimsKeyOf(kSpring, 0), ClaimsKeyOf(kSpring, 1)),
       "view_row_missing at group 3, sequence 5, campaign 1"},
      {"ClaimsOfAnonymousRun", Put(ClaimsKeyOf(kSpring, 3), SomeClaims(kSpring, 3)),
       "view_row_unexpected at campaign 1"},
      {"ClaimsWhereNoRunBegins", Put(ClaimsKeyOf(kSpring, 2), SomeClaims(kSpring, 2)),
       "view_row_unexpected at campaign 1"},
      {"ClaimsOfDeletedCampaign", Put(ClaimsKeyOf(kAutumn, 0), SomeClaims(kAutumn, 0)),
       "view_row_unexpected at campaign 3"},
      {"RowOfUnknownKind", Put("x", "something"), "view_row_unexpected"},
      {"EmptyKey", Put("", "something"), "view_row_unexpected"},
      {"KeyTooShort", Put("r1234", "something"), "view_row_unexpected"},
      {"CampaignKeyTooLong", Put(CampaignKeyOf(kSpring) + "x", "something"), "view_row_unexpected"},
      {"UnknownField",
       Alter<storage::v1::CouponRunRow>(
           RunKeyOf(kSpring, 2),
           [](auto& row) { row.GetReflection()->MutableUnknownFields(&row)->AddVarint(99, 1); }),
       kRunAltered},
  };
}

std::vector<ViewFault> CheckpointFaults() {
  return {
      {"CheckpointMissing", Remove(std::string(kCheckpointKey)), "view_row_missing"},
      {"CheckpointUnreadable", Put(std::string(kCheckpointKey), "no row"), "view_checkpoint_wrong"},
      {"CheckpointEmpty", Put(std::string(kCheckpointKey), ""), "view_checkpoint_wrong"},
      {"CheckpointWithoutVersion", AlterCheckpoint([](auto& row) { row.clear_views_version(); }),
       "view_checkpoint_wrong"},
      {"CheckpointOfNothing", AlterCheckpoint([](auto& row) { row.set_group(0); }),
       "view_checkpoint_wrong"},
      {"CheckpointGroupTooSmall", AlterCheckpoint([](auto& row) { row.set_group(5); }),
       "view_checkpoint_wrong at group 5, sequence 12"},
      {"CheckpointAheadOfLog", AlterCheckpoint([](auto& row) { row.set_group(7); }),
       "views_ahead_of_log at group 7"},
      {"CheckpointSequence", AlterCheckpoint([](auto& row) { row.set_sequence(12); }),
       kCheckpointAltered},
      {"CheckpointTime", AlterCheckpoint([](auto& row) { row.set_time_unix_ns(12); }),
       kCheckpointAltered},
      {"CheckpointHash", AlterCheckpoint([](auto& row) { (*row.mutable_hash())[5] ^= 1; }),
       kCheckpointAltered},
      {"CheckpointStore", AlterCheckpoint([](auto& row) { (*row.mutable_store_id())[5] ^= 1; }),
       kCheckpointAltered},
      {"CheckpointKey", AlterCheckpoint([](auto& row) { (*row.mutable_code_key())[5] ^= 1; }),
       kCheckpointAltered},
      {"CheckpointNextCampaign",
       AlterCheckpoint([](auto& row) { row.set_next_campaign_number(5); }), kCheckpointAltered},
      {"CheckpointNextSerial", AlterCheckpoint([](auto& row) { row.set_next_serial(5); }),
       kCheckpointAltered},
  };
}

class ViewFaultTest : public testing::TestWithParam<ViewFault> {};

TEST_P(ViewFaultTest, IsFoundAndNamed) {
  PlantedStore store;
  store.MakeViews();
  ASSERT_EQ(VerdictOn(store.path()), "sound");
  GetParam().plant(store);
  store.CloseViews();
  EXPECT_EQ(VerdictOn(store.path()), GetParam().verdict);
}

constexpr auto kNameOfFault = [](const auto& fault) { return fault.param.name; };
INSTANTIATE_TEST_SUITE_P(Campaigns, ViewFaultTest, testing::ValuesIn(CampaignFaults()),
                         kNameOfFault);
INSTANTIATE_TEST_SUITE_P(Runs, ViewFaultTest, testing::ValuesIn(RunFaults()), kNameOfFault);
INSTANTIATE_TEST_SUITE_P(Checkpoints, ViewFaultTest, testing::ValuesIn(CheckpointFaults()),
                         kNameOfFault);

audit::VerificationReport ReportOn(const PlantedStore& store) {
  auto report = audit::Verify(store.path(), [](GroupNumber, GroupNumber) {});
  EXPECT_TRUE(report.has_value());
  return report.value_or(audit::VerificationReport());
}

TEST(ViewAudit, ViewsThatLagBehindAreComparedAtTheirCheckpoint) {
  PlantedStore store;
  store.MakeViews();
  store.Add(At(14), {IssuedEvent(kSpring, 5), DeletedEvent(kSummer),
                     CreatedEvent(4, "winter", 5, 11, At(14)), IssuedEvent(4, 11)});
  store.WriteFiles();
  const audit::VerificationReport report = ReportOn(store);
  EXPECT_TRUE(report.sound());
  EXPECT_EQ(report.views, audit::ViewsState::kPresent);
  EXPECT_EQ(report.views_checkpoint, GroupNumber(kBaseGroups));
  // Two campaigns with an index row each, five runs, two runs of claims, and the checkpoint.
  EXPECT_EQ(report.view_rows_compared, 12U);
}

TEST(ViewAudit, ADeletionEndsTheRunsOfItsGroup) {
  PlantedStore store;
  store.Add(At(14), {CreatedEvent(4, "winter", 5, 11, At(14)), IssuedEvent(4, 11),
                     IssuedToEvent(4, 12, "a"), DeletedEvent(kSummer), IssuedToEvent(4, 13, "b"),
                     IssuedEvent(kSpring, 5)});
  store.WriteFiles();
  store.MakeViews();
  EXPECT_EQ(VerdictOn(store.path()), "sound");
}

TEST(ViewAudit, ALogFaultIsReportedBeforeAViewFault) {
  PlantedStore store;
  store.MakeViews();
  store.DeleteViewRow(RunKeyOf(kSpring, 2));
  store.CloseViews();
  store.Add(At(14), {IssuedEvent(kSpring, 4)});
  store.WriteFiles();
  EXPECT_EQ(VerdictOn(store.path()), "duplicate_serial at group 7, sequence 14, campaign 1");
}

/// Overwrites a tenth of the largest table, where the rows are.
void DamageRows(const std::filesystem::path& views) {
  std::filesystem::path largest;
  for (const auto& entry : std::filesystem::directory_iterator(views)) {
    if (entry.path().extension() != ".sst") continue;
    if (largest.empty() || entry.file_size() > std::filesystem::file_size(largest)) {
      largest = entry.path();
    }
  }
  ASSERT_FALSE(largest.empty());
  const std::uintmax_t size = std::filesystem::file_size(largest);
  std::fstream file(largest, std::ios::binary | std::ios::in | std::ios::out);
  file << std::string(size / 10, 'x');
}

TEST(ViewAudit, ALogFaultIsReportedBeforeADamagedViewBlock) {
  PlantedStore store;
  store.MakeViews();
  DamageRows(store.path() / "views");
  EXPECT_EQ(VerdictOn(store.path()), "views_unreadable");
  store.Add(At(14), {IssuedEvent(kSpring, 4)});
  store.WriteFiles();
  EXPECT_EQ(VerdictOn(store.path()), "duplicate_serial at group 7, sequence 14, campaign 1");
}

TEST(ViewAudit, ALogFaultIsReportedBeforeAMissingViewFile) {
  PlantedStore store;
  store.MakeViews();
  for (const auto& entry : std::filesystem::directory_iterator(store.path() / "views")) {
    if (entry.path().extension() == ".sst") std::filesystem::remove(entry.path());
  }
  store.Add(At(14), {IssuedEvent(kSpring, 4)});
  store.WriteFiles();
  EXPECT_EQ(VerdictOn(store.path()), "duplicate_serial at group 7, sequence 14, campaign 1");
}

TEST(ViewAudit, ALogFaultIsReportedBeforeUnreadableViews) {
  PlantedStore store;
  std::ofstream(store.path() / "views") << "no directory\n";
  EXPECT_EQ(VerdictOn(store.path()), "cannot read: io");
  store.Add(At(14), {IssuedEvent(kSpring, 4)});
  store.WriteFiles();
  EXPECT_EQ(VerdictOn(store.path()), "duplicate_serial at group 7, sequence 14, campaign 1");
}

TEST(ViewAudit, ViewsThatAreRebuiltAnywayAreNoViolation) {
  PlantedStore none;
  EXPECT_EQ(ReportOn(none).views, audit::ViewsState::kNone);
  std::filesystem::create_directory(none.path() / "views");
  EXPECT_EQ(ReportOn(none).views, audit::ViewsState::kNone);

  PlantedStore marked;
  marked.MakeViews();
  std::ofstream(marked.path() / "views" / "DAMAGED") << "damaged\n";
  EXPECT_EQ(ReportOn(marked).views, audit::ViewsState::kMarkedDamaged);
  EXPECT_EQ(VerdictOn(marked.path()), "sound");

  PlantedStore other;
  other.MakeViews();
  AlterCheckpoint([](auto& row) { row.set_views_version(storage::kViewsVersion + 1); })(other);
  other.CloseViews();
  EXPECT_EQ(ReportOn(other).views, audit::ViewsState::kOfOtherVersion);
  EXPECT_EQ(VerdictOn(other.path()), "sound");
}

TEST(ViewAudit, DamagedFilesAreNamed) {
  PlantedStore store;
  store.MakeViews();
  for (const auto& entry : std::filesystem::directory_iterator(store.path() / "views")) {
    if (entry.path().extension() == ".sst") std::filesystem::remove(entry.path());
  }
  EXPECT_EQ(VerdictOn(store.path()), "views_unreadable");
}

}  // namespace
}  // namespace coupond::test
