#include "api/search_methods.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/json_service_fixture.h"
#include "coupon/v1/coupon_service.pb.h"
#include "engine/views/coupon_search.h"
#include "support/builders.h"

namespace coupond::api {
namespace {

using coupon::v1::SearchCouponsResponse;
using test::At;
using testing::ElementsAre;
using testing::IsEmpty;

/// Looks for coupons of campaign 1 and of campaigns that the tests create.
class SearchMethodsTest : public JsonServiceFixture {
 protected:
  Exchange SendSearch(std::string_view fields) {
    return SendJson("SearchCoupons", "{" + std::string(fields) + "}");
  }
  SearchCouponsResponse Search(std::string_view fields) {
    return Read<SearchCouponsResponse>(SendSearch(fields));
  }
  std::vector<std::string> Find(std::string_view fields) { return CodesOf(Search(fields)); }
  static std::vector<std::string> CodesOf(const SearchCouponsResponse& response) {
    std::vector<std::string> codes;
    for (const auto& coupon : response.coupons()) codes.push_back(coupon.code());
    return codes;
  }

  std::string CreateCampaign(const std::string& name) {
    return Read<coupon::v1::CreateCampaignResponse>(
               SendJson("CreateCampaign",
                        R"({"totalCoupons":100,"startIn":"0s","name":")" + name + "\"}"))
        .campaign()
        .id();
  }
  std::string IssueTo(const std::string& user_id, const std::string& campaign_id = "") {
    return Read<coupon::v1::IssueCouponResponse>(
               SendFor("IssueCoupon", R"(,"userId":")" + user_id + '"', campaign_id))
        .coupon()
        .code();
  }
  void Void(const std::string& code, std::string_view more = "") {
    BodyOf(SendCode("VoidCoupon", code, more));
  }
  [[nodiscard]] std::string InCampaign(const std::string& id) {
    return R"("campaignId":")" + id + '"';
  }
  /// Sends the fields as protobuf.
  Exchange SendProtobuf(const coupon::v1::SearchCouponsRequest& request) {
    const http::HeaderField protobuf{"Content-Type", "application/proto"};
    return Post("SearchCoupons", request.SerializeAsString(), {&protobuf, 1});
  }
};

TEST_F(SearchMethodsTest, FindsTheCouponsOfAUserInAllCampaigns) {
  const std::string other = CreateCampaign("two");
  const std::string first = IssueTo("kim");
  IssueTo("lee");
  BodyOf(SendFor("IssueCoupon"));
  const std::string second = IssueTo("kim", other);
  const SearchCouponsResponse found = Search(R"("userId":"kim")");
  ASSERT_THAT(CodesOf(found), ElementsAre(first, second));
  for (const auto& coupon : found.coupons()) {
    EXPECT_EQ(coupon.ShortDebugString(), GetCoupon(coupon.code()).ShortDebugString());
  }
  EXPECT_EQ(found.next_page_token(), "");
  EXPECT_THAT(Find(R"("userId":"kim","order":"COUPON_ORDER_NEWEST_FIRST")"),
              ElementsAre(second, first));
  EXPECT_THAT(Find(R"("userId":"kim",)" + InCampaign(other)), ElementsAre(second));
  EXPECT_THAT(Find(R"("userId":" ｋｉｍ")"), ElementsAre(first, second));
  EXPECT_THAT(Find(R"("userId":"nobody")"), IsEmpty());
}

TEST_F(SearchMethodsTest, FindsCouponsByTheirStates) {
  const std::string issued = IssueTo("a");
  const std::string redeemed = IssueTo("b");
  const std::string voided = IssueTo("c");
  const std::string returned = IssueTo("d");
  EXPECT_TRUE(Redeem(redeemed, R"(,"orderRef":"4711")").success());
  Void(voided, R"(,"reason":"fraud")");
  Void(returned, R"(,"returnToPool":true)");
  const auto find = [&](const std::string& states) {
    return Find(InCampaign(id_) + R"(,"states":[)" + states + "]");
  };
  EXPECT_THAT(find(""), ElementsAre(issued, redeemed, voided, returned));
  EXPECT_THAT(find(R"("COUPON_STATE_ISSUED")"), ElementsAre(issued));
  EXPECT_THAT(find(R"("COUPON_STATE_REDEEMED")"), ElementsAre(redeemed));
  EXPECT_THAT(find(R"("COUPON_STATE_VOIDED")"), ElementsAre(voided));
  EXPECT_THAT(find(R"("COUPON_STATE_RETURNED")"), ElementsAre(returned));
  EXPECT_THAT(find(R"("COUPON_STATE_EXPIRED")"), IsEmpty());
  EXPECT_THAT(find(R"("COUPON_STATE_RETURNED","COUPON_STATE_REDEEMED")"),
              ElementsAre(redeemed, returned));
  const auto found = Search(R"("userId":"b","states":["COUPON_STATE_REDEEMED"])");
  ASSERT_EQ(found.coupons_size(), 1);
  EXPECT_EQ(found.coupons(0).redemption().order_ref(), "4711");
}

TEST_F(SearchMethodsTest, CouponsExpireByTheEnginesClock) {
  Update(R"(,"validDuration":"60s")");
  const std::string first = IssueTo("a");
  clock_.Set(At(30));
  const std::string second = IssueTo("b");
  const std::string expired = InCampaign(id_) + R"(,"states":["COUPON_STATE_EXPIRED"])";
  const std::string issued = InCampaign(id_) + R"(,"states":["COUPON_STATE_ISSUED"])";
  clock_.Set(At(59));
  EXPECT_THAT(Find(expired), IsEmpty());
  clock_.Set(At(60));
  const SearchCouponsResponse found = Search(expired);
  EXPECT_THAT(CodesOf(found), ElementsAre(first));
  EXPECT_EQ(found.coupons(0).state(), coupon::v1::COUPON_STATE_EXPIRED);
  EXPECT_THAT(Find(issued), ElementsAre(second));
  clock_.Set(At(90));
  EXPECT_THAT(Find(expired), ElementsAre(first, second));
  EXPECT_THAT(Find(issued), IsEmpty());
}

TEST_F(SearchMethodsTest, ArchivedCampaignsAreSearchedDeletedNot) {
  const std::string archived = CreateCampaign("archived");
  const std::string deleted = CreateCampaign("deleted");
  const std::string code = IssueTo("kim", archived);
  IssueTo("kim", deleted);
  BodyOf(SendFor("ArchiveCampaign", "", archived));
  BodyOf(SendFor("DeleteCampaign", "", deleted));
  EXPECT_THAT(Find(R"("userId":"kim")"), ElementsAre(code));
  EXPECT_THAT(Find(InCampaign(archived)), ElementsAre(code));
  for (const std::string& id : {deleted, FormatUuid(test::Id(9).bytes), std::string("x")}) {
    for (const char* const more : {"", R"(,"userId":"kim")"}) {
      EXPECT_EQ(DetailsOf(SendSearch(InCampaign(id) + more), 404).reason, "NO_SUCH_CAMPAIGN");
    }
  }
}

TEST_F(SearchMethodsTest, PagesFollowEachOther) {
  std::vector<std::string> codes;
  for (const char* const user : {"a", "b", "c", "d", "e"}) codes.push_back(IssueTo(user));
  std::vector<std::string> found;
  std::string token;
  int pages = 0;
  do {
    const SearchCouponsResponse page =
        Search(InCampaign(id_) + R"(,"pageSize":2,"pageToken":")" + token + '"');
    for (const auto& coupon : page.coupons()) found.push_back(coupon.code());
    token = page.next_page_token();
    IssueTo("later " + std::to_string(++pages));
  } while (!token.empty() && pages < 9);
  EXPECT_THAT(std::vector(found.begin(), found.begin() + 5), codes) << "none twice";
  EXPECT_EQ(found.size(), 8U) << "and those that were issued after the first three pages";
  const SearchCouponsResponse newest =
      Search(InCampaign(id_) + R"(,"pageSize":2,"order":"COUPON_ORDER_NEWEST_FIRST")");
  const auto refused = DetailsOf(
      SendSearch(InCampaign(id_) + R"(,"pageToken":")" + newest.next_page_token() + '"'), 400);
  EXPECT_EQ(refused.reason, "FIELD_INVALID");
  EXPECT_EQ(refused.field, "page_token");
  const auto of_list =
      Read<coupon::v1::ListCouponsResponse>(SendFor("ListCoupons", R"(,"pageSize":2)"));
  EXPECT_EQ(
      BodyOf(SendSearch(InCampaign(id_) + R"(,"pageToken":")" + of_list.next_page_token() + '"'),
             400),
      BodyOf(SendFor("ListCoupons", R"(,"pageToken":")" + newest.next_page_token() + '"'), 400))
      << "refused alike";
}

TEST_F(SearchMethodsTest, WhatIsWrongIsNamed) {
  const std::string neither = BodyOf(SendSearch(""), 400);
  EXPECT_THAT(neither, testing::HasSubstr("campaign_id and user_id are both missing"));
  EXPECT_EQ(DetailsOf(SendSearch(R"("userId":"kim","states":[0])"), 400).field, "states");
  EXPECT_EQ(DetailsOf(SendSearch(R"("userId":"kim","states":[1,77])"), 400).field, "states");
  EXPECT_EQ(DetailsOf(SendSearch(R"("userId":"kim","order":77)"), 400).field, "order");
  EXPECT_EQ(DetailsOf(SendSearch(R"("userId":"kim","pageSize":-1)"), 400).field, "page_size");
}

TEST_F(SearchMethodsTest, AnswersInProtobufAsInJson) {
  IssueTo("kim");
  coupon::v1::SearchCouponsRequest request;
  request.set_user_id("kim");
  const Exchange exchange = SendProtobuf(request);
  SearchCouponsResponse response;
  ASSERT_TRUE(response.ParseFromString(BodyOf(exchange)));
  EXPECT_EQ(exchange->response().content_type, "application/proto");
  EXPECT_EQ(response.coupons_size(), 1);
  EXPECT_EQ(response.ShortDebugString(), Search(R"("userId":"kim")").ShortDebugString());
}

TEST_F(SearchMethodsTest, AUserIsNotLookedForInAUrl) {
  const auto exchange = std::make_shared<connect::FakeExchange>();
  handler_->Handle({.method = "GET",
                    .path = "/coupon.v1.CouponService/SearchCoupons",
                    .query = R"(encoding=json&message={"userId":"kim"})",
                    .body = {},
                    .headers = {}},
                   exchange);
  BodyOf(exchange, 405);
}

TEST_F(SearchMethodsTest, ReadsItsOwnWrites) {
  views_.HoldWrites();
  const std::string code = IssueTo("kim");
  const Exchange by_user = SendSearch(R"("userId":"kim")");
  const Exchange by_campaign = SendSearch(InCampaign(id_));
  EXPECT_FALSE(by_user->answered());
  views_.ReleaseWrites();
  EXPECT_THAT(CodesOf(Read<SearchCouponsResponse>(by_user)), ElementsAre(code));
  EXPECT_THAT(CodesOf(Read<SearchCouponsResponse>(by_campaign)), ElementsAre(code));
}

TEST_F(SearchMethodsTest, OtherQueriesHaveTheirTurnDuringALongSearch) {
  // A campaign of which no coupon matches, and all must be looked at.
  GetCampaign();  // so that the views are as far as the log
  ViewChanges changes;
  changes.checkpoint = views_.ReadCheckpoint().value().value();
  Campaign& campaign = changes.campaigns.emplace_back();
  campaign.number = CampaignNumber(9);
  campaign.id = test::Id(9);
  campaign.issued_coupons = 2 * kCouponsLookedAtMax;
  campaign.terms.total_coupons = campaign.issued_coupons;
  campaign.serials = SerialRanges({.first = Serial(1'000'000), .count = 2 * kCouponsLookedAtMax});
  CouponRun& run = changes.runs.emplace_back();
  run.campaign = campaign.number;
  run.count = 2 * kCouponsLookedAtMax;
  const std::string search = InCampaign(FormatUuid(campaign.id.bytes)) +
                             R"(,"states":["COUPON_STATE_VOIDED","COUPON_STATE_EXPIRED"])";
  ASSERT_TRUE(views_.Write(changes));

  std::promise<void> release;
  ASSERT_TRUE(engine_->Query(
      [released = release.get_future().share()](const Status&) { released.wait(); }));
  const Exchange searching = SendSearch(search);
  const Exchange status = SendFor("GetCampaignStatus");
  release.set_value();
  BodyOf(status);
  EXPECT_FALSE(searching->answered());
  const auto page = Read<SearchCouponsResponse>(searching);
  EXPECT_THAT(CodesOf(page), IsEmpty()) << "cut short";
  EXPECT_NE(page.next_page_token(), "");
  EXPECT_EQ(Search(search + R"(,"pageToken":")" + page.next_page_token() + '"').next_page_token(),
            "");
}

TEST_F(SearchMethodsTest, FullQueriesLetASearchBeRepeated) {
  std::promise<void> end = FillQueries();
  EXPECT_TRUE(DetailsOf(SendSearch(R"("userId":"kim")"), 503).retry_delay);
  end.set_value();
}

}  // namespace
}  // namespace coupond::api
