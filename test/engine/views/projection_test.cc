#include "engine/views/projection.h"

#include <gtest/gtest.h>

#include <map>
#include <utility>
#include <vector>

#include "engine/views/coupon_reader.h"
#include "support/builders.h"
#include "support/fake_view_store.h"

namespace coupond {
namespace {

using test::At;
using test::ClaimOf;
using test::Id;

/// Groups are added one by one; Write brings their changes to the views.
class ProjectionTest : public ::testing::Test {
 protected:
  void Given(std::int64_t seconds, std::vector<Event> events) {
    const CommitGroup group{tip_.group.Next(), tip_.sequence.Next(), At(seconds),
                            std::move(events)};
    tip_ = LogTip{group.number, group.last_sequence(), group.commit_time, {}};
    ASSERT_TRUE(projection_.Add(group, tip_));
  }
  void Write() { ASSERT_TRUE(views_.Write(projection_.Take())); }

  std::vector<CouponRow> Coupons(std::uint8_t campaign, std::uint64_t first = 0,
                                 std::size_t limit = 1000) {
    const auto row = views_.FindCampaign(Id(campaign)).value();
    if (!row) return {};
    return CouponReader::Open(views_, *row, first).value().Next(limit).value();
  }

  test::FakeViewStore views_;
  Projection projection_ = Projection::Load(views_).value();
  LogTip tip_;
};

const CampaignCreated kOne{CampaignNumber(1), Id(1), {"one", 10, At(5)}, Serial(1)};
const CampaignCreated kTwo{CampaignNumber(2), Id(2), {"two", 10, At(6)}, Serial(11)};

/// The first campaign as it is with so many coupons issued, created at sequence 1 and 1 second.
Campaign One(std::int64_t issued_coupons) {
  return {.number = kOne.number,
          .id = kOne.id,
          .terms = kOne.terms,
          .serials = SerialRanges({.first = kOne.first_serial, .count = 10}),
          .issued_coupons = issued_coupons,
          .created_at = At(1),
          .revision = Sequence(1)};
}

CouponIssued IssuedBy(const CampaignCreated& campaign, std::uint64_t ordinal) {
  return {campaign.number, campaign.first_serial.Plus(ordinal), {}, {}};
}

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
  EXPECT_EQ(changes.runs[1], (CouponRun{CampaignNumber(2), 0, 1, At(7), {}}));
  EXPECT_EQ(changes.runs[2], (CouponRun{CampaignNumber(1), 2, 1, At(8), {}}));
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

TEST_F(ProjectionTest, HoldersStayWithTheirCoupons) {
  Given(1, {kOne});
  CouponIssued kim = IssuedBy(kOne, 1);
  kim.user_id = "kim";
  kim.claim = ClaimOf(1);
  CouponIssued lee = IssuedBy(kOne, 3);
  lee.user_id = "lee";
  Given(7, {IssuedBy(kOne, 0), kim, IssuedBy(kOne, 2), lee});
  Write();
  for (std::uint64_t first = 0; first < 4; ++first) {
    for (const CouponRow& coupon : Coupons(1, first)) {
      EXPECT_EQ(coupon.user_id, coupon.ordinal == 1 ? "kim" : coupon.ordinal == 3 ? "lee" : "");
    }
  }
  std::vector<ClaimRun> claims;
  ASSERT_TRUE(views_.ReadClaims([&](const ClaimRun& run) { claims.push_back(run); }));
  EXPECT_EQ(claims, (std::vector<ClaimRun>{{CampaignNumber(1), 0, At(7), {{1, ClaimOf(1)}}}}));
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
                            .metadata = std::vector<MetadataEntry>{{"shop", "7"}}};
  Given(8, {CampaignUpdated{kOne.number, changes, SerialRange{.first = Serial(31), .count = 2}}});
  Given(9, {CampaignPaused{kOne.number, {.issuing = true, .redeeming = true}, "why"},
            CampaignResumed{kOne.number, {.redeeming = true}, ""}});
  Given(10, {CampaignArchived{kOne.number}});
  Write();
  Campaign expected = One(1);
  expected.terms = {"uno", 12, At(5), At(90), "for guests", {{"shop", "7"}}};
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
            CouponIssued{kOne.number, Serial(21), {}, {}},
            CouponIssued{kOne.number, Serial(22), ClaimOf(1), "kim"}});
  Write();
  const std::vector<CouponRow> coupons = Coupons(1, 9);
  ASSERT_EQ(coupons.size(), 3U);
  EXPECT_EQ(coupons[0].serial, Serial(10));
  EXPECT_EQ(coupons[1].serial, Serial(21));
  EXPECT_EQ(coupons[2], (CouponRow{11, Serial(22), At(8), "kim"}));
}

CouponRedeemed RedemptionOf(std::uint64_t serial, const char* order) {
  return {
      .campaign = kOne.number,
      .serial = Serial(serial),
      .order_ref = order,
      .redeemed_by = "till 3",
      .request_id = "r",
      .request = RequestKey{.digest = ClaimOf(static_cast<std::uint8_t>(serial)), .content = 5}};
}
CouponVoided VoidingOf(std::uint64_t serial, bool returned) {
  return {.campaign = kOne.number,
          .serial = Serial(serial),
          .returned = returned,
          .reason = "fraud",
          .added_serials = {},
          .request = {}};
}

TEST_F(ProjectionTest, ACouponShowsWhatHasBecomeOfIt) {
  Given(1, {kOne});
  for (std::uint64_t ordinal = 0; ordinal < 4; ++ordinal) Given(7, {IssuedBy(kOne, ordinal)});
  Given(8, {RedemptionOf(1, "a"), VoidingOf(2, false), VoidingOf(3, true)});
  Write();
  const CouponStatus redeemed{.state = CouponState::kRedeemed,
                              .redemption = Redemption{.sequence = Sequence(6),
                                                       .redeemed_at = At(8),
                                                       .order_ref = "a",
                                                       .redeemed_by = "till 3",
                                                       .request_id = "r"}};
  std::vector<CouponRow> coupons = Coupons(1);
  ASSERT_EQ(coupons.size(), 4U) << "a returned coupon stays in the list";
  EXPECT_EQ(coupons[0].status, redeemed);
  EXPECT_EQ(
      coupons[1].status,
      (CouponStatus{.state = CouponState::kVoided, .voided_at = At(8), .void_reason = "fraud"}));
  EXPECT_EQ(coupons[2].status.state, CouponState::kReturned);
  EXPECT_EQ(coupons[3].status, CouponStatus{});
  Campaign row = *views_.FindCampaign(Id(1)).value();
  EXPECT_EQ(row.issued_coupons, 3);
  EXPECT_EQ(row.redeemed_coupons, 1);
  EXPECT_EQ(row.voided_coupons, 1);
  EXPECT_EQ(row.returned_coupons, 1);
  EXPECT_EQ(FindCoupon(views_, Serial(1)).value()->coupon.status, redeemed);
  EXPECT_EQ(FindCoupon(views_, Serial(5)).value(), std::nullopt) << "not issued yet";

  // In the same batch as what was written before, and in one with other changes of the coupon.
  Given(9, {RedemptionCanceled{kOne.number, Serial(1), Sequence(6), "", {}}, VoidingOf(2, true)});
  Given(10, {RedemptionOf(1, "b"), RedemptionOf(4, "c"),
             RedemptionCanceled{kOne.number, Serial(4), Sequence(12), "", {}}});
  Write();
  coupons = Coupons(1);
  EXPECT_EQ(coupons[0].status.redemption->order_ref, "b");
  EXPECT_EQ(coupons[0].status.redemption->sequence, Sequence(11));
  EXPECT_EQ(coupons[1].status.state, CouponState::kReturned);
  EXPECT_EQ(coupons[3].status, CouponStatus{});
  row = *views_.FindCampaign(Id(1)).value();
  EXPECT_EQ(row.issued_coupons, 2);
  EXPECT_EQ(row.redeemed_coupons, 1);
  EXPECT_EQ(row.voided_coupons, 0);
  EXPECT_EQ(row.returned_coupons, 2);

  Given(11, {CampaignDeleted{kOne.number}});
  Write();
  EXPECT_EQ(FindCoupon(views_, Serial(1)).value(), std::nullopt);
  EXPECT_EQ(views_.FindStatus(kOne.number, 0).value(), std::nullopt);
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
