#include "engine/views/projection.h"

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <utility>
#include <vector>

#include "engine/views/coupon_reader.h"
#include "engine/views/projection_fixture.h"
#include "support/builders.h"

namespace coupond {
namespace {

using test::At;
using test::ClaimOf;
using test::Id;

TEST_F(ProjectionTest, ACampaignsRowHasItsTermsAndItsCount) {
  Given(1, {kOne});
  Given(5, {IssuedBy(kOne, 0), IssuedBy(kOne, 1)});
  Write();
  EXPECT_EQ(views_.FindCampaign(Id(1)).value(), One(2));
}

TEST_F(ProjectionTest, AGroupGivesOneRunPerCampaign) {
  Given(1, {kOne, kTwo});
  Given(7, {IssuedBy(kOne, 0), IssuedBy(kTwo, 0), IssuedBy(kOne, 1)});
  Given(8, {IssuedBy(kOne, 2)});
  const ViewChanges changes = projection_.Take();
  ASSERT_EQ(changes.runs.size(), 3U);
  EXPECT_EQ(changes.runs[0], (CouponRun{CampaignNumber(1), 0, 2, At(7), {}}));
  EXPECT_EQ(changes.runs[1], (CouponRun{CampaignNumber(1), 2, 1, At(8), {}}));
  EXPECT_EQ(changes.runs[2], (CouponRun{CampaignNumber(2), 0, 1, At(7), {}}));
}

TEST_F(ProjectionTest, RowsComeInTheOrderOfTheirKeys) {
  Given(1, {kOne, kTwo});
  Write();
  CouponIssued of_two = IssuedBy(kTwo, 0);
  of_two.holder = ClaimOf(1);
  CouponIssued of_one = IssuedBy(kOne, 0);
  of_one.holder = ClaimOf(2);
  Given(7, {of_two, of_one});
  const auto numbers = [](const auto& rows, auto number) {
    std::vector<CampaignNumber> all;
    for (const auto& row : rows) all.push_back(row.*number);
    return all;
  };
  const ViewChanges changes = projection_.Take();
  const std::vector in_order{kOne.number, kTwo.number};
  EXPECT_EQ(numbers(changes.campaigns, &Campaign::number), in_order);
  EXPECT_EQ(numbers(changes.runs, &CouponRun::campaign), in_order);
  EXPECT_EQ(numbers(changes.claims, &ClaimRun::campaign), in_order);
}

TEST_F(ProjectionTest, AnIdIsWrittenOnceWhenItsCampaignIsNew) {
  Given(1, {kOne, kTwo, CampaignDeleted{kTwo.number}});
  EXPECT_EQ(WriteChanges().ids,
            (std::vector<CampaignIdRow>{{Id(1), kOne.number}, {Id(2), kTwo.number}}));
  Given(7, {IssuedBy(kOne, 0)});
  EXPECT_TRUE(WriteChanges().ids.empty());
  Given(8, {CampaignDeleted{kOne.number}});
  EXPECT_TRUE(WriteChanges().ids.empty());
}

TEST_F(ProjectionTest, CouponsReadBackInOrderFromAnyPlace) {
  Given(1, {kOne});
  Given(7, {IssuedBy(kOne, 0), IssuedBy(kOne, 1), IssuedBy(kOne, 2)});
  Write();
  Given(8, {IssuedBy(kOne, 3), IssuedBy(kOne, 4)});
  Write();
  for (std::uint64_t first = 0; first <= 5; ++first) {
    const auto coupons = Coupons(1, first);
    ASSERT_EQ(coupons.size(), 5 - first);
    for (std::size_t i = 0; i < coupons.size(); ++i) {
      EXPECT_EQ(coupons[i].serial, Serial(1 + first + i));
      EXPECT_EQ(coupons[i].issued_at, first + i < 3 ? At(7) : At(8));
    }
  }
  EXPECT_EQ(Coupons(1, 1, 2).size(), 2U);
}

std::vector<ClaimRun> ClaimsIn(const ViewStore& views) {
  std::vector<ClaimRun> claims;
  EXPECT_TRUE(views.ReadClaims([&](const ClaimRun& run) { claims.push_back(run); }));
  return claims;
}

TEST_F(ProjectionTest, HoldersStayWithTheirCoupons) {
  Given(1, {kOne});
  CouponIssued kim = IssuedBy(kOne, 1);
  kim.user_id = "kim";
  kim.holder = ClaimOf(1);
  CouponIssued lee = IssuedBy(kOne, 3);
  lee.user_id = "lee";
  Given(7, {IssuedBy(kOne, 0), kim, IssuedBy(kOne, 2), lee});
  Write();
  for (std::uint64_t first = 0; first < 4; ++first) {
    for (const CouponRow& coupon : Coupons(1, first)) {
      EXPECT_EQ(coupon.user_id, coupon.ordinal == 1 ? "kim" : coupon.ordinal == 3 ? "lee" : "");
    }
  }
  EXPECT_EQ(ClaimsIn(views_),
            (std::vector<ClaimRun>{{CampaignNumber(1), 0, At(7), {{1, ClaimOf(1)}}}}));
}

TEST_F(ProjectionTest, AClaimHasItsHolderOnlyIfItCountsAgainstALimit) {
  Given(1, {kOne});
  CouponIssued by_user = IssuedBy(kOne, 0);
  by_user.holder = ClaimOf(1);
  CouponIssued by_request = IssuedBy(kOne, 1);
  by_request.request_key = ClaimOf(2);
  CouponIssued by_both = IssuedBy(kOne, 2);
  by_both.holder = ClaimOf(1);
  by_both.request_key = ClaimOf(3);
  Given(7, {by_request});
  Write();
  EXPECT_FALSE(views_.FindCampaign(Id(1)).value()->issued_to_users);
  Given(8, {by_user, by_both});
  const ViewChanges changes = projection_.Take();
  EXPECT_TRUE(changes.campaigns.front().issued_to_users);
  EXPECT_EQ(changes.claims,
            (std::vector<ClaimRun>{
                {.campaign = kOne.number,
                 .first_ordinal = 1,
                 .issued_at = At(8),
                 .claims = {{.offset = 0, .claim = ClaimOf(1)},
                            {.offset = 1, .claim = ClaimOf(3), .holder = ClaimOf(1)}}}}));
}

TEST_F(ProjectionTest, TimesThatExpiryDependsOnAreKept) {
  CampaignCreated timed = kOne;
  timed.terms.valid_duration = std::chrono::seconds(60);
  Given(1, {timed, kTwo});
  CouponIssued kim = IssuedBy(kOne, 2);
  kim.holder = ClaimOf(1);
  Given(7, {IssuedBy(kOne, 0), IssuedBy(kTwo, 0)});
  Given(8, {IssuedBy(kOne, 1), kim});
  Given(9, {CampaignUpdated{kOne.number, {.valid_duration = kUnlimited}, {}}, IssuedBy(kOne, 3)});
  Write();
  EXPECT_EQ(ClaimsIn(views_),
            (std::vector<ClaimRun>{{kOne.number, 0, At(7), {}, /*all_timed=*/true},
                                   {kOne.number, 1, At(8), {{1, ClaimOf(1)}}, true}}));
}

TEST_F(ProjectionTest, ADeletedCampaignLeavesNoRow) {
  for (const bool write_before : {false, true}) {
    Given(1, {kOne, kTwo});
    Given(7, {IssuedBy(kOne, 0), IssuedBy(kTwo, 0)});
    if (write_before) Write();
    Given(8, {IssuedBy(kOne, 1), CampaignDeleted{CampaignNumber(1)}, IssuedBy(kTwo, 1)});
    Write();
    EXPECT_EQ(views_.FindCampaign(Id(1)).value(), std::nullopt);
    EXPECT_EQ(Coupons(2).size(), 2U);
    auto orphan = views_.OpenCoupons(CampaignNumber(1), {}).value();
    EXPECT_EQ(orphan->Next().value(), std::nullopt);
    ASSERT_TRUE(views_.Clear());
    projection_ = Projection::Load(views_).value();
    tip_ = {};
  }
}

TEST_F(ProjectionTest, ADeletedCampaignsLastRowHasItsFinalCount) {
  Given(1, {kOne});
  Given(7, {IssuedBy(kOne, 0)});
  Write();
  Given(8, {IssuedBy(kOne, 1), CampaignDeleted{CampaignNumber(1)}});
  const ViewChanges changes = projection_.Take();
  EXPECT_EQ(changes.erased_campaigns, std::vector{One(2)});
  EXPECT_TRUE(changes.campaigns.empty());
}

TEST_F(ProjectionTest, AChangedCampaignsRowHasItsNewTermsAndState) {
  Given(1, {kOne});
  Given(7, {IssuedBy(kOne, 0)});
  Write();
  const TermChanges changes{.name = "uno",
                            .total_coupons = 12,
                            .end_time = At(90),
                            .description = "for guests",
                            .metadata = std::vector<MetadataEntry>{{"shop", "7"}},
                            .coupons_per_user = 3,
                            .user_required = true,
                            .redeem_start_time = At(20),
                            .expire_time = At(99),
                            .redeem_by_holder_only = true};
  Given(8, {CampaignUpdated{kOne.number, changes, SerialRange{.first = Serial(31), .count = 2}}});
  Given(9, {CampaignPaused{kOne.number, {.issuing = true, .redeeming = true}, "why"},
            CampaignResumed{kOne.number, {.redeeming = true}, ""}});
  Given(10, {CampaignArchived{kOne.number}});
  Write();
  Campaign expected = One(1);
  expected.terms = {.name = "uno",
                    .total_coupons = 12,
                    .start_time = At(5),
                    .end_time = At(90),
                    .description = "for guests",
                    .metadata = {{"shop", "7"}},
                    .coupons_per_user = 3,
                    .user_required = true,
                    .redeem_start_time = At(20),
                    .expire_time = At(99),
                    .redeem_by_holder_only = true};
  expected.serials.Add({.first = Serial(31), .count = 2});
  expected.revision = Sequence(3);
  expected.paused = {.issuing = true};
  expected.archived_at = At(10);
  EXPECT_EQ(views_.FindCampaign(Id(1)).value(), expected);
  Given(11,
        {CampaignUnarchived{kOne.number}, CampaignUpdated{kOne.number, {.total_coupons = 1}, {}}});
  Write();
  EXPECT_EQ(views_.FindCampaign(Id(1)).value()->archived_at, std::nullopt);
  EXPECT_EQ(views_.FindCampaign(Id(1)).value()->sold_out_at, At(11));
  EXPECT_EQ(views_.ReadCheckpoint().value()->next_serial, Serial(33));
}

TEST_F(ProjectionTest, CouponsGoOnInTheSerialsThatWereAdded) {
  Given(1, {kOne, kTwo});
  for (std::uint64_t ordinal = 0; ordinal < 10; ++ordinal) Given(7, {IssuedBy(kOne, ordinal)});
  Given(8, {CampaignUpdated{
                kOne.number, {.total_coupons = 12}, SerialRange{.first = Serial(21), .count = 2}},
            CouponIssued{kOne.number, Serial(21)},
            CouponIssued{kOne.number, Serial(22), ClaimOf(1), {}, "kim"}});
  Write();
  const std::vector<CouponRow> coupons = Coupons(1, 9);
  ASSERT_EQ(coupons.size(), 3U);
  EXPECT_EQ(coupons[0].serial, Serial(10));
  EXPECT_EQ(coupons[1].serial, Serial(21));
  EXPECT_EQ(coupons[2], (CouponRow{11, Serial(22), At(8), "kim"}));
}

TEST_F(ProjectionTest, RequestsOfCampaignsAreKept) {
  CampaignCreated created = kOne;
  created.request = test::RequestOf(1, 5);
  Given(1, {created});
  Given(2, {CampaignUpdated{kOne.number, {.end_time = At(90)}, {}, test::RequestOf(2, 6)}});
  EXPECT_EQ(projection_.Take().requests, (std::vector<RequestRow>{
                                             {ClaimOf(1), {.sequence = Sequence(1), .content = 5}},
                                             {ClaimOf(2), {.sequence = Sequence(2), .content = 6}},
                                         }));
}

TEST_F(ProjectionTest, TheCheckpointSaysWhatTheViewsContain) {
  Given(0, {StoreCreated{test::MakeId<StoreId>(3), test::MakeId<CodeKey>(4), 1}});
  Given(1, {kOne, kTwo});
  Given(2, {CampaignDeleted{CampaignNumber(2)}});
  Write();
  EXPECT_EQ(views_.ReadCheckpoint().value(),
            (Checkpoint{tip_, test::MakeId<StoreId>(3), test::MakeId<CodeKey>(4), CampaignNumber(3),
                        Serial(21)}));
}

TEST_F(ProjectionTest, LoadContinuesWhereTheViewsAre) {
  Given(1, {kOne});
  Given(7, {IssuedBy(kOne, 0)});
  Write();
  projection_ = Projection::Load(views_).value();
  Given(8, {IssuedBy(kOne, 1)});
  Write();
  EXPECT_EQ(Coupons(1).size(), 2U);
  EXPECT_EQ(views_.FindCampaign(Id(1)).value()->issued_coupons, 2);
}

TEST_F(ProjectionTest, AReaderSeesExactlyWhatTheRowCounted) {
  Given(1, {kOne});
  Given(7, {IssuedBy(kOne, 0)});
  Write();
  const Campaign row = *views_.FindCampaign(Id(1)).value();
  Given(8, {IssuedBy(kOne, 1)});
  Write();
  auto reader = CouponReader::Open(views_, row, 0).value();
  EXPECT_EQ(reader.Next(10).value().size(), 1U);
  EXPECT_TRUE(reader.at_end());
  EXPECT_TRUE(reader.Next(10).value().empty());
}

TEST_F(ProjectionTest, AReaderOfADeletedCampaignReportsIt) {
  Given(1, {kOne});
  Given(7, {IssuedBy(kOne, 0)});
  Write();
  const Campaign row = *views_.FindCampaign(Id(1)).value();
  Given(8, {CampaignDeleted{CampaignNumber(1)}});
  Write();
  auto reader = CouponReader::Open(views_, row, 0).value();
  const auto coupons = reader.Next(10);
  ASSERT_FALSE(coupons);
  EXPECT_EQ(coupons.error().code, ErrorCode::kViewsDamaged);
}

}  // namespace
}  // namespace coupond
