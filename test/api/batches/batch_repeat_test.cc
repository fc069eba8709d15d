// Batches that are sent again with the same request_id.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "api/batches/batch_fixture.h"
#include "coupon/v1/coupon_service.pb.h"

namespace coupond::api {
namespace {

class BatchRepeatTest : public BatchFixture {
 protected:
  /// Expects the same coupons and results in both answers, but for the mark of the second one.
  static void ExpectSame(const Answer& first, Answer again) {
    EXPECT_TRUE(again.already_issued());
    again.set_already_issued(false);
    EXPECT_EQ(again.ShortDebugString(), first.ShortDebugString());
  }
  void Void(const std::string& code, std::string_view more = "") {
    BodyOf(SendCode("VoidCoupon", code, more));
  }
};

TEST_F(BatchRepeatTest, ABatchIsIssuedOnce) {
  const std::string count = R"(,"count":3,"requestId":"b1")";
  const std::string users = Users({"kim", "lee", "kim"}, R"(,"requestId":"b2")");
  const Answer by_count = Batch(count);
  const Answer by_users = Batch(users);
  EXPECT_TRUE(by_users.results(2).already_issued());
  for (const bool restarted : {false, true}) {
    if (restarted) Restart();
    ExpectSame(by_count, Batch(count));
    ExpectSame(by_users, Batch(users));
    ExpectSame(by_users, Batch(Users({" kim", "ｌｅｅ", "kim"}, R"(,"requestId":"b2")")));
  }
  EXPECT_EQ(IssuedCoupons(), 5);
  const http::HeaderField headers[] = {{"Content-Type", "application/json"},
                                       {"Idempotency-Key", "\"b1\""}};
  const auto by_header = Read<Answer>(
      Post("BatchIssueCoupons", R"({"count":3,"campaignId":")" + id_ + "\"}", headers));
  ExpectSame(by_count, by_header);
}

TEST_F(BatchRepeatTest, ItIsAnsweredEvenIfItWouldBeRefusedNow) {
  const std::string fields = Users({"kim", "lee"}, R"(,"requestId":"b1")");
  const Answer first = Batch(fields);
  Update(R"(,"totalCoupons":2)");
  ExpectSame(first, Batch(fields));
  BodyOf(SendFor("PauseCampaign", R"(,"scope":"PAUSE_SCOPE_BOTH")"));
  ExpectSame(first, Batch(fields));
  BodyOf(SendFor("ArchiveCampaign"));
  ExpectSame(first, Batch(fields));
  BodyOf(SendFor("DeleteCampaign"));
  EXPECT_EQ(Refused(fields, 404).reason, "NO_SUCH_CAMPAIGN");
}

TEST_F(BatchRepeatTest, ItsCouponsAreShownAsTheyAreNow) {
  const std::string fields = Users({"kim", "lee", "park"}, R"(,"requestId":"b1")");
  const Answer first = Batch(fields);
  const auto code = [&](int i) { return first.results(i).coupon().code(); };
  Redeem(code(0), R"(,"orderRef":"4711")");
  Void(code(1), R"(,"reason":"lost","freeClaim":true,"returnToPool":true)");
  const Answer again = Batch(fields);
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(again.results(i).success());
    EXPECT_FALSE(again.results(i).already_issued());
    EXPECT_EQ(again.results(i).coupon().ShortDebugString(), GetCoupon(code(i)).ShortDebugString());
  }
  EXPECT_EQ(again.results(0).coupon().redemption().order_ref(), "4711");
  EXPECT_EQ(again.results(1).coupon().state(), coupon::v1::COUPON_STATE_RETURNED);
  EXPECT_EQ(again.issued_coupons(), 3);
  EXPECT_EQ(again.sequence(), first.sequence());

  // Another coupon of the same user changes nothing about it.
  EXPECT_FALSE(Issue(R"(,"userId":"lee")").already_issued());
  EXPECT_EQ(Batch(fields).results(1).coupon().code(), code(1));
}

TEST_F(BatchRepeatTest, WhoeverGotNoneIsShownWhatHoldsNow) {
  Update(R"(,"totalCoupons":2)");
  const std::string held = Issue(R"(,"userId":"held")").coupon().code();
  const std::string fields =
      Users({"held", "kim", "late", "kim", "later"}, R"(,"requestId":"b1","allowPartial":true)");
  const Answer first = Batch(fields);
  EXPECT_EQ(first.issued_coupons(), 1);
  EXPECT_TRUE(first.results(0).already_issued());
  EXPECT_EQ(first.results(2).refusal(), coupon::v1::REFUSAL_SOLD_OUT);
  ExpectSame(first, Batch(fields));

  Update(R"(,"totalCoupons":10)");
  const std::string late = Issue(R"(,"userId":"late")").coupon().code();
  Redeem(held);
  const Answer again = Batch(fields);
  EXPECT_EQ(again.results(0).coupon().code(), held);
  EXPECT_EQ(again.results(0).coupon().state(), coupon::v1::COUPON_STATE_REDEEMED);
  EXPECT_TRUE(again.results(0).already_issued());
  EXPECT_FALSE(again.results(1).already_issued());
  EXPECT_TRUE(again.results(2).success());
  EXPECT_TRUE(again.results(2).already_issued());
  EXPECT_EQ(again.results(2).coupon().code(), late);
  EXPECT_TRUE(again.results(3).already_issued());
  EXPECT_EQ(again.results(3).coupon().code(), first.results(1).coupon().code());
  EXPECT_FALSE(again.results(4).success()) << "a repeated batch issues nothing";
  EXPECT_EQ(again.results(4).refusal(), coupon::v1::REFUSAL_SOLD_OUT);
  EXPECT_EQ(IssuedCoupons(), 3);
}

TEST_F(BatchRepeatTest, AUserWithSeveralGetsEachOfThemAgain) {
  const std::string id = Create("two each", 9, R"(,"couponsPerUser":2)");
  const std::string fields =
      Users({"kim", "lee", "kim", "kim"}, R"(,"requestId":"b1","allowPartial":true)");
  const Answer first = Batch(fields, id);
  EXPECT_EQ(first.issued_coupons(), 3);
  EXPECT_EQ(first.results(3).refusal(), coupon::v1::REFUSAL_USER_LIMIT_REACHED);
  for (const bool restarted : {false, true}) {
    if (restarted) Restart();
    ExpectSame(first, Batch(fields, id));
  }
  const Answer other = Batch(Users({"lee"}, R"(,"requestId":"b2")"), id);
  EXPECT_FALSE(other.results(0).already_issued()) << "another request is another coupon";
  ExpectSame(first, Batch(fields, id));
}

TEST_F(BatchRepeatTest, ARequestIdIsForOneThing) {
  const std::string id = R"(,"requestId":"b1")";
  Batch(Users({"kim"}, id));
  for (const std::string& other :
       {Users({"lee"}, id), Users({"kim", "kim"}, id), R"(,"count":1)" + id,
        Users({"kim"}, id + R"(,"allowPartial":true)")}) {
    const auto read = Refused(other, 409);
    EXPECT_EQ(read.reason, "REQUEST_ID_REUSED");
    EXPECT_EQ(read.field, "request_id");
  }
  EXPECT_EQ(Refused(Users({"kim"}, id), 409, Create("other", 3)).reason, "REQUEST_ID_REUSED");
  EXPECT_EQ(DetailsOf(SendUpdate(R"(,"totalCoupons":9)", id), 409).reason, "REQUEST_ID_REUSED");
}

TEST_F(BatchRepeatTest, ARefusedBatchUsesNoRequestIdUp) {
  Update(R"(,"totalCoupons":2)");
  const std::string id = R"(,"requestId":"b1")";
  EXPECT_EQ(Refused(Users({"kim", "lee", "park"}, id), 429).reason, "NOT_ENOUGH_LEFT");
  const Answer less = Batch(Users({"kim", "lee"}, id));
  EXPECT_FALSE(less.already_issued());
  const Answer nothing = Batch(Users({"kim"}, R"(,"requestId":"b2")"));
  EXPECT_EQ(nothing.issued_coupons(), 0);
  EXPECT_FALSE(Batch(Users({"lee"}, R"(,"requestId":"b2")")).already_issued())
      << "a batch that changed nothing uses none up, either";
}

}  // namespace
}  // namespace coupond::api
