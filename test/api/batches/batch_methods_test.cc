#include "api/batches/batch_methods.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <string>
#include <string_view>

#include "api/batches/batch_fixture.h"
#include "coupon/v1/coupon_service.pb.h"
#include "support/builders.h"

namespace coupond::api {
namespace {

using test::At;
using testing::HasSubstr;

using BatchMethodsTest = BatchFixture;

TEST_F(BatchMethodsTest, ANumberOfCouponsIsIssuedInOrder) {
  const std::uint64_t before = engine_->durable_sequence().value();
  const Answer answer = Batch(R"(,"count":3)");
  EXPECT_EQ(answer.sequence(), before + 1);
  EXPECT_EQ(engine_->durable_sequence().value(), before + 4) << "the coupons follow the batch";
  EXPECT_EQ(answer.issued_coupons(), 3);
  EXPECT_FALSE(answer.already_issued());
  EXPECT_TRUE(answer.results().empty());
  ASSERT_EQ(answer.coupons_size(), 3);
  const auto campaign = GetCampaign();
  ASSERT_EQ(campaign.coupons_size(), 3);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(answer.coupons(i).ShortDebugString(), campaign.coupons(i).ShortDebugString());
    EXPECT_EQ(answer.coupons(i).ShortDebugString(),
              GetCoupon(answer.coupons(i).code()).ShortDebugString());
  }
  EXPECT_EQ(Batch(R"(,"count":3)").sequence(), before + 5) << "without a request_id, another three";
}

TEST_F(BatchMethodsTest, EachUserGetsACouponOrTheOneThatTheUserHas) {
  const std::string held = Issue(R"(,"userId":"lee")").coupon().code();
  Redeem(held);
  const Answer answer = Batch(Users({"ｋｉｍ", "lee", "park", "kim"}));
  EXPECT_EQ(answer.issued_coupons(), 2);
  EXPECT_TRUE(answer.coupons().empty());
  ASSERT_EQ(answer.results_size(), 4);
  for (const auto& result : answer.results()) {
    EXPECT_TRUE(result.success());
    EXPECT_FALSE(result.has_error());
    EXPECT_FALSE(result.has_refusal());
  }
  const auto& kim = answer.results(0);
  EXPECT_FALSE(kim.already_issued());
  EXPECT_EQ(kim.coupon().user_id(), "kim");
  EXPECT_EQ(kim.coupon().ShortDebugString(), GetCoupon(kim.coupon().code()).ShortDebugString());
  EXPECT_TRUE(answer.results(1).already_issued());
  EXPECT_EQ(answer.results(1).coupon().code(), held);
  EXPECT_EQ(answer.results(1).coupon().state(), coupon::v1::COUPON_STATE_REDEEMED);
  EXPECT_FALSE(answer.results(2).already_issued());
  EXPECT_TRUE(answer.results(3).already_issued()) << "earlier in the batch";
  EXPECT_EQ(answer.results(3).coupon().code(), kim.coupon().code());
  EXPECT_EQ(Issue(R"(,"userId":"kim")").coupon().code(), kim.coupon().code());
}

TEST_F(BatchMethodsTest, WhoeverHasACouponNeedsNone) {
  const Answer first = Batch(Users({"kim", "lee"}));
  Update(R"(,"totalCoupons":2)");
  const Answer again = Batch(Users({"lee", "kim"}));
  EXPECT_EQ(again.issued_coupons(), 0);
  EXPECT_FALSE(again.already_issued()) << "that is about the request, not about its users";
  EXPECT_EQ(again.results(0).coupon().code(), first.results(1).coupon().code());
  EXPECT_TRUE(again.results(0).already_issued());
  EXPECT_EQ(again.sequence(), engine_->durable_sequence().value());
}

TEST_F(BatchMethodsTest, TheCouponsExpireAsTheTermsSay) {
  const std::string id = Create("short", 5, R"(,"validDuration":"60s")");
  const Answer answer = Batch(R"(,"count":1)", id);
  const coupon::v1::Coupon& coupon = answer.coupons(0);
  EXPECT_EQ(coupon.expire_time().seconds(), coupon.issued_at().seconds() + 60);
  EXPECT_EQ(coupon.ShortDebugString(), GetCoupon(coupon.code()).ShortDebugString());
}

TEST_F(BatchMethodsTest, AUserMayGetSeveralWhereTheCampaignAllowsIt) {
  const std::string id = Create("several", 9, R"(,"couponsPerUser":3)");
  const Answer answer = Batch(Users({"kim", "lee", "kim"}, R"(,"requestId":"b1")"), id);
  EXPECT_EQ(answer.issued_coupons(), 3);
  std::set<std::string> codes;
  for (const auto& result : answer.results()) {
    EXPECT_TRUE(result.success());
    EXPECT_FALSE(result.already_issued());
    codes.insert(result.coupon().code());
  }
  EXPECT_EQ(codes.size(), 3U);
}

TEST_F(BatchMethodsTest, WithAllowPartialSomeMayGetNone) {
  Update(R"(,"totalCoupons":2)");
  const Answer answer = Batch(Users({"kim", "lee", "kim", "park"}, R"(,"allowPartial":true)"));
  EXPECT_EQ(answer.issued_coupons(), 2);
  EXPECT_TRUE(answer.results(0).success());
  EXPECT_TRUE(answer.results(1).success());
  EXPECT_TRUE(answer.results(2).success());
  EXPECT_TRUE(answer.results(2).already_issued());
  EXPECT_FALSE(answer.results(3).success());
  EXPECT_EQ(answer.results(3).refusal(), coupon::v1::REFUSAL_SOLD_OUT);
  EXPECT_EQ(answer.results(3).error(), "no more coupons available");
  EXPECT_FALSE(answer.results(3).has_coupon());

  Update(R"(,"totalCoupons":5)");
  const Answer anonymous = Batch(R"(,"count":7,"allowPartial":true)");
  EXPECT_EQ(anonymous.issued_coupons(), 3);
  EXPECT_EQ(anonymous.coupons_size(), 3);
  const Answer none = Batch(R"(,"count":7,"allowPartial":true)");
  EXPECT_EQ(none.issued_coupons(), 0);
  EXPECT_TRUE(none.coupons().empty());
  EXPECT_EQ(none.sequence(), engine_->durable_sequence().value());
}

TEST_F(BatchMethodsTest, APartialBatchShowsTheLastCouponAtALimit) {
  const std::string id = Create("two each", 9, R"(,"couponsPerUser":2)");
  const Answer answer =
      Batch(Users({"kim", "kim", "kim", "lee"}, R"(,"requestId":"b1","allowPartial":true)"), id);
  EXPECT_EQ(answer.issued_coupons(), 3);
  const auto& refused = answer.results(2);
  EXPECT_FALSE(refused.success());
  EXPECT_FALSE(refused.already_issued());
  EXPECT_EQ(refused.refusal(), coupon::v1::REFUSAL_USER_LIMIT_REACHED);
  EXPECT_EQ(refused.error(), "user has as many coupons as the campaign allows");
  EXPECT_EQ(refused.coupon().code(), answer.results(1).coupon().code());
  EXPECT_EQ(refused.coupon().user_id(), "kim");
}

TEST_F(BatchMethodsTest, ABatchThatIsRefusedIssuesNothing) {
  Update(R"(,"totalCoupons":3)");
  const auto few = Refused(R"(,"count":4)", 429);
  EXPECT_EQ(few.reason, "NOT_ENOUGH_LEFT");
  EXPECT_EQ(few.field, "");
  EXPECT_THAT(few.facts, testing::ElementsAre(testing::Pair("left", "3")));
  EXPECT_EQ(Refused(Users({"a", "b", "c", "d"}), 429).reason, "NOT_ENOUGH_LEFT");
  EXPECT_EQ(IssuedCoupons(), 0);
  EXPECT_EQ(Batch(R"(,"count":3)").issued_coupons(), 3);
  const Exchange sold_out = SendBatch(R"(,"count":1)");
  const auto read = DetailsOf(sold_out, 429);
  EXPECT_EQ(read.reason, "SOLD_OUT");
  EXPECT_THAT(sold_out->response().body, HasSubstr(R"("sold_out_at":"2023-11-14T22:13:20Z")"));
  EXPECT_FALSE(read.retry_delay);
  EXPECT_THAT(sold_out->response().body,
              HasSubstr(R"("refusal":"REFUSAL_SOLD_OUT","sequence":")" +
                        std::to_string(engine_->durable_sequence().value())));
}

TEST_F(BatchMethodsTest, ARefusalSaysWhenItEnds) {
  const std::string future =
      Read<coupon::v1::CreateCampaignResponse>(
          SendJson("CreateCampaign", R"({"name":"future","totalCoupons":5,"startIn":"90s"})"))
          .campaign()
          .id();
  const Exchange early = SendBatch(R"(,"count":1)", future);
  const auto not_started = DetailsOf(early, 400);
  EXPECT_EQ(not_started.reason, "NOT_STARTED");
  EXPECT_EQ(not_started.retry_delay, std::chrono::seconds(90));
  EXPECT_EQ(early->Header("Retry-After"), "90");
  EXPECT_THAT(early->response().body,
              HasSubstr("campaign has not started yet; it starts at 2023-11-14T22:14:50Z"));
  EXPECT_THAT(early->response().body, HasSubstr(R"("code":"failed_precondition")"));

  BodyOf(SendFor("PauseCampaign", R"(,"scope":"PAUSE_SCOPE_ISSUING")"));
  const auto paused = Refused(R"(,"count":1)");
  EXPECT_EQ(paused.reason, "PAUSED");
  EXPECT_GE(paused.retry_delay, std::chrono::seconds(1));
  EXPECT_LE(paused.retry_delay, std::chrono::seconds(3));

  clock_.Set(At(5));
  BodyOf(SendFor("ArchiveCampaign"));
  const Exchange late = SendBatch(R"(,"count":1)");
  const auto ended = DetailsOf(late, 400);
  EXPECT_EQ(ended.reason, "ENDED");
  EXPECT_FALSE(ended.retry_delay);
  EXPECT_THAT(late->response().body,
              HasSubstr("campaign has ended; it ended at 2023-11-14T22:13:25Z"));
}

TEST_F(BatchMethodsTest, UsersAtTheLimitAreCountedAndTheFirstIsNamed) {
  const std::string id = Create("two each", 9, R"(,"couponsPerUser":2)");
  Batch(Users({"kim", "kim", "lee", "lee"}, R"(,"requestId":"b1")"), id);
  const Exchange one = SendBatch(Users({"park", "kim"}, R"(,"requestId":"b2")"), id);
  const auto read = DetailsOf(one, 400);
  EXPECT_EQ(read.reason, "USER_LIMIT_REACHED");
  EXPECT_EQ(read.field, "user_ids[1]");
  EXPECT_EQ(read.description,
            "\"kim\" has as many coupons as the campaign allows; leave the user out, or set "
            "allow_partial");
  EXPECT_THAT(one->response().body, HasSubstr(R"("code":"failed_precondition")"));
  const auto two = Refused(Users({"park", "kim", "lee"}, R"(,"requestId":"b2")"), 400, id);
  EXPECT_THAT(two.description, HasSubstr("allows, and so has 1 other; leave them out"));
  const auto three = Refused(
      Users({"kim", "park", "lee", "park", "kim", "park"}, R"(,"requestId":"b2")"), 400, id);
  EXPECT_EQ(three.field, "user_ids[0]");
  EXPECT_THAT(three.description, HasSubstr("allows, and so have 2 others; leave them out"))
      << "park would be at the limit within the batch";
}

TEST_F(BatchMethodsTest, WhatTheTermsAskForMustBeThere) {
  const std::string several = Create("several", 9, R"(,"couponsPerUser":2)");
  const auto no_id = Refused(Users({"kim"}), 400, several);
  EXPECT_EQ(no_id.reason, "REQUEST_ID_REQUIRED");
  EXPECT_EQ(no_id.field, "request_id");
  const std::string named = Create("named", 9, R"(,"userRequired":true)");
  const auto no_user = Refused(R"(,"count":1)", 400, named);
  EXPECT_EQ(no_user.reason, "USER_REQUIRED");
  EXPECT_EQ(no_user.field, "user_ids");
  EXPECT_EQ(Refused(R"(,"count":1)", 404, FormatUuid(test::Id(9).bytes)).reason,
            "NO_SUCH_CAMPAIGN");
  const auto too_large = Refused(R"(,"count":10001)");
  EXPECT_EQ(too_large.reason, "BATCH_TOO_LARGE");
  EXPECT_EQ(too_large.field, "count");
  EXPECT_EQ(Refused("").reason, "FIELD_INVALID");
}

}  // namespace
}  // namespace coupond::api
