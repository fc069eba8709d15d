#include "api/campaign_queries.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "support/builders.h"
#include "support/fake_view_store.h"

namespace coupond::api {
namespace {

using testing::ElementsAre;

/// Campaigns in the views, some of them archived, and the clock at At(0).
class CampaignsPageTest : public testing::Test {
 protected:
  /// Adds campaigns that start at At(number).
  void Add(std::uint64_t count, bool archived) {
    ViewChanges changes;
    for (std::uint64_t i = 0; i < count; ++i) {
      ++last_;
      Campaign campaign;
      campaign.number = CampaignNumber(last_);
      campaign.id.bytes[0] = static_cast<std::uint8_t>(last_ >> 8U);
      campaign.id.bytes[1] = static_cast<std::uint8_t>(last_);
      campaign.terms.name = std::to_string(last_);
      campaign.terms.total_coupons = 1;
      campaign.terms.start_time = test::At(static_cast<std::int64_t>(last_));
      if (archived) campaign.archived_at = test::At(0);
      changes.campaigns.push_back(std::move(campaign));
    }
    ASSERT_TRUE(views_.Write(changes));
  }
  CampaignsPage Filled(CampaignsPage page) {
    queries_ = 0;
    for (page.complete = false; !page.complete; ++queries_) {
      page = FillCampaignsPage(std::move(page), views_, clock_).value();
    }
    return page;
  }
  static std::vector<std::string> Names(const CampaignsPage& page) {
    std::vector<std::string> names;
    for (const auto& campaign : page.response.campaigns()) names.push_back(campaign.name());
    return names;
  }

  test::FakeViewStore views_;
  test::FakeClock clock_{test::At(0)};
  std::uint64_t last_ = 0;
  int queries_ = 0;
};

TEST(CampaignPages, HaveAllThatWereEverIssued) {
  Campaign campaign;
  campaign.number = CampaignNumber(1);
  campaign.terms.total_coupons = 100;
  campaign.serials = SerialRanges({.first = Serial(1), .count = 200});
  campaign.issued_coupons = 100;
  campaign.returned_coupons = 50;
  ViewChanges changes;
  changes.campaigns = {campaign};
  CouponRun& run = changes.runs.emplace_back();
  run.campaign = campaign.number;
  run.count = 150;
  test::FakeViewStore views;
  ASSERT_TRUE(views.Write(changes));
  const CouponCodec codec(CodeKey{});
  CampaignPages pages(campaign, codec, test::At(0));
  coupon::v1::GetCampaignResponse response;
  while (!pages.at_end()) ASSERT_TRUE(pages.AppendPage(views, 100, response));
  EXPECT_EQ(response.coupons_size(), 150);
}

TEST_F(CampaignsPageTest, AllPartsOfACampaignAreOfOneTime) {
  Campaign campaign;
  campaign.number = CampaignNumber(1);
  campaign.serials = SerialRanges({.first = Serial(1), .count = 3});
  campaign.terms.valid_duration = std::chrono::seconds(10);
  campaign.issued_coupons = 3;
  ViewChanges changes;
  changes.campaigns = {campaign};
  for (const int second : {0, 5, 9}) {
    CouponRun& run = changes.runs.emplace_back();
    run.campaign = campaign.number;
    run.first_ordinal = changes.runs.size() - 1;
    run.count = 1;
    run.issued_at = test::At(second);
  }
  test::FakeViewStore views;
  ASSERT_TRUE(views.Write(changes));
  const CouponCodec codec(CodeKey{});
  CampaignPages pages(campaign, codec, test::At(15));
  coupon::v1::GetCampaignResponse response;
  while (!pages.at_end()) ASSERT_TRUE(pages.AppendPage(views, 1, response));
  EXPECT_EQ(response.coupons(0).state(), coupon::v1::COUPON_STATE_EXPIRED);
  EXPECT_EQ(response.coupons(1).state(), coupon::v1::COUPON_STATE_EXPIRED);
  EXPECT_EQ(response.coupons(2).state(), coupon::v1::COUPON_STATE_ISSUED);
  EXPECT_EQ(pages.next_expiry(), test::At(19));
}

TEST_F(CampaignsPageTest, EndsEarlyWhenItsTextsAreLong) {
  Add(100, false);
  ViewChanges changes;
  changes.campaigns = views_.ListCampaigns(CampaignNumber(0), 100).value();
  for (Campaign& campaign : changes.campaigns) campaign.terms.description.assign(8'000, 'x');
  ASSERT_TRUE(views_.Write(changes));
  std::vector<std::string> names;
  int pages = 0;
  for (CampaignNumber after;; ++pages) {
    const CampaignsPage page = Filled({.after = after, .page_size = 100});
    for (const std::string& name : Names(page)) names.push_back(name);
    EXPECT_LT(page.response.ByteSizeLong(), 300'000U);
    const auto token = ReadCampaignsPageToken(page.response.next_page_token());
    if (!token) break;
    after = token->after;
  }
  EXPECT_GE(pages, 3);
  ASSERT_EQ(names.size(), 100U) << "none twice, and none left out";
  for (std::size_t i = 0; i < names.size(); ++i) EXPECT_EQ(names[i], std::to_string(i + 1));
}

TEST_F(CampaignsPageTest, EndsEarlyWhenVeryManyAreArchived) {
  for (int i = 0; i < 12; ++i) Add(1'000, true);
  Add(1, false);
  const CampaignsPage page = Filled({.after = {}, .page_size = 3});
  EXPECT_EQ(page.response.campaigns_size(), 0);
  const auto token = ReadCampaignsPageToken(page.response.next_page_token());
  ASSERT_TRUE(token);
  const CampaignsPage next = Filled({.after = token->after, .page_size = 3});
  EXPECT_THAT(Names(next), ElementsAre("12001"));
  EXPECT_EQ(next.response.next_page_token(), "");
}

TEST_F(CampaignsPageTest, IsFullAlthoughSomeAreArchived) {
  Add(2, false);  // 1 2
  Add(3, true);
  Add(2, false);  // 6 7
  Add(1, true);
  Add(1, false);  // 9
  Add(1, true);
  CampaignsPage page = Filled({.after = {}, .page_size = 3});
  EXPECT_THAT(Names(page), ElementsAre("1", "2", "6"));
  EXPECT_EQ(ReadCampaignsPageToken(page.response.next_page_token()),
            CampaignsPageToken{CampaignNumber(6)});
  page = Filled({.after = CampaignNumber(6), .page_size = 3});
  EXPECT_THAT(Names(page), ElementsAre("7", "9"));
  EXPECT_EQ(page.response.next_page_token(), "") << "those that follow are archived";
  page = Filled({.after = CampaignNumber(6), .page_size = 3, .show_archived = true});
  EXPECT_THAT(Names(page), ElementsAre("7", "8", "9"));
  EXPECT_NE(page.response.next_page_token(), "");
}

TEST_F(CampaignsPageTest, IsFilledInOneQueryUnlessManyAreArchived) {
  Add(5, false);
  EXPECT_EQ(Names(Filled({.after = {}, .page_size = 4})).size(), 4U);
  EXPECT_EQ(queries_, 1);
  EXPECT_EQ(Names(Filled({.after = {}, .page_size = 5})).size(), 5U);
  EXPECT_EQ(queries_, 1);
  Add(3 * kCampaignsAtOnce, true);
  Add(1, false);
  const CampaignsPage page = Filled({.after = {}, .page_size = 6});
  EXPECT_EQ(Names(page).size(), 6U);
  EXPECT_EQ(page.response.next_page_token(), "");
  EXPECT_EQ(queries_, 4) << "one for a page, and three that read 1,000";
}

TEST_F(CampaignsPageTest, HoldsUntilTheFirstStateInItChanges) {
  Add(1, true);
  Add(3, false);  // 2 3 4
  CampaignsPage page = Filled({.after = {}, .page_size = 2});
  EXPECT_EQ(page.time, test::At(0));
  EXPECT_EQ(page.holds_until, test::At(2));
  clock_.Set(test::At(2));
  page = Filled({.after = {}, .page_size = 2});
  EXPECT_EQ(page.response.campaigns(0).state(), coupon::v1::CAMPAIGN_STATE_OPEN);
  EXPECT_EQ(page.response.campaigns(1).state(), coupon::v1::CAMPAIGN_STATE_SCHEDULED);
  EXPECT_EQ(page.holds_until, test::At(3));
  clock_.Set(test::At(3));
  page = Filled({.after = {}, .page_size = 2});
  EXPECT_EQ(page.holds_until, kNever) << "the next campaign is not on this page";
}

}  // namespace
}  // namespace coupond::api
