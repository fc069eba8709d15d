#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <string>

#include "system/program/coupon_client.h"
#include "system/program/process.h"
#include "system/program/server_process.h"

// Coupons that are redeemed, undone and voided, on a server that is killed after each change.
namespace coupond::test {
namespace {

class CouponLifeTest : public testing::TestWithParam<Form> {
 protected:
  void KillAndRestart() {
    server_.Kill();
    server_.Start();
    client_ = CouponClient(server_.port(), GetParam());
  }
  std::string Issue() { return client_.Issue(campaign_).response.coupon().code(); }
  static api::RedeemCouponRequest Redemption(const std::string& code, const std::string& order_ref,
                                             const std::string& request_id) {
    api::RedeemCouponRequest request;
    request.set_code(code);
    request.set_order_ref(order_ref);
    request.set_request_id(request_id);
    return request;
  }
  /// Returns the coupon, which must be the same after a crash.
  api::Coupon Get(const std::string& code) {
    const api::Coupon coupon = client_.GetCoupon(code).response.coupon();
    KillAndRestart();
    EXPECT_EQ(client_.GetCoupon(code).response.coupon().ShortDebugString(),
              coupon.ShortDebugString());
    return coupon;
  }
  template <typename Response>
  static void ExpectRefused(const Answer<Response>& answer, const char* code,
                            api::Refusal refusal) {
    EXPECT_EQ(answer.code, code) << answer.raw_body;
    ASSERT_TRUE(answer.refusal) << answer.raw_body;
    EXPECT_EQ(answer.refusal->refusal(), refusal);
    EXPECT_GT(answer.refusal->sequence(), 0U);
  }
  /// Stops the server and lets the auditor replay the log.
  void ExpectSound() {
    EXPECT_EQ(server_.Stop(), 0) << server_.output();
    Process audit({COUPON_AUDIT_PATH, "verify", server_.data_directory().string()});
    EXPECT_EQ(audit.WaitForExit(std::chrono::seconds(60)), 0) << audit.output();
  }

  ServerProcess server_;
  CouponClient client_{server_.port(), GetParam()};
  std::string campaign_ = client_.CreateStarted("life", 3);
};

TEST_P(CouponLifeTest, ARedemptionLastsUntilItIsUndone) {
  const std::string code = Issue();
  const auto redeemed = client_.Redeem(Redemption(code, "order 1", "r1"));
  ASSERT_TRUE(redeemed.ok() && redeemed.response.success()) << redeemed.raw_body;
  const std::uint64_t first = redeemed.response.sequence();
  EXPECT_EQ(Get(code).redemption().sequence(), first);
  EXPECT_EQ(Get(code).redemption().order_ref(), "order 1");
  const auto twice = client_.Redeem(Redemption(code, "order 2", "r2"));
  EXPECT_EQ(twice.response.refusal(), api::REFUSAL_COUPON_ALREADY_REDEEMED);
  EXPECT_EQ(twice.response.coupon().redemption().order_ref(), "order 1");
  const auto again = client_.Redeem(Redemption(code, "order 1", "r1"));
  EXPECT_TRUE(again.response.already_redeemed());
  EXPECT_EQ(again.response.sequence(), first);
  EXPECT_EQ(client_.Redeem(Redemption(code, "order 2", "r1")).response.refusal(),
            api::REFUSAL_REQUEST_ID_REUSED);

  EXPECT_TRUE(client_.Cancel(code, first).response.changed());
  EXPECT_EQ(Get(code).state(), api::COUPON_STATE_ISSUED);
  const auto second = client_.Redeem(Redemption(code, "order 2", "r2"));
  EXPECT_TRUE(second.response.success());
  KillAndRestart();
  const auto late = client_.Cancel(code, first);
  ExpectRefused(late, "failed_precondition", api::REFUSAL_NOT_REDEEMED);
  EXPECT_EQ(late.facts.at("redemption"), std::to_string(second.response.sequence()));
  EXPECT_EQ(Get(code).redemption().sequence(), second.response.sequence());
  api::CancelRedemptionRequest by_id;
  by_id.set_code(code);
  by_id.set_redemption_request_id("r2");
  EXPECT_TRUE(client_.Cancel(by_id).response.changed());
  EXPECT_EQ(Get(code).state(), api::COUPON_STATE_ISSUED);
  ExpectSound();
}

TEST_P(CouponLifeTest, AReturnedPlaceIsIssuedAVoidCouponIsNot) {
  std::set<std::string> codes;
  for (int i = 0; i < 3; ++i) codes.insert(Issue());
  const std::string code = *codes.begin();
  EXPECT_TRUE(client_.Void(code).response.changed());
  EXPECT_EQ(Get(code).state(), api::COUPON_STATE_VOIDED);
  EXPECT_EQ(client_.Redeem(code).response.refusal(), api::REFUSAL_COUPON_VOIDED);
  EXPECT_FALSE(client_.Void(code).response.changed());
  EXPECT_EQ(client_.Issue(campaign_).response.refusal(), api::REFUSAL_SOLD_OUT);
  EXPECT_EQ(client_.Get(campaign_).response.campaign().voided_coupons(), 1);

  EXPECT_TRUE(client_.Void(code, /*return_to_pool=*/true).response.changed());
  EXPECT_EQ(Get(code).state(), api::COUPON_STATE_RETURNED);
  const api::Campaign campaign = client_.Get(campaign_).response.campaign();
  EXPECT_EQ(campaign.voided_coupons(), 0);
  EXPECT_EQ(campaign.returned_coupons(), 1);
  EXPECT_EQ(campaign.issued_coupons(), 2);
  ExpectRefused(client_.Void(code), "failed_precondition", api::REFUSAL_COUPON_VOIDED);
  EXPECT_TRUE(codes.insert(Issue()).second) << "another code";
  EXPECT_EQ(client_.Issue(campaign_).response.refusal(), api::REFUSAL_SOLD_OUT);
  const auto listed = client_.Codes(campaign_);
  EXPECT_EQ(std::set(listed.begin(), listed.end()), codes);
  EXPECT_EQ(client_.Redeem(code).response.refusal(), api::REFUSAL_COUPON_VOIDED);
  ExpectSound();
}

TEST_P(CouponLifeTest, OperatorsGetErrorsAndThePublicAnswers) {
  const std::string code = Issue();
  ASSERT_TRUE(client_.Redeem(Redemption(code, "", "r1")).response.success());
  ExpectRefused(client_.Void(code), "failed_precondition", api::REFUSAL_COUPON_ALREADY_REDEEMED);
  ExpectRefused(client_.Void("x"), "not_found", api::REFUSAL_NO_SUCH_COUPON);
  ExpectRefused(client_.Cancel("x", 1), "not_found", api::REFUSAL_NO_SUCH_COUPON);
  ExpectRefused(client_.GetCoupon("x"), "not_found", api::REFUSAL_NO_SUCH_COUPON);
  EXPECT_EQ(client_.Redeem("x").response.refusal(), api::REFUSAL_NO_SUCH_COUPON);
  api::VoidCouponRequest reused;
  reused.set_code(Issue());
  reused.set_request_id("r1");
  ExpectRefused(client_.Void(reused), "already_exists", api::REFUSAL_REQUEST_ID_REUSED);
  EXPECT_TRUE(client_.Pause(campaign_, api::PAUSE_SCOPE_REDEEMING).response.changed());
  const auto paused = client_.Redeem(reused.code());
  EXPECT_EQ(paused.response.refusal(), api::REFUSAL_REDEEMING_PAUSED);
  EXPECT_GE(paused.response.retry_ms(), 1'000);
  EXPECT_TRUE(client_.Delete(campaign_).ok());
  EXPECT_EQ(client_.Redeem(code).response.refusal(), api::REFUSAL_NO_SUCH_COUPON);
  KillAndRestart();
  ExpectRefused(client_.GetCoupon(code), "not_found", api::REFUSAL_NO_SUCH_COUPON);
  ExpectSound();
}

INSTANTIATE_TEST_SUITE_P(Forms, CouponLifeTest,
                         testing::Values(Form::kConnectJson, Form::kConnectProto), NameOfForm);

}  // namespace
}  // namespace coupond::test
