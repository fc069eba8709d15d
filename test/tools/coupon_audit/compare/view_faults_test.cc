#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "coupond/storage/v1/view_rows.pb.h"
#include "engine/ports/view_store.h"
#include "storage/views/view_rows.h"
#include "tools/coupon_audit/compare/altered_views.h"
#include "tools/coupon_audit/planted_store.h"
#include "tools/coupon_audit/verdict.h"

// An intact log, and views in which one row is wrong.
namespace coupond::test {
namespace {

using storage::kCheckpointKey;

std::string SomeRun(std::uint64_t campaign, std::uint64_t first, std::uint32_t count) {
  return storage::EncodeRun({.campaign = CampaignNumber(campaign),
                             .first_ordinal = first,
                             .count = count,
                             .issued_at = At(10),
                             .holders = {},
                             .changed = {}});
}
std::string SomeClaims(std::uint64_t campaign, std::uint64_t first) {
  return storage::EncodeClaims({.campaign = CampaignNumber(campaign),
                                .first_ordinal = first,
                                .issued_at = At(10),
                                .claims = {{.offset = 0, .claim = ClaimOf(0xEE)}}});
}
std::string SomeCampaign(std::uint64_t campaign) {
  return storage::EncodeCampaign(
      {.number = CampaignNumber(campaign),
       .id = Id(static_cast<std::uint8_t>(campaign)),
       .terms = {.name = "another", .total_coupons = 1, .start_time = At(10)},
       .serials = SerialRanges({.first = Serial(1), .count = 1}),
       .issued_coupons = 0,
       .created_at = At(1),
       .revision = Sequence(2)});
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
      {"CampaignSerials", AlterSpring([](auto& row) { row.mutable_serials(0)->set_first(2); }),
       kSpringAltered},
      {"CampaignSerialsMissing", AlterSpring([](auto& row) { row.clear_serials(); }),
       kSpringAltered},
      {"CampaignSerialsAdded", AlterSpring([](auto& row) { *row.add_serials() = row.serials(0); }),
       kSpringAltered},
      {"CampaignEnd", AlterSpring([](auto& row) { row.set_end_time_unix_ns(1); }), kSpringAltered},
      {"CampaignDescription", AlterSpring([](auto& row) { row.set_description("described"); }),
       kSpringAltered},
      {"CampaignMetadata", AlterSpring([](auto& row) { row.add_metadata()->set_key("key"); }),
       kSpringAltered},
      {"CampaignRevision", AlterSpring([](auto& row) { row.set_revision(3); }), kSpringAltered},
      {"CampaignIssuingPaused", AlterSpring([](auto& row) { row.set_issuing_paused(true); }),
       kSpringAltered},
      {"CampaignRedeemingPaused", AlterSpring([](auto& row) { row.set_redeeming_paused(true); }),
       kSpringAltered},
      {"CampaignSoldOut", AlterSpring([](auto& row) { row.set_sold_out_at_unix_ns(1); }),
       kSpringAltered},
      {"CampaignNotSoldOut",
       Alter<storage::v1::CampaignRow>(CampaignKeyOf(kSummer),
                                       [](auto& row) { row.clear_sold_out_at_unix_ns(); }),
       "view_row_altered at group 6, campaign 2"},
      {"CampaignArchived", AlterSpring([](auto& row) { row.set_archived_at_unix_ns(1); }),
       kSpringAltered},
      {"CampaignLimit", AlterSpring([](auto& row) { row.set_coupons_per_user(2); }),
       kSpringAltered},
      {"CampaignUserRequired", AlterSpring([](auto& row) { row.set_user_required(true); }),
       kSpringAltered},
      {"CampaignRedeemStart", AlterSpring([](auto& row) { row.set_redeem_start_time_unix_ns(1); }),
       kSpringAltered},
      {"CampaignExpiry", AlterSpring([](auto& row) { row.set_expire_time_unix_ns(1); }),
       kSpringAltered},
      {"CampaignDuration", AlterSpring([](auto& row) { row.set_valid_duration_ns(1); }),
       kSpringAltered},
      {"CampaignHolderOnly", AlterSpring([](auto& row) { row.set_redeem_by_holder_only(true); }),
       kSpringAltered},
      {"CampaignIssuedToUsers", AlterSpring([](auto& row) { row.set_issued_to_users(false); }),
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
      {"IndexOfDeletedCampaignMissing", Remove(IndexKeyOf(kAutumn)),
       "view_row_missing at group 6, campaign 3"},
      {"IndexOfDeletedCampaignLeadsElsewhere",
       Put(IndexKeyOf(kAutumn), storage::EncodeCampaignIndex(CampaignNumber(kSpring))),
       "view_row_altered at group 6, campaign 3"},
      {"IndexOfNoCampaign",
       Put(IndexKeyOf(9), storage::EncodeCampaignIndex(CampaignNumber(kAutumn))),
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
      {"ClaimsAllTimed", AlterClaims([](auto& row) { row.set_all_timed(true); }), kRunAltered},
      {"HolderOfAClaimThatIsOne", AlterClaims([](auto& row) {
         row.add_holder_offsets(row.offsets(0));
         row.set_holders(row.claims().substr(0, 16));
       }),
       kRunAltered},
      {"ClaimsUnreadable", Put(ClaimsKeyOf(kSpring, 0), "no row"), kRunAltered},
      {"ClaimsMoved", Move(ClaimsKeyOf(kSpring, 0), ClaimsKeyOf(kSpring, 1)),
       "view_row_missing at group 3, sequence 5, campaign 1"},
      {"ClaimsOfAnonymousRun", Put(ClaimsKeyOf(kSpring, 3), SomeClaims(kSpring, 3)),
       "view_row_unexpected at campaign 1"},
      {"ClaimsWhereNoRunBegins", Put(ClaimsKeyOf(kSpring, 2), SomeClaims(kSpring, 2)),
       "view_row_unexpected at campaign 1"},
      {"ClaimsOfDeletedCampaign", Put(ClaimsKeyOf(kAutumn, 0), SomeClaims(kAutumn, 0)),
       "view_row_unexpected at campaign 3"},
      {"RowOfUnknownKind", Put("y", "something"), "view_row_unexpected"},
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
      {"CheckpointClockReset", AlterCheckpoint([](auto& row) { row.set_clock_was_reset(true); }),
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

TEST(ViewFaults, DamagedFilesAreNamed) {
  PlantedStore store;
  store.MakeViews();
  for (const auto& entry : std::filesystem::directory_iterator(store.path() / "views")) {
    if (entry.path().extension() == ".sst") std::filesystem::remove(entry.path());
  }
  EXPECT_EQ(VerdictOn(store.path()), "views_unreadable");
}

}  // namespace
}  // namespace coupond::test
