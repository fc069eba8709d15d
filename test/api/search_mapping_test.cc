#include "api/search_mapping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <set>
#include <string>
#include <vector>

#include "api/mapping_expectations.h"
#include "api/page_tokens.h"
#include "engine/rules/limits.h"
#include "support/builders.h"

namespace coupond::api {
namespace {

using testing::ElementsAre;

/// A search that asks for everything.
class SearchMappingTest : public testing::Test {
 protected:
  SearchMappingTest() {
    request_.set_campaign_id(FormatUuid(test::Id(1).bytes));
    request_.set_user_id("kim");
    request_.add_states(coupon::v1::COUPON_STATE_VOIDED);
    request_.add_states(coupon::v1::COUPON_STATE_REDEEMED);
    request_.set_order(coupon::v1::COUPON_ORDER_NEWEST_FIRST);
    request_.set_page_size(7);
  }
  Mapped<MappedSearch> Map(const coupon::v1::SearchCouponsRequest& request) {
    return MapSearchCoupons(request, claims_);
  }
  /// Returns the token of the next page of what is asked for.
  std::string TokenOf(const coupon::v1::SearchCouponsRequest& request) {
    return WritePageToken(SearchPageToken{.search = Map(request).value().digest, .after = kPlace});
  }

  static constexpr UserCoupon kPlace{
      .sequence = Sequence(52), .campaign = CampaignNumber(3), .ordinal = 9};
  ClaimDigest claims_{CodeKey{}};
  coupon::v1::SearchCouponsRequest request_;
};

TEST_F(SearchMappingTest, MapsAllThatIsAskedFor) {
  const CouponSearch search = Map(request_).value().search;
  EXPECT_EQ(search.campaign_id, test::Id(1));
  EXPECT_THAT(search.user_ids, ElementsAre("kim"));
  EXPECT_THAT(search.states, ElementsAre(CouponState::kRedeemed, CouponState::kVoided));
  EXPECT_EQ(search.order, CouponOrder::kNewestFirst);
  EXPECT_EQ(search.page_size, 7U);
  EXPECT_EQ(Map(request_)->after, std::nullopt);
}

TEST_F(SearchMappingTest, WhatIsLeftOutMeansAllOldestFirst) {
  coupon::v1::SearchCouponsRequest request;
  request.set_user_id("kim");
  const CouponSearch search = Map(request).value().search;
  EXPECT_EQ(search.campaign_id, std::nullopt);
  EXPECT_TRUE(search.states.empty());
  EXPECT_EQ(search.order, CouponOrder::kOldestFirst);
  EXPECT_EQ(search.page_size, static_cast<std::size_t>(limits::kPageSizeDefault));
  request.set_page_size(limits::kPageSizeMax + 1);
  EXPECT_EQ(Map(request)->search.page_size, static_cast<std::size_t>(limits::kPageSizeMax));
}

TEST_F(SearchMappingTest, EveryStateCanBeLookedFor) {
  google::protobuf::RepeatedField<int> all;
  for (int state = coupon::v1::COUPON_STATE_ISSUED; state <= coupon::v1::CouponState_MAX; ++state) {
    all.Add(state);
    all.Add(state);
  }
  EXPECT_THAT(MapStates(all).value(),
              ElementsAre(CouponState::kIssued, CouponState::kRedeemed, CouponState::kVoided,
                          CouponState::kReturned, CouponState::kExpired));
}

TEST_F(SearchMappingTest, UsersAreLookedForInBothForms) {
  request_.set_user_id(" ｋｉｍ");
  EXPECT_THAT(Map(request_)->search.user_ids, ElementsAre("kim", " ｋｉｍ"));
}

TEST_F(SearchMappingTest, WhatCannotBeMeantIsRefused) {
  coupon::v1::SearchCouponsRequest request;
  ExpectInvalid(Map(request), "campaign_id and user_id are both missing");
  request = request_;
  request.set_user_id("  ");
  ExpectInvalid(Map(request), "user_id: ");
  request = request_;
  request.set_user_id(std::string(limits::kUserIdMaxBytes + 1, 'x'));
  ExpectInvalid(Map(request), "user_id: ");
  request = request_;
  request.set_page_size(-1);
  ExpectInvalid(Map(request), "page_size: -1 ");
  for (const int number : {-1, 0, 6, std::numeric_limits<int>::max()}) {
    request = request_;
    request.mutable_states()->Add(number);
    const auto mapped = Map(request);
    ExpectInvalid(mapped, ("states: " + std::to_string(number) + " ").c_str());
    EXPECT_EQ(mapped.error().field, "states");
  }
  for (const int number : {-1, 3}) {
    request = request_;
    request.set_order(static_cast<coupon::v1::CouponOrder>(number));
    ExpectInvalid(Map(request), ("order: " + std::to_string(number) + " ").c_str());
  }
  request = request_;
  request.set_campaign_id("x");
  EXPECT_EQ(Map(request).value().search.campaign_id, kNoCampaign);
}

TEST_F(SearchMappingTest, APageTokenIsGoodForItsOwnSearchAlone) {
  const std::string token = TokenOf(request_);
  const auto expect = [&](coupon::v1::SearchCouponsRequest request, bool good, const char* what) {
    request.set_page_token(token);
    const auto mapped = Map(request);
    EXPECT_EQ(mapped ? "" : mapped.error().field, good ? "" : "page_token") << what;
    EXPECT_EQ(mapped ? mapped->after : kPlace, kPlace);
  };
  coupon::v1::SearchCouponsRequest request = request_;
  expect(request, true, "the same search");
  request.set_page_size(100);
  expect(request, true, "another page_size");
  request.mutable_states()->SwapElements(0, 1);
  request.add_states(coupon::v1::COUPON_STATE_REDEEMED);
  expect(request, true, "the same states");
  request.add_states(coupon::v1::COUPON_STATE_ISSUED);
  expect(request, false, "one more state");
  request = request_;
  request.clear_states();
  expect(request, false, "all states");
  request = request_;
  request.set_user_id("lee");
  expect(request, false, "another user");
  request = request_;
  request.set_user_id("ｋｉｍ");
  expect(request, false, "a user who was sent in another form");
  request = request_;
  request.clear_user_id();
  expect(request, false, "anybody");
  request = request_;
  request.set_campaign_id(FormatUuid(test::Id(2).bytes));
  expect(request, false, "another campaign");
  request = request_;
  request.clear_campaign_id();
  expect(request, false, "all campaigns");
  request = request_;
  request.set_order(coupon::v1::COUPON_ORDER_OLDEST_FIRST);
  expect(request, false, "another order");

  request_.clear_order();
  request = request_;
  request.set_order(coupon::v1::COUPON_ORDER_OLDEST_FIRST);
  request.set_page_token(TokenOf(request_));
  EXPECT_TRUE(Map(request)) << "oldest first is what is done without an order";
}

TEST_F(SearchMappingTest, WhatIsNoPageTokenOfASearchIsRefused) {
  for (const std::string& token : {std::string("x"), std::string(10'000, 'x'),
                                   WritePageToken(CouponsPageToken{CampaignNumber(1), 5})}) {
    request_.set_page_token(token);
    ExpectInvalid(Map(request_), "page_token: ");
  }
}

TEST_F(SearchMappingTest, TokensOfOtherStoresAreRefused) {
  request_.set_page_token(TokenOf(request_));
  ClaimDigest others(test::MakeId<CodeKey>(9));
  ExpectInvalid(MapSearchCoupons(request_, others), "page_token: ");
}

}  // namespace
}  // namespace coupond::api
