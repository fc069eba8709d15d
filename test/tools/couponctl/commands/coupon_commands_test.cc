#include "couponctl/commands/commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>
#include <utility>

#include "coupon/v1/coupon_service.pb.h"
#include "couponctl/commands/coupon_text.h"
#include "tools/couponctl/one_answer_fixture.h"

namespace coupond::ctl {
namespace {

using test::FakeAnswer;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

coupon::v1::Coupon Redeemed() {
  coupon::v1::Coupon coupon;
  coupon.set_code("됴큐허뎌댜시햐추무6");
  coupon.set_campaign_id("some-id");
  coupon.set_state(coupon::v1::COUPON_STATE_REDEEMED);
  coupon.mutable_issued_at()->set_seconds(1);
  coupon::v1::Redemption& redemption = *coupon.mutable_redemption();
  redemption.set_sequence(52);
  redemption.mutable_redeemed_at()->set_seconds(2);
  redemption.set_order_ref("4711\x1b[2J");
  return coupon;
}

coupon::v1::Coupon Voided() {
  coupon::v1::Coupon coupon = Redeemed();
  coupon.clear_redemption();
  coupon.set_state(coupon::v1::COUPON_STATE_VOIDED);
  coupon.mutable_voided_at()->set_seconds(3);
  coupon.set_void_reason("lost");
  return coupon;
}

using CouponCommandsTest = OneAnswerFixture;

coupon::v1::RedeemCouponResponse AnswerToRedeem() {
  coupon::v1::RedeemCouponResponse response;
  response.set_success(true);
  response.set_sequence(52);
  *response.mutable_coupon() = Redeemed();
  return response;
}

TEST_F(CouponCommandsTest, ARedemptionThatIsOnlyCheckedSaysSo) {
  coupon::v1::RedeemCouponResponse response = AnswerToRedeem();
  EXPECT_EQ(
      RedeemCoupon(Against(response), {.code = "code", .user_id = "kim", .validate_only = true}),
      ExitCode::kDone);
  const auto request = Received<coupon::v1::RedeemCouponRequest>();
  EXPECT_EQ(request.user_id(), "kim");
  EXPECT_TRUE(request.validate_only());
  EXPECT_EQ(err_.str(), "couponctl: checked only: the coupon can be redeemed\n");
  EXPECT_THAT(out_.str(), HasSubstr("됴큐허뎌댜시햐추무6"));
  EXPECT_EQ(done_, "nothing was changed on the server");
  err_.str("");
  response.set_already_redeemed(true);
  EXPECT_EQ(RedeemCoupon(Against(response), {.code = "code", .validate_only = true}),
            ExitCode::kDone);
  EXPECT_THAT(err_.str(), HasSubstr("checked only: this request redeemed the coupon before"));
}

TEST_F(CouponCommandsTest, RedeemSendsAllOfItAndShowsTheCoupon) {
  EXPECT_EQ(RedeemCoupon(
                Against(AnswerToRedeem()),
                {.code = "code", .order_ref = "4711", .redeemed_by = "till", .request_id = "r1"}),
            ExitCode::kDone);
  const auto request = Received<coupon::v1::RedeemCouponRequest>();
  EXPECT_EQ(Method(), "RedeemCoupon");
  EXPECT_EQ(request.code(), "code");
  EXPECT_EQ(request.order_ref(), "4711");
  EXPECT_EQ(request.redeemed_by(), "till");
  EXPECT_EQ(request.request_id(), "r1");
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("state       redeemed\n"), HasSubstr("redemption  52\n"),
                                HasSubstr("order       4711?[2J\n")));
  EXPECT_EQ(err_.str(), "");
  EXPECT_THAT(done_, HasSubstr("redeemed anyway (redemption 52)"));
}

TEST_F(CouponCommandsTest, ARepeatedRedemptionSaysSo) {
  auto response = AnswerToRedeem();
  response.set_already_redeemed(true);
  response.clear_coupon();
  EXPECT_EQ(RedeemCoupon(Against(response), {.code = "code", .request_id = "r1"}), ExitCode::kDone);
  EXPECT_THAT(err_.str(), HasSubstr("redeemed the coupon before (redemption 52)"));
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("redeemed (redemption 52)"), HasSubstr("deleted since")));
  out_.str("");
  EXPECT_EQ(RedeemCoupon(Against(response, true), {.code = "code"}), ExitCode::kDone);
  const auto json = boost::json::parse(out_.str());
  EXPECT_EQ(json.at("success"), true);
  EXPECT_EQ(json.at("alreadyRedeemed"), true);
  EXPECT_EQ(json.at("sequence"), "52");
}

TEST_F(CouponCommandsTest, ARefusalSaysWhatBecameOfTheCoupon) {
  coupon::v1::RedeemCouponResponse response;
  response.set_error("coupon is already redeemed");
  response.set_refusal(coupon::v1::REFUSAL_COUPON_ALREADY_REDEEMED);
  response.set_sequence(60);
  *response.mutable_coupon() = Redeemed();
  EXPECT_EQ(RedeemCoupon(Against(response), {.code = "code"}), ExitCode::kRefused);
  EXPECT_EQ(out_.str(), "");
  EXPECT_EQ(err_.str(),
            "couponctl: not redeemed: coupon is already redeemed; redeemed at "
            "1970-01-01T00:00:02Z for 4711?[2J\n");
  EXPECT_THAT(done_, HasSubstr("not redeemed: coupon is already redeemed"));
  err_.str("");
  response.set_error("coupon is void");
  *response.mutable_coupon() = Voided();
  EXPECT_EQ(RedeemCoupon(Against(response), {.code = "code"}), ExitCode::kRefused);
  EXPECT_THAT(err_.str(), HasSubstr("coupon is void; void since 1970-01-01T00:00:03Z: lost\n"));
  err_.str("");
  response.set_error("code: there is no such coupon");
  response.clear_coupon();
  EXPECT_EQ(RedeemCoupon(Against(response), {.code = "code"}), ExitCode::kRefused);
  EXPECT_EQ(err_.str(), "couponctl: not redeemed: code: there is no such coupon\n");
  err_.str("");
  response.set_error("redeeming is paused");
  response.set_retry_ms(1'500);
  EXPECT_EQ(RedeemCoupon(Against(response), {.code = "code"}), ExitCode::kRefused);
  EXPECT_EQ(err_.str(), "couponctl: not redeemed: redeeming is paused; ask again in 1.5s\n");
}

TEST_F(CouponCommandsTest, ALostAnswerSaysWhetherRepeatingIsSafe) {
  EXPECT_EQ(RedeemCoupon(Against(FakeAnswer{.drop = true}), {.code = "code", .request_id = "r1"}),
            ExitCode::kFailed);
  EXPECT_THAT(err_.str(), HasSubstr("try again with the same --request-id"));
  for (const FakeAnswer& answer : {FakeAnswer{.drop = true}, FakeAnswer{.body = {}}}) {
    err_.str("");
    EXPECT_EQ(RedeemCoupon(Against(answer), {.code = "code"}), ExitCode::kFailed);
    EXPECT_THAT(err_.str(), HasSubstr("`couponctl coupon` shows what has become of it"));
    err_.str("");
    EXPECT_EQ(VoidCoupon(Against(answer), {.code = "code"}), ExitCode::kFailed);
    EXPECT_THAT(err_.str(), HasSubstr("`couponctl coupon` shows what has become of it"));
    for (const char* request_id : {"", "r1"}) {
      err_.str("");
      EXPECT_EQ(RedeemCoupon(Against(answer),
                             {.code = "code", .request_id = request_id, .validate_only = true}),
                ExitCode::kFailed);
      EXPECT_THAT(err_.str(), EndsWith("; it was only checked, so nothing was changed\n"));
    }
  }
}

TEST_F(CouponCommandsTest, UndoRedeemNamesTheRedemption) {
  coupon::v1::CancelRedemptionResponse response;
  response.set_changed(true);
  response.set_sequence(53);
  *response.mutable_coupon() = Voided();
  EXPECT_EQ(CancelRedemption(Against(response), "code", {.sequence = 52}, "returned"),
            ExitCode::kDone);
  auto request = Received<coupon::v1::CancelRedemptionRequest>();
  EXPECT_EQ(Method(), "CancelRedemption");
  EXPECT_EQ(request.code(), "code");
  EXPECT_EQ(request.redemption_sequence(), 52U);
  EXPECT_EQ(request.reason(), "returned");
  EXPECT_THAT(done_, HasSubstr("the redemption was undone anyway"));
  EXPECT_EQ(CancelRedemption(Against(response), "code", {.request_id = "r1"}, ""), ExitCode::kDone);
  request = Received<coupon::v1::CancelRedemptionRequest>();
  EXPECT_EQ(request.redemption_request_id(), "r1");
  EXPECT_FALSE(request.has_redemption_sequence());
}

TEST_F(CouponCommandsTest, VoidSaysWhetherAnythingChanged) {
  coupon::v1::VoidCouponResponse response;
  response.set_changed(true);
  response.set_sequence(53);
  *response.mutable_coupon() = Voided();
  EXPECT_EQ(
      VoidCoupon(Against(response),
                 {.code = "code", .return_to_pool = true, .free_claim = true, .reason = "lost"}),
      ExitCode::kDone);
  const auto request = Received<coupon::v1::VoidCouponRequest>();
  EXPECT_EQ(Method(), "VoidCoupon");
  EXPECT_EQ(request.code(), "code");
  EXPECT_TRUE(request.return_to_pool());
  EXPECT_TRUE(request.free_claim());
  EXPECT_EQ(request.reason(), "lost");
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("state     voided\n"), HasSubstr("reason    lost\n")));
  EXPECT_EQ(err_.str(), "");
  response.set_changed(false);
  response.clear_coupon();
  EXPECT_EQ(VoidCoupon(Against(response), {.code = "code"}), ExitCode::kDone);
  EXPECT_THAT(err_.str(), HasSubstr("nothing changed"));
  EXPECT_THAT(out_.str(), HasSubstr("does not show the coupon"));
  out_.str("");
  EXPECT_EQ(VoidCoupon(Against(response, true), {.code = "code"}), ExitCode::kDone);
  EXPECT_EQ(boost::json::parse(out_.str()).at("changed"), false);
}

TEST_F(CouponCommandsTest, OperatorsRefusalsSayWhatToDo) {
  EXPECT_EQ(VoidCoupon(Against(Refuse(404, "not_found")), {.code = "code"}), ExitCode::kRefused);
  EXPECT_THAT(err_.str(), HasSubstr("not_found: because; check the code"));
  err_.str("");
  EXPECT_EQ(
      CancelRedemption(Against(Refuse(400, "failed_precondition")), "code", {.sequence = 1}, ""),
      ExitCode::kRefused);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("failed_precondition: because"),
                                Not(HasSubstr("may have succeeded"))));
}

TEST_F(CouponCommandsTest, CouponShowsOneInATableOrInJson) {
  coupon::v1::GetCouponResponse response;
  *response.mutable_coupon() = Redeemed();
  response.mutable_coupon()->set_user_id("kim");
  EXPECT_EQ(ShowCoupon(Against(response), "code"), ExitCode::kDone);
  EXPECT_EQ(Received<coupon::v1::GetCouponRequest>().code(), "code");
  EXPECT_EQ(Method(), "GetCoupon");
  EXPECT_THAT(out_.str(),
              AllOf(HasSubstr("code        됴큐허뎌댜시햐추무6\n"), HasSubstr("user        kim\n"),
                    HasSubstr("redeemed    1970-01-01T00:00:02Z\n"), Not(HasSubstr("voided"))));
  out_.str("");
  EXPECT_EQ(ShowCoupon(Against(response, true), "code"), ExitCode::kDone);
  const auto json = boost::json::parse(out_.str());
  EXPECT_EQ(json.at("state"), "COUPON_STATE_REDEEMED");
  EXPECT_EQ(json.at("redemption").at("sequence"), "52");
  EXPECT_EQ(ShowCoupon(Against(FakeAnswer{.body = {}}), "code"), ExitCode::kFailed);
  EXPECT_EQ(ShowCoupon(Against(Refuse(404, "not_found")), "code"), ExitCode::kRefused);
}

TEST(CouponText, HasEveryRowOfARedemption) {
  coupon::v1::Coupon coupon = Redeemed();
  coupon.mutable_redemption()->set_redeemed_by("till 3");
  coupon.mutable_redemption()->set_request_id("r1");
  EXPECT_THAT(CouponText(coupon),
              AllOf(HasSubstr("by          till 3\n"), HasSubstr("request id  r1\n")));
  coupon.mutable_redemption()->clear_order_ref();
  EXPECT_EQ(WhatBecameOf(coupon), "redeemed at 1970-01-01T00:00:02Z");
  coupon = Voided();
  coupon.clear_void_reason();
  EXPECT_EQ(WhatBecameOf(coupon), "void since 1970-01-01T00:00:03Z");
  EXPECT_EQ(WhatBecameOf({}), "");
}

TEST(CouponText, SaysWhenACouponExpires) {
  coupon::v1::Coupon coupon = Redeemed();
  EXPECT_EQ(ExpiryText(coupon), "");
  coupon.mutable_expire_time()->set_seconds(9);
  EXPECT_EQ(ExpiryText(coupon), "1970-01-01T00:00:09Z");
  EXPECT_THAT(CouponText(coupon), Not(HasSubstr("expire"))) << "it is redeemed";
  coupon.clear_redemption();
  coupon.set_state(coupon::v1::COUPON_STATE_ISSUED);
  EXPECT_THAT(CouponText(coupon), HasSubstr("expires   1970-01-01T00:00:09Z\n"));
  coupon.set_state(coupon::v1::COUPON_STATE_EXPIRED);
  EXPECT_THAT(CouponText(coupon), AllOf(HasSubstr("state     expired\n"),
                                        HasSubstr("expired   1970-01-01T00:00:09Z\n")));
}

TEST(CouponText, NamesTheStateAsTheOptionDoes) {
  coupon::v1::Coupon coupon;
  coupon.set_state(coupon::v1::COUPON_STATE_VOIDED);
  EXPECT_THAT(CouponText(coupon), HasSubstr("state     voided\n"));
}

}  // namespace
}  // namespace coupond::ctl
