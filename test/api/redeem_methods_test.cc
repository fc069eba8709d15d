#include "api/redeem_methods.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <future>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "api/json_service_fixture.h"
#include "coupon/v1/coupon_service.pb.h"
#include "support/builders.h"

namespace coupond::api {
namespace {

using test::At;
using testing::AllOf;
using testing::HasSubstr;

/// Redeems, cancels and voids coupons of campaign 1.
class RedeemMethodsTest : public JsonServiceFixture {
 protected:
  const CouponCodec codec_{CodeKey{}};

  std::string IssueCode() { return Issue().coupon().code(); }
  coupon::v1::CancelRedemptionResponse Cancel(const std::string& code, std::uint64_t redemption,
                                              std::string_view more = "") {
    return Read<coupon::v1::CancelRedemptionResponse>(SendCancel(code, redemption, more));
  }
  Exchange SendCancel(const std::string& code, std::uint64_t redemption,
                      std::string_view more = "") {
    return SendCode(
        "CancelRedemption", code,
        R"(,"redemptionSequence":")" + std::to_string(redemption) + '"' + std::string(more));
  }
  coupon::v1::VoidCouponResponse Void(const std::string& code, std::string_view more = "") {
    return Read<coupon::v1::VoidCouponResponse>(SendCode("VoidCoupon", code, more));
  }
};

TEST_F(RedeemMethodsTest, ARedeemedCouponIsShownWithItsRedemption) {
  const std::string code = IssueCode();
  EXPECT_EQ(GetCoupon(code).state(), coupon::v1::COUPON_STATE_ISSUED);
  EXPECT_FALSE(GetCoupon(code).has_redemption());
  clock_.Set(At(5));
  const auto redeemed = Redeem(code, R"(,"orderRef":" ４711","redeemedBy":"till 3",)"
                                     R"("requestId":"r1","campaignId":")" +
                                         id_ + '"');
  EXPECT_TRUE(redeemed.success());
  EXPECT_FALSE(redeemed.already_redeemed());
  EXPECT_FALSE(redeemed.has_error());
  EXPECT_FALSE(redeemed.has_refusal());
  const coupon::v1::Coupon& coupon = redeemed.coupon();
  EXPECT_EQ(coupon.code(), code);
  EXPECT_EQ(coupon.campaign_id(), id_);
  EXPECT_EQ(coupon.state(), coupon::v1::COUPON_STATE_REDEEMED);
  EXPECT_EQ(coupon.redemption().sequence(), redeemed.sequence());
  EXPECT_EQ(coupon.redemption().redeemed_at().seconds(), 1'700'000'005);
  EXPECT_EQ(coupon.redemption().order_ref(), "4711");
  EXPECT_EQ(coupon.redemption().redeemed_by(), "till 3");
  EXPECT_EQ(coupon.redemption().request_id(), "r1");
  EXPECT_EQ(GetCoupon(code).ShortDebugString(), coupon.ShortDebugString());
}

TEST_F(RedeemMethodsTest, WhatARedemptionDoesNotHaveIsNotShown) {
  const auto redeemed = Redeem(IssueCode());
  EXPECT_FALSE(redeemed.coupon().redemption().has_order_ref());
  EXPECT_FALSE(redeemed.coupon().redemption().has_redeemed_by());
  EXPECT_FALSE(redeemed.coupon().redemption().has_request_id());
  EXPECT_FALSE(redeemed.coupon().has_voided_at());
  EXPECT_FALSE(redeemed.coupon().has_void_reason());
}

TEST_F(RedeemMethodsTest, ARefusalSaysWhatBecameOfTheCoupon) {
  const std::string code = IssueCode();
  const auto first = Redeem(code, R"(,"orderRef":"4711")");
  const auto second = Redeem(code, R"(,"orderRef":"4712")");
  EXPECT_FALSE(second.success());
  EXPECT_EQ(second.refusal(), coupon::v1::REFUSAL_COUPON_ALREADY_REDEEMED);
  EXPECT_EQ(second.error(), "coupon is already redeemed");
  EXPECT_EQ(second.sequence(), first.sequence());
  EXPECT_EQ(second.coupon().redemption().order_ref(), "4711");
  EXPECT_EQ(second.coupon().redemption().sequence(), first.sequence());

  const std::string other = IssueCode();
  EXPECT_TRUE(Void(other, R"(,"reason":"lost")").changed());
  const auto refused = Redeem(other);
  EXPECT_FALSE(refused.success());
  EXPECT_EQ(refused.refusal(), coupon::v1::REFUSAL_COUPON_VOIDED);
  EXPECT_EQ(refused.error(), "coupon is void");
  EXPECT_EQ(refused.coupon().state(), coupon::v1::COUPON_STATE_VOIDED);
  EXPECT_EQ(refused.coupon().voided_at().seconds(), 1'700'000'000);
  EXPECT_EQ(refused.coupon().void_reason(), "lost");
}

TEST_F(RedeemMethodsTest, NothingIsRedeemedWhileThatIsPaused) {
  const std::string code = IssueCode();
  BodyOf(SendJson("PauseCampaign",
                  R"({"scope":"PAUSE_SCOPE_REDEEMING","campaignId":")" + id_ + "\"}"));
  const auto refused = Redeem(code);
  EXPECT_FALSE(refused.success());
  EXPECT_EQ(refused.refusal(), coupon::v1::REFUSAL_REDEEMING_PAUSED);
  EXPECT_EQ(refused.error(), "redeeming is paused");
  EXPECT_EQ(refused.coupon().ShortDebugString(), GetCoupon(code).ShortDebugString());
  EXPECT_EQ(GetCoupon(code).state(), coupon::v1::COUPON_STATE_ISSUED);
}

TEST_F(RedeemMethodsTest, WhatIsNoCouponIsAnsweredAlike) {
  const std::string code = IssueCode();
  // Another campaign, with a coupon, which is deleted.
  const std::string other = FormatUuid(test::Id(2).bytes);
  const auto created = Read<coupon::v1::CreateCampaignResponse>(
      SendJson("CreateCampaign", R"({"name":"two","totalCoupons":5,"startIn":"0s"})"));
  const std::string of_deleted =
      Read<coupon::v1::IssueCouponResponse>(
          SendJson("IssueCoupon", R"({"campaignId":")" + created.campaign().id() + "\"}"))
          .coupon()
          .code();
  BodyOf(SendJson("DeleteCampaign", R"({"campaignName":"two"})"));
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"x", ""},
      {std::string(10'000, 'x'), ""},
      {codec_.Encode(Serial(2)), ""},          // the campaign's next one
      {codec_.Encode(Serial(1'000'000)), ""},  // nobody's
      {of_deleted, ""},
      {code, R"(,"campaignId":")" + other + '"'},
      {code, R"(,"campaignId":"x")"},
  };
  std::set<std::string> redeem;
  std::set<std::string> get;
  for (const auto& [spelt, more] : rows) {
    redeem.insert(BodyOf(SendCode("RedeemCoupon", spelt, more + R"(,"requestId":"r1")")));
    get.insert(BodyOf(SendCode("GetCoupon", spelt, more), 404));
  }
  EXPECT_EQ(redeem,
            std::set<std::string>({R"({"success":false,"error":"code: there is no such coupon",)"
                                   R"("refusal":"REFUSAL_NO_SUCH_COUPON","alreadyRedeemed":false,)"
                                   R"("sequence":"5"})"}));
  EXPECT_EQ(get.size(), 1U);
  EXPECT_THAT(*get.begin(), AllOf(HasSubstr(R"("code":"not_found")"),
                                  HasSubstr("code: there is no such coupon")));
  EXPECT_EQ(GetCoupon(code).state(), coupon::v1::COUPON_STATE_ISSUED);
  EXPECT_TRUE(Redeem(code, R"(,"requestId":"r1")").success()) << "a refusal uses no request id up";
}

TEST_F(RedeemMethodsTest, TheSameRequestIsAnsweredAsBefore) {
  const std::string code = IssueCode();
  const auto first = Redeem(code, R"(,"orderRef":"4711","requestId":"r1")");
  const auto again = Redeem(code, R"(,"orderRef":"4711","requestId":"r1","redeemedBy":"x")");
  EXPECT_TRUE(again.success());
  EXPECT_TRUE(again.already_redeemed());
  EXPECT_EQ(again.sequence(), first.sequence());
  EXPECT_EQ(again.coupon().ShortDebugString(), first.coupon().ShortDebugString());

  const auto other_order = Redeem(code, R"(,"orderRef":"4712","requestId":"r1")");
  EXPECT_FALSE(other_order.success());
  EXPECT_EQ(other_order.refusal(), coupon::v1::REFUSAL_REQUEST_ID_REUSED);
  EXPECT_THAT(other_order.error(), HasSubstr("request_id: used for something else"));
  EXPECT_FALSE(other_order.has_coupon());

  // The answer stays, whatever has become of the coupon since.
  Cancel(code, first.sequence());
  const auto late = Redeem(code, R"(,"orderRef":"4711","requestId":"r1")");
  EXPECT_TRUE(late.success());
  EXPECT_TRUE(late.already_redeemed());
  EXPECT_EQ(late.sequence(), first.sequence());
  EXPECT_EQ(late.coupon().state(), coupon::v1::COUPON_STATE_ISSUED);
}

TEST_F(RedeemMethodsTest, TheHeaderIdempotencyKeyIsTheRequestId) {
  const std::string code = IssueCode();
  const http::HeaderField headers[] = {{"Content-Type", "application/json"},
                                       {"Idempotency-Key", "\"r1\""}};
  const std::string body = R"({"code":")" + code + "\"}";
  const auto first = Read<coupon::v1::RedeemCouponResponse>(Post("RedeemCoupon", body, headers));
  EXPECT_EQ(first.coupon().redemption().request_id(), "r1");
  EXPECT_TRUE(Redeem(code, R"(,"requestId":"r1")").already_redeemed());
}

TEST_F(RedeemMethodsTest, ALateRepetitionOfACancelIsHarmless) {
  const std::string code = IssueCode();
  const auto first = Redeem(code);
  const auto canceled = Cancel(code, first.sequence(), R"(,"reason":"returned")");
  EXPECT_TRUE(canceled.changed());
  EXPECT_EQ(canceled.sequence(), first.sequence() + 1);
  EXPECT_EQ(canceled.coupon().state(), coupon::v1::COUPON_STATE_ISSUED);
  EXPECT_FALSE(canceled.coupon().has_redemption());
  const auto second = Redeem(code, R"(,"requestId":"r2")");
  EXPECT_TRUE(second.success());
  EXPECT_THAT(BodyOf(SendCancel(code, first.sequence()), 400), HasSubstr("coupon is not redeemed"));
  EXPECT_EQ(GetCoupon(code).redemption().sequence(), second.sequence());
  const auto by_id = Read<coupon::v1::CancelRedemptionResponse>(
      SendCode("CancelRedemption", code, R"(,"redemptionRequestId":"r2","requestId":"c2")"));
  EXPECT_TRUE(by_id.changed());
  const auto repeated = Read<coupon::v1::CancelRedemptionResponse>(
      SendCode("CancelRedemption", code, R"(,"redemptionRequestId":"r2","requestId":"c2")"));
  EXPECT_TRUE(repeated.changed()) << "the same answer";
  EXPECT_EQ(repeated.sequence(), by_id.sequence());
}

TEST_F(RedeemMethodsTest, AVoidPlaceIsKeptUntilItIsReturned) {
  const std::string code = IssueCode();
  const auto kept = Void(code, R"(,"reason":"lost")");
  EXPECT_TRUE(kept.changed());
  EXPECT_EQ(kept.coupon().state(), coupon::v1::COUPON_STATE_VOIDED);
  const auto again = Void(code);
  EXPECT_FALSE(again.changed());
  EXPECT_EQ(again.sequence(), kept.sequence());
  EXPECT_EQ(again.coupon().void_reason(), "lost");
  clock_.Set(At(9));
  const auto returned = Void(code, R"(,"returnToPool":true,"reason":"really")");
  EXPECT_TRUE(returned.changed());
  EXPECT_EQ(returned.sequence(), kept.sequence() + 1);
  EXPECT_EQ(returned.coupon().state(), coupon::v1::COUPON_STATE_RETURNED);
  EXPECT_FALSE(Void(code, R"(,"returnToPool":true)").changed());
}

TEST_F(RedeemMethodsTest, AReturnedPlaceGetsAnotherCode) {
  std::set<std::string> codes;
  for (int i = 0; i < 10; ++i) codes.insert(IssueCode());
  EXPECT_EQ(Issue().refusal(), coupon::v1::REFUSAL_SOLD_OUT);
  const std::string first = *codes.begin();
  EXPECT_TRUE(Void(first, R"(,"returnToPool":true)").changed());
  EXPECT_EQ(GetCampaign().campaign().issued_coupons(), 9);
  EXPECT_EQ(GetCampaign().campaign().returned_coupons(), 1);
  EXPECT_EQ(GetCampaign().campaign().state(), coupon::v1::CAMPAIGN_STATE_OPEN);
  EXPECT_TRUE(codes.insert(IssueCode()).second);
  EXPECT_EQ(Issue().refusal(), coupon::v1::REFUSAL_SOLD_OUT);
  // The list has all that were ever issued.
  const auto all = GetCampaign();
  EXPECT_EQ(all.campaign().issued_coupons(), 10);
  std::set<std::string> listed;
  for (const auto& coupon : all.coupons()) {
    listed.insert(coupon.code());
    EXPECT_EQ(coupon.state(), coupon.code() == first ? coupon::v1::COUPON_STATE_RETURNED
                                                     : coupon::v1::COUPON_STATE_ISSUED);
  }
  EXPECT_EQ(listed, codes);
  const auto page = Read<coupon::v1::ListCouponsResponse>(
      SendJson("ListCoupons", R"({"campaignId":")" + id_ + "\"}"));
  EXPECT_EQ(page.coupons_size(), 11);
}

TEST_F(RedeemMethodsTest, ACampaignCountsWhatBecomesOfItsCoupons) {
  const std::string one = IssueCode();
  const std::string two = IssueCode();
  EXPECT_EQ(GetCampaign().campaign().redeemed_coupons(), 0);
  const auto redeemed = Redeem(one);
  EXPECT_EQ(GetCampaign().campaign().redeemed_coupons(), 1);
  Void(two);
  const auto campaign = GetCampaign().campaign();
  EXPECT_EQ(campaign.voided_coupons(), 1);
  EXPECT_EQ(campaign.issued_coupons(), 2);
  EXPECT_EQ(campaign.returned_coupons(), 0);
  EXPECT_EQ(GetCampaign().coupons(0).redemption().sequence(), redeemed.sequence());
  Cancel(one, redeemed.sequence());
  EXPECT_EQ(GetCampaign().campaign().redeemed_coupons(), 0);
}

TEST_F(RedeemMethodsTest, ACouponThatIsIssuedAgainHasItsPresentState) {
  const auto issued = Issue(R"(,"userId":"kim")");
  EXPECT_EQ(issued.coupon().state(), coupon::v1::COUPON_STATE_ISSUED);
  Redeem(issued.coupon().code());
  const auto redeemed = Issue(R"(,"userId":"kim")");
  EXPECT_TRUE(redeemed.already_issued());
  EXPECT_EQ(redeemed.coupon().code(), issued.coupon().code());
  EXPECT_EQ(redeemed.coupon().state(), coupon::v1::COUPON_STATE_REDEEMED);
}

TEST_F(RedeemMethodsTest, RefusedOperatorsGetErrors) {
  const std::string issued = IssueCode();
  const std::string redeemed = IssueCode();
  const std::string returned = IssueCode();
  const std::uint64_t redemption = Redeem(redeemed, R"(,"requestId":"r1")").sequence();
  Void(returned, R"(,"returnToPool":true)");
  const struct {
    Exchange exchange;
    int status;
    const char* code;
    const char* refusal;
  } rows[] = {
      {SendCode("VoidCoupon", "x"), 404, "not_found", "NO_SUCH_COUPON"},
      {SendCancel("x", redemption), 404, "not_found", "NO_SUCH_COUPON"},
      {SendCode("VoidCoupon", redeemed), 400, "failed_precondition", "COUPON_ALREADY_REDEEMED"},
      {SendCode("VoidCoupon", redeemed, R"(,"returnToPool":true)"), 400, "failed_precondition",
       "COUPON_ALREADY_REDEEMED"},
      {SendCode("VoidCoupon", returned), 400, "failed_precondition", "COUPON_VOIDED"},
      {SendCancel(returned, redemption), 400, "failed_precondition", "COUPON_VOIDED"},
      {SendCancel(issued, redemption), 400, "failed_precondition", "NOT_REDEEMED"},
      {SendCancel(redeemed, redemption - 1), 400, "failed_precondition", "NOT_REDEEMED"},
      {SendCancel(redeemed, redemption, R"(,"requestId":"r1")"), 409, "already_exists",
       "REQUEST_ID_REUSED"},
      {SendCode("VoidCoupon", issued, R"(,"requestId":"r1")"), 409, "already_exists",
       "REQUEST_ID_REUSED"},
      {SendCode("VoidCoupon", issued, R"(,"reason":")" + std::string(129, 'x') + '"'), 400,
       "invalid_argument", "REASON_TOO_LONG"},
      {SendCode("CancelRedemption", redeemed), 400, "invalid_argument", "FIELD_INVALID"},
  };
  for (const auto& row : rows) {
    EXPECT_THAT(
        BodyOf(row.exchange, row.status),
        AllOf(HasSubstr(R"("code":")" + std::string(row.code) + '"'), HasSubstr(row.refusal)));
  }
}

TEST_F(RedeemMethodsTest, ADeletionMeanwhileHidesTheCoupon) {
  const std::string code = IssueCode();
  // All in one group, so that the campaign is gone before the coupon can be read.
  log_.HoldSyncs();
  const Exchange other = SendJson("IssueCoupon", R"({"campaignId":")" + id_ + "\"}");
  log_.WaitUntilHeld();
  const Exchange redeemed = SendCode("RedeemCoupon", code);
  const Exchange refused = SendCode("RedeemCoupon", code);
  const Exchange deleted = SendJson("DeleteCampaign", R"({"campaignName":"open"})");
  log_.ReleaseSyncs();
  const auto response = Read<coupon::v1::RedeemCouponResponse>(redeemed);
  EXPECT_TRUE(response.success());
  EXPECT_GT(response.sequence(), 0U);
  EXPECT_FALSE(response.has_coupon());
  const auto refusal = Read<coupon::v1::RedeemCouponResponse>(refused);
  EXPECT_EQ(refusal.refusal(), coupon::v1::REFUSAL_COUPON_ALREADY_REDEEMED);
  EXPECT_FALSE(refusal.has_coupon());
  BodyOf(deleted);
}

TEST_F(RedeemMethodsTest, FullQueriesDelayNoRedemption) {
  const std::string code = IssueCode();
  std::promise<void> end = FillQueries();
  const auto redeemed = Redeem(code);
  EXPECT_TRUE(redeemed.success());
  EXPECT_FALSE(redeemed.has_coupon());
  const auto canceled = Cancel(code, redeemed.sequence());
  EXPECT_TRUE(canceled.changed());
  EXPECT_FALSE(canceled.has_coupon());
  end.set_value();
}

}  // namespace
}  // namespace coupond::api
