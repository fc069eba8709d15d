#include <gtest/gtest.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "engine/views/projection_fixture.h"
#include "support/builders.h"

// What is kept for ever: when campaigns sold out, the ids of deleted ones, requests of batches.
namespace coupond {
namespace {

using test::At;
using test::ClaimOf;
using test::Id;

class ProjectionHistoryTest : public ProjectionTest {
 protected:
  /// Creates a campaign of two coupons, and another one.
  void GivenCampaigns() {
    Given(1, {CampaignCreated{kOne.number, kOne.id, {"one", 2, At(5)}, kOne.first_serial}, kTwo});
  }
  [[nodiscard]] std::vector<std::pair<std::uint64_t, std::uint64_t>> SoldOuts() const {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> sold_outs;
    const auto rows = views_.ListSoldOuts(Sequence(), tip_.sequence.Next()).value();
    for (const SoldOutRow& row : rows) {
      sold_outs.emplace_back(row.sequence.value(), row.campaign.value());
    }
    return sold_outs;
  }
  using Pairs = std::vector<std::pair<std::uint64_t, std::uint64_t>>;
};

CampaignUpdated TotalOf(std::int64_t total) {
  return {kOne.number, {.total_coupons = total}, {}, {}};
}
CouponVoided Voided(std::uint64_t serial, bool returned) {
  return {.campaign = kOne.number,
          .serial = Serial(serial),
          .returned = returned,
          .reason = {},
          .added_serials = {},
          .request = {}};
}

TEST_F(ProjectionHistoryTest, TheLastCouponSellsTheCampaignOut) {
  GivenCampaigns();
  Given(7, {IssuedBy(kOne, 0)});
  Write();
  EXPECT_EQ(SoldOuts(), Pairs());
  Given(8, {IssuedBy(kTwo, 0), IssuedBy(kOne, 1), IssuedBy(kTwo, 1)});
  Write();
  EXPECT_EQ(SoldOuts(), (Pairs{{5, 1}}));
}

TEST_F(ProjectionHistoryTest, ALoweredTotalSellsTheCampaignOut) {
  GivenCampaigns();
  Given(7, {IssuedBy(kOne, 0)});
  Write();
  Given(8, {TotalOf(1), CampaignUpdated{kOne.number, {.name = "uno"}, {}, {}}});
  Write();
  EXPECT_EQ(SoldOuts(), (Pairs{{4, 1}}));
}

TEST_F(ProjectionHistoryTest, ItSellsOutAgainAfterANewPlace) {
  GivenCampaigns();
  Given(7, {IssuedBy(kOne, 0), IssuedBy(kOne, 1)});
  Write();
  CouponVoided returned = Voided(1, true);
  returned.added_serials = SerialRange{.first = Serial(21), .count = 1'024};
  Given(8, {returned, CouponIssued{kOne.number, Serial(21)}});
  Given(9, {TotalOf(3), CouponIssued{kOne.number, Serial(22)}});
  Write();
  EXPECT_EQ(SoldOuts(), (Pairs{{4, 1}, {6, 1}, {8, 1}}));
  Given(10, {Voided(22, false)});
  Write();
  EXPECT_EQ(SoldOuts().size(), 3U) << "a voided coupon keeps its place";
}

TEST_F(ProjectionHistoryTest, ADeletedCampaignLeavesItsIdAndEnd) {
  for (const bool write_before : {false, true}) {
    SCOPED_TRACE(write_before);
    GivenCampaigns();
    if (write_before) Write();
    Given(7, {IssuedBy(kOne, 0), IssuedBy(kOne, 1), CampaignDeleted{kOne.number}});
    Write();
    EXPECT_EQ(SoldOuts(), (Pairs{{4, 1}}));
    EXPECT_EQ(views_.FindCampaign(Id(1)).value(), std::nullopt);
    EXPECT_EQ(views_.FindCampaignId(kOne.number).value(), Id(1));
    EXPECT_EQ(views_.FindCampaignId(kTwo.number).value(), Id(2));
    EXPECT_EQ(views_.FindCampaignId(CampaignNumber(3)).value(), std::nullopt);
    ASSERT_TRUE(views_.Clear());
    projection_ = Projection::Load(views_).value();
    tip_ = {};
  }
}

TEST_F(ProjectionHistoryTest, TheRequestOfABatchIsKept) {
  GivenCampaigns();
  Given(7,
        {BatchIssued{kOne.number, 2, test::RequestOf(1, 5)}, IssuedBy(kOne, 0), IssuedBy(kOne, 1)});
  const ViewChanges changes = projection_.Take();
  EXPECT_EQ(changes.requests,
            (std::vector<RequestRow>{{ClaimOf(1), {.sequence = Sequence(3), .content = 5}}}));
  EXPECT_EQ(changes.runs, (std::vector<CouponRun>{{kOne.number, 0, 2, At(7), {}}}));
  EXPECT_EQ(changes.sold_outs, (std::vector<SoldOutRow>{{Sequence(5), kOne.number}}));
}

}  // namespace
}  // namespace coupond
