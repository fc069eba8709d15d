#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "api/first_fault_fixture.h"
#include "coupon/v1/admin_service.pb.h"
#include "coupon/v1/coupon_service.pb.h"
#include "engine/rules/limits.h"

// The order of the faults of every method, besides those that set terms (first_fault_test.cc).
namespace coupond::api {
namespace {

class FirstFaultMethodsTest : public FirstFaultFixture {};

TEST_F(FirstFaultMethodsTest, IssueCoupon) {
  const std::string limited =
      CreateOpen(R"("name":"limited","couponsPerUser":2,"userRequired":true)");
  BodyOf(SendFor("ArchiveCampaign", "", limited));
  coupon::v1::IssueCouponRequest request;
  request.set_request_id(kBlank);
  request.set_user_id(kControl);
  request.set_entry_token("x");
  ExpectFaults<coupon::v1::IssueCouponResponse>(
      "IssueCoupon", request,
      {
          {"FIELD_INVALID campaign_id", [&] { request.set_campaign_id("no id"); }},
          {"FIELD_INVALID request_id", [&] { request.clear_request_id(); }},
          {"FIELD_INVALID user_id", [&] { request.clear_user_id(); }},
          {"FIELD_INVALID entry_token", [&] { request.clear_entry_token(); }},
          {"NO_SUCH_CAMPAIGN campaign_id", [&] { request.set_campaign_id(limited); }},
          {"REFUSAL_USER_REQUIRED", [&] { request.set_user_id("kim"); }},
          {"REQUEST_ID_REQUIRED request_id", [&] { request.set_request_id("r1"); }},
          {"REFUSAL_ENDED", [&] { BodyOf(SendFor("UnarchiveCampaign", "", limited)); }},
      });
}

TEST_F(FirstFaultMethodsTest, BatchIssueCoupons) {
  const std::string limited =
      CreateOpen(R"("name":"limited","couponsPerUser":2,"userRequired":true)");
  BodyOf(SendFor("ArchiveCampaign", "", limited));
  coupon::v1::BatchIssueCouponsRequest request;
  request.set_count(-1);
  request.add_user_ids(kControl);
  request.set_request_id(kBlank);
  const auto ask_for = [&](std::size_t users, const std::string& user_id) {
    request.clear_user_ids();
    for (; users > 0; --users) request.add_user_ids(user_id);
  };
  ExpectFaults<coupon::v1::BatchIssueCouponsResponse>(
      "BatchIssueCoupons", request,
      {
          {"FIELD_INVALID campaign_id", [&] { request.set_campaign_id("no id"); }},
          {"FIELD_INVALID count", [&] { request.set_count(1); }},
          {"FIELD_INVALID user_ids", [&] { request.clear_count(); }},
          {"FIELD_INVALID user_ids[0]", [&] { ask_for(limits::kCouponsPerBatchMax + 1, "kim"); }},
          {"BATCH_TOO_LARGE user_ids",
           [&] {
             ask_for(limits::kCouponsPerBatchMax, std::string(limits::kUserIdMaxBytes, 'u'));
           }},
          {"BATCH_TOO_LARGE user_ids",
           [&] {
             request.clear_user_ids();
             request.set_count(static_cast<std::int32_t>(limits::kCouponsPerBatchMax) + 1);
           }},
          {"BATCH_TOO_LARGE count", [&] { request.clear_count(); }},
          {"FIELD_INVALID count", [&] { request.set_count(2); }},
          {"FIELD_INVALID request_id", [&] { request.clear_request_id(); }},
          {"NO_SUCH_CAMPAIGN campaign_id", [&] { request.set_campaign_id(limited); }},
          {"USER_REQUIRED user_ids",
           [&] {
             request.clear_count();
             ask_for(2, "kim");
           }},
          {"REQUEST_ID_REQUIRED request_id", [&] { request.set_request_id("b1"); }},
          {"ENDED", [&] { BodyOf(SendFor("UnarchiveCampaign", "", limited)); }},
      });
}

TEST_F(FirstFaultMethodsTest, RedeemCoupon) {
  const std::string code = Issue(R"(,"userId":"kim")").coupon().code();
  coupon::v1::RedeemCouponRequest request;
  request.set_campaign_id("no id");
  request.set_user_id(kControl);
  request.set_order_ref(kBlank);
  request.set_redeemed_by(kBlank);
  request.set_request_id(kBlank);
  ExpectFaults<coupon::v1::RedeemCouponResponse>(
      "RedeemCoupon", request,
      {
          {"FIELD_INVALID code", [&] { request.set_code("x"); }},
          {"FIELD_INVALID user_id", [&] { request.set_user_id("lee"); }},
          {"FIELD_INVALID order_ref", [&] { request.clear_order_ref(); }},
          {"FIELD_INVALID redeemed_by", [&] { request.clear_redeemed_by(); }},
          {"FIELD_INVALID request_id", [&] { request.clear_request_id(); }},
          {"REFUSAL_NO_SUCH_COUPON", [&] { request.set_code(code); }},
          {"REFUSAL_NO_SUCH_COUPON", [&] { request.set_campaign_id(id_); }},
          {"REFUSAL_WRONG_HOLDER", [&] { request.set_user_id("kim"); }},
      });
}

TEST_F(FirstFaultMethodsTest, CancelRedemption) {
  const std::string code = Issue().coupon().code();
  const std::uint64_t redemption = Redeem(code).sequence();
  coupon::v1::CancelRedemptionRequest request;
  request.set_redemption_request_id(kBlank);
  request.set_reason(kControl);
  request.set_request_id(kBlank);
  request.set_campaign_id("no id");
  ExpectFaults<coupon::v1::CancelRedemptionResponse>(
      "CancelRedemption", request,
      {
          {"FIELD_INVALID code", [&] { request.set_code("x"); }},
          {"FIELD_INVALID redemption_request_id", [&] { request.clear_redemption(); }},
          {"FIELD_INVALID redemption_sequence", [&] { request.set_redemption_sequence(1); }},
          {"FIELD_INVALID reason", [&] { request.set_reason(std::string(129, 'x')); }},
          {"REASON_TOO_LONG reason", [&] { request.clear_reason(); }},
          {"FIELD_INVALID request_id", [&] { request.clear_request_id(); }},
          {"NO_SUCH_COUPON code", [&] { request.set_code(code); }},
          {"NO_SUCH_COUPON code", [&] { request.set_campaign_id(id_); }},
          {"NOT_REDEEMED", [&] { request.set_redemption_sequence(redemption); }},
      });
}

TEST_F(FirstFaultMethodsTest, VoidCoupon) {
  const std::string code = Issue().coupon().code();
  Redeem(code);
  const std::string other = Issue().coupon().code();
  coupon::v1::VoidCouponRequest request;
  request.set_reason(kControl);
  request.set_request_id(kBlank);
  request.set_campaign_id("no id");
  ExpectFaults<coupon::v1::VoidCouponResponse>(
      "VoidCoupon", request,
      {
          {"FIELD_INVALID code", [&] { request.set_code("x"); }},
          {"FIELD_INVALID reason", [&] { request.set_reason(std::string(129, 'x')); }},
          {"REASON_TOO_LONG reason", [&] { request.clear_reason(); }},
          {"FIELD_INVALID request_id", [&] { request.clear_request_id(); }},
          {"NO_SUCH_COUPON code", [&] { request.set_code(code); }},
          {"NO_SUCH_COUPON code", [&] { request.set_campaign_id(id_); }},
          {"COUPON_ALREADY_REDEEMED", [&] { request.set_code(other); }},
      });
}

TEST_F(FirstFaultMethodsTest, PauseCampaign) {
  coupon::v1::PauseCampaignRequest request;
  request.set_reason(kControl);
  ExpectFaults<coupon::v1::PauseCampaignResponse>(
      "PauseCampaign", request,
      {
          {"FIELD_INVALID campaign_id", [&] { request.set_campaign_id("no id"); }},
          {"FIELD_INVALID scope", [&] { request.set_scope(coupon::v1::PAUSE_SCOPE_BOTH); }},
          {"FIELD_INVALID reason", [&] { request.set_reason(std::string(129, 'x')); }},
          {"REASON_TOO_LONG reason", [&] { request.clear_reason(); }},
          {"NO_SUCH_CAMPAIGN campaign_id",
           [&] {
             request.set_campaign_id(id_);
             BodyOf(SendFor("ArchiveCampaign"));
           }},
          {"CAMPAIGN_ARCHIVED", [&] { BodyOf(SendFor("UnarchiveCampaign")); }},
      });
}

TEST_F(FirstFaultMethodsTest, DeleteCampaign) {
  coupon::v1::DeleteCampaignRequest request;
  ExpectFaults<coupon::v1::DeleteCampaignResponse>(
      "DeleteCampaign", request,
      {
          {"FIELD_INVALID campaign_id",
           [&] {
             request.set_campaign_id("no id");
             request.set_campaign_name(kControl);
           }},
          {"FIELD_INVALID campaign_name", [&] { request.clear_campaign_name(); }},
          {"REFUSAL_NO_SUCH_CAMPAIGN", [&] { request.set_campaign_id(id_); }},
      });
}

TEST_F(FirstFaultMethodsTest, ListCoupons) {
  coupon::v1::ListCouponsRequest request;
  request.set_page_size(-1);
  request.set_page_token("x");
  ExpectFaults<coupon::v1::ListCouponsResponse>(
      "ListCoupons", request,
      {
          {"FIELD_INVALID campaign_id", [&] { request.set_campaign_id("no id"); }},
          {"FIELD_INVALID page_size", [&] { request.clear_page_size(); }},
          {"FIELD_INVALID page_token", [&] { request.clear_page_token(); }},
          {"NO_SUCH_CAMPAIGN campaign_id", [&] { request.set_campaign_id(id_); }},
      });
}

TEST_F(FirstFaultMethodsTest, SearchCoupons) {
  coupon::v1::SearchCouponsRequest request;
  request.add_states(coupon::v1::COUPON_STATE_UNSPECIFIED);
  request.set_order(static_cast<coupon::v1::CouponOrder>(7));
  request.set_page_size(-1);
  request.set_page_token("x");
  ExpectFaults<coupon::v1::SearchCouponsResponse>(
      "SearchCoupons", request,
      {
          {"FIELD_INVALID campaign_id",
           [&] {
             request.set_campaign_id("no id");
             request.set_user_id(kControl);
           }},
          {"FIELD_INVALID user_id", [&] { request.clear_user_id(); }},
          {"FIELD_INVALID states", [&] { request.clear_states(); }},
          {"FIELD_INVALID order", [&] { request.clear_order(); }},
          {"FIELD_INVALID page_size", [&] { request.clear_page_size(); }},
          {"FIELD_INVALID page_token", [&] { request.clear_page_token(); }},
          {"NO_SUCH_CAMPAIGN campaign_id", [&] { request.set_campaign_id(id_); }},
      });
}

TEST_F(FirstFaultMethodsTest, EraseUser) {
  coupon::v1::EraseUserRequest request;
  request.set_user_id(kControl);
  request.set_request_id(kBlank);
  const auto fault = [&] { return FaultOf<coupon::v1::EraseUserResponse>("EraseUser", request); };
  EXPECT_EQ(fault(), "FIELD_INVALID user_id");
  request.clear_user_id();
  EXPECT_EQ(fault(), "FIELD_INVALID user_id");
  request.set_user_id("kim");
  EXPECT_EQ(fault(), "FIELD_INVALID request_id");
}

TEST_F(FirstFaultMethodsTest, IdempotencyKeyHasTheRequestIdsPlace) {
  idempotency_key_ = "\"cut";
  const std::string of_key = "HEADER_INVALID";
  coupon::v1::IssueCouponRequest request;
  request.set_user_id(kControl);
  ExpectFaults<coupon::v1::IssueCouponResponse>(
      "IssueCoupon", request,
      {
          {"FIELD_INVALID campaign_id", [&] { request.set_campaign_id("no id"); }},
          {of_key, [&] { idempotency_key_.clear(); }},
          {"FIELD_INVALID user_id", [&] { request.clear_user_id(); }},
          {"NO_SUCH_CAMPAIGN campaign_id", [&] { request.set_campaign_id(id_); }},
      });
  idempotency_key_ = "\"cut";
  coupon::v1::CreateCampaignRequest creation;
  creation.set_total_coupons(1);
  creation.mutable_start_in();
  const auto fault = [&] {
    return FaultOf<coupon::v1::CreateCampaignResponse>("CreateCampaign", creation);
  };
  EXPECT_EQ(fault(), "NAME_EMPTY name");
  creation.set_name("new");
  EXPECT_EQ(fault(), of_key);
}

}  // namespace
}  // namespace coupond::api
