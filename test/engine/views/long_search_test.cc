#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "engine/codes/user_digest.h"
#include "engine/views/coupon_search.h"
#include "engine/views/whole_search.h"
#include "support/builders.h"
#include "support/interrupted_views.h"

// How much a search looks at.
namespace coupond {
namespace {

using test::At;
using test::Found;
using testing::ElementsAre;

/// Views with long campaigns, whose coupons are issued at At(ordinal).
class LongSearchTest : public testing::Test {
 protected:
  static constexpr std::uint32_t kCouponsPerRun = 100;

  /// Adds a campaign with coupons that were all issued to one user.
  void Add(std::uint64_t number, std::uint64_t coupons, CampaignTerms terms = {}) {
    Campaign campaign{
        .number = CampaignNumber(number),
        .id = test::Id(static_cast<std::uint8_t>(number)),
        .terms = std::move(terms),
        .serials = SerialRanges({.first = Serial(1'000'000 * number), .count = coupons}),
        .created_at = {},
        .revision = {}};
    campaign.terms.total_coupons = static_cast<std::int64_t>(coupons);
    campaign.issued_coupons = campaign.terms.total_coupons;
    ViewChanges changes;
    changes.campaigns = {campaign};
    UserDigests digests(changes.checkpoint.code_key);
    for (std::uint64_t ordinal = 0; ordinal < coupons; ordinal += kCouponsPerRun) {
      CouponRun& run = changes.runs.emplace_back();
      run.campaign = campaign.number;
      run.first_ordinal = ordinal;
      run.count =
          static_cast<std::uint32_t>(std::min<std::uint64_t>(kCouponsPerRun, coupons - ordinal));
      run.issued_at = At(static_cast<std::int64_t>(ordinal));
      for (std::uint32_t offset = 0; offset < run.count; ++offset) {
        run.holders.push_back({.offset = offset, .user_id = "kim"});
        changes.user_coupons.push_back({.user = digests.Of("kim"),
                                        .coupon = {.sequence = next_sequence_,
                                                   .campaign = campaign.number,
                                                   .ordinal = ordinal + offset}});
        next_sequence_ = next_sequence_.Next();
      }
    }
    ASSERT_TRUE(views_.Write(changes));
  }
  void SetState(std::uint64_t number, std::uint64_t ordinal, CouponState state) {
    ViewChanges changes;
    changes.statuses = {
        {.campaign = CampaignNumber(number), .ordinal = ordinal, .status = {.state = state}}};
    ASSERT_TRUE(views_.Write(changes));
  }
  /// Lets a campaign be deleted before one of the next reads, which are counted from 1.
  void DeleteBeforeRead(int read, std::uint8_t number) {
    views_.BeforeEachRead([this, read, number]() mutable {
      if (--read != 0) return;
      ViewChanges changes;
      changes.erased_campaigns = {views_.rows().FindCampaign(test::Id(number)).value().value()};
      ASSERT_TRUE(views_.rows().Write(changes));
    });
  }
  Found Search(const CouponSearch& search, Timestamp time = At(0)) {
    return test::SearchAll(views_, search, [time] { return time; });
  }
  static std::vector<std::uint64_t> Ordinals(const Found& found) {
    std::vector<std::uint64_t> ordinals;
    for (const SearchedCoupon& one : found.coupons) ordinals.push_back(one.coupon.ordinal);
    return ordinals;
  }

  test::InterruptedViews views_;
  Sequence next_sequence_{1};
};

constexpr std::array kBothOrders{CouponOrder::kOldestFirst, CouponOrder::kNewestFirst};

TEST_F(LongSearchTest, APageIsCutShortWhereFewCouponsMatch) {
  Add(1, 25'000);
  SetState(1, 24'000, CouponState::kVoided);
  SetState(1, 1'000, CouponState::kVoided);
  for (const CouponOrder order : kBothOrders) {
    // Also expired ones, of which there are none, so that all must be looked at.
    const Found found = Search({.campaign_id = test::Id(1),
                                .states = {CouponState::kVoided, CouponState::kExpired},
                                .order = order,
                                .page_size = 50});
    EXPECT_THAT(found.pages, ElementsAre(1, 0, 1));
    EXPECT_EQ(found.steps, 11U + 11U + 6U) << "of 50, then of 1,000, then of what is left";
  }
}

TEST_F(LongSearchTest, AStepEndsEvenIfAPageIsLonger) {
  Add(1, 5'000);
  for (const CouponOrder order : kBothOrders) {
    CouponSearch search{.campaign_id = test::Id(1), .order = order, .page_size = 4'500};
    EXPECT_THAT(Search(search).pages, ElementsAre(4'500, 500));
    search.user_ids = {"kim"};
    EXPECT_THAT(Search(search).pages, ElementsAre(4'500, 500));
  }
}

TEST_F(LongSearchTest, AUsersPageIsCutShortWhereFewCouponsMatch) {
  Add(1, 1);
  Add(2, 25'000);
  Add(3, 1);
  for (const CouponOrder order : kBothOrders) {
    const Found found = Search({.campaign_id = test::Id(order == CouponOrder::kOldestFirst ? 3 : 1),
                                .user_ids = {"kim"},
                                .order = order,
                                .page_size = 1'000});
    EXPECT_THAT(found.pages, ElementsAre(0, 0, 1));
  }
}

TEST_F(LongSearchTest, AStepReadsFewScatteredCoupons) {
  Add(1, 25'000);
  for (std::uint64_t ordinal = 0; ordinal < 25'000; ordinal += 100) {
    SetState(1, ordinal, CouponState::kRedeemed);
  }
  for (const CouponOrder order : kBothOrders) {
    const Found found = Search({.campaign_id = test::Id(1),
                                .states = {CouponState::kRedeemed},
                                .order = order,
                                .page_size = 1'000});
    EXPECT_THAT(found.pages, ElementsAre(250));
    EXPECT_EQ(found.steps, 3U);
  }
}

TEST_F(LongSearchTest, AStepReadsFewCouponsOfAUser) {
  Add(1, 1'500);
  const Found found = Search({.user_ids = {"kim"}, .page_size = 1'000});
  EXPECT_THAT(found.pages, ElementsAre(1'000, 500));
  EXPECT_EQ(found.steps, 15U);
}

TEST_F(LongSearchTest, UsersWhoShareAListHaveTheirOwnCoupons) {
  Add(1, 100);
  // As if "lee" and "LEE" had the same digest as "kim".
  ViewChanges changes;
  UserDigests digests(changes.checkpoint.code_key);
  for (std::uint64_t ordinal = 0; ordinal < 100; ++ordinal) {
    for (const char* const user_id : {"lee", "LEE"}) {
      changes.user_coupons.push_back({.user = digests.Of(user_id),
                                      .coupon = {.sequence = Sequence(ordinal + 1),
                                                 .campaign = CampaignNumber(1),
                                                 .ordinal = ordinal}});
    }
  }
  ASSERT_TRUE(views_.Write(changes));
  for (const CouponOrder order : kBothOrders) {
    EXPECT_TRUE(
        Search({.user_ids = {"lee", "LEE"}, .order = order, .page_size = 7}).coupons.empty());
    const Found found = Search({.user_ids = {"kim", "lee", "LEE"}, .order = order, .page_size = 7});
    EXPECT_EQ(found.coupons.size(), 100U) << "none twice";
  }
}

TEST_F(LongSearchTest, ACampaignThatIsDeletedMeanwhileHasNoLastPage) {
  // The campaign and the list are read before, the coupons that the list names after it.
  Add(1, 300);
  SetState(1, 100, CouponState::kVoided);
  DeleteBeforeRead(3, 1);
  Found found =
      Search({.campaign_id = test::Id(1), .states = {CouponState::kVoided}, .page_size = 10});
  EXPECT_TRUE(found.not_found);
  EXPECT_TRUE(found.pages.empty());

  Add(2, 300);
  DeleteBeforeRead(4, 2);
  found = Search({.campaign_id = test::Id(2), .user_ids = {"kim"}, .page_size = 1'000});
  EXPECT_TRUE(found.not_found);
  EXPECT_TRUE(found.pages.empty());
}

TEST_F(LongSearchTest, PartsThatCannotMatchAreNotLookedAt) {
  CampaignTerms terms;
  terms.valid_duration = std::chrono::seconds(1'000);
  Add(1, 25'000, terms);
  for (const CouponOrder order : kBothOrders) {
    CouponSearch search{.campaign_id = test::Id(1),
                        .states = {CouponState::kIssued},
                        .order = order,
                        .page_size = 500};
    const Found issued = Search(search, At(25'700));
    EXPECT_EQ(issued.coupons.size(), 200U) << "of the last two runs";
    EXPECT_EQ(issued.steps, 1U);
    search.states = {CouponState::kExpired};
    const Found expired = Search(search, At(1'100));
    EXPECT_EQ(expired.coupons.size(), 200U) << "of the first two runs";
    EXPECT_EQ(expired.steps, 1U);
  }
}

TEST_F(LongSearchTest, NewestFirstBeginsWithTheNewestThatThereIsThen) {
  Add(1, 3);
  const CouponSearch search{
      .campaign_id = test::Id(1), .order = CouponOrder::kNewestFirst, .page_size = 1};
  CouponSearchPage page = SearchCoupons(views_, search, At(0), {}).value().value();
  EXPECT_EQ(page.coupons.at(0).coupon.ordinal, 2U);
  Add(1, 100);
  page = SearchCoupons(views_, search, At(0), {.after = page.after}).value().value();
  EXPECT_EQ(page.coupons.at(0).coupon.ordinal, 1U);
}

TEST_F(LongSearchTest, APlaceThatNoCouponHasIsTheEndOfTheList) {
  Add(1, 3);
  SetState(1, 1, CouponState::kVoided);
  const UserCoupon beyond{.sequence = Sequence(~std::uint64_t{0}),
                          .campaign = CampaignNumber(1),
                          .ordinal = ~std::uint64_t{0}};
  for (const std::set<CouponState>& states : {std::set<CouponState>(), {CouponState::kVoided}}) {
    CouponSearch search{.campaign_id = test::Id(1), .states = states, .page_size = 10};
    EXPECT_TRUE(SearchCoupons(views_, search, At(0), {.after = beyond})->value().coupons.empty());
    search.order = CouponOrder::kNewestFirst;
    EXPECT_FALSE(SearchCoupons(views_, search, At(0), {.after = beyond})->value().coupons.empty());
  }
}

}  // namespace
}  // namespace coupond
