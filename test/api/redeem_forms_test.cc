// The methods about single coupons on every way to call them.
#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "api/service_fixture.h"
#include "coupon/v1/coupon_service.pb.h"
#include "rpc/connect/envelope.h"
#include "rpc/connect/standard_details.h"
#include "support/builders.h"

namespace coupond::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kGrpcWeb = "application/grpc-web+proto";
constexpr std::string_view kForms[] = {kJson, "application/proto", kGrpcWeb};

class RedeemFormsTest : public ServiceFixture,
                        public testing::WithParamInterface<std::string_view> {
 protected:
  Exchange Send(std::string_view method, const google::protobuf::Message& request,
                std::string_view form = GetParam()) {
    std::string body = request.SerializeAsString();
    if (form == kJson) {
      body.clear();
      EXPECT_TRUE(google::protobuf::util::MessageToJsonString(request, &body).ok());
    } else if (form == kGrpcWeb) {
      std::string envelope;
      connect::AppendEnvelope(0, body, envelope);
      body = envelope;
    }
    const http::HeaderField type{"Content-Type", form};
    const Exchange exchange = Post(method, body, {&type, 1});
    EXPECT_TRUE(executor_.RunUntil([&] { return exchange->answered(); }));
    return exchange;
  }
  template <typename Response>
  Response Ask(std::string_view method, const google::protobuf::Message& request) {
    const Exchange exchange = Send(method, request);
    EXPECT_EQ(exchange->response().status, 200) << exchange->response().body;
    std::string body = exchange->response().body;
    Response response;
    if (GetParam() == kJson) {
      EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(body, &response).ok()) << body;
      return response;
    }
    if (GetParam() == kGrpcWeb) {
      EXPECT_THAT(body, HasSubstr("grpc-status: 0\r\n"));
      const auto size =
          static_cast<unsigned char>(body[3]) * 256U + static_cast<unsigned char>(body[4]);
      body = body.substr(connect::kEnvelopeHeadBytes, size);
    }
    EXPECT_TRUE(response.ParseFromString(body));
    return response;
  }
  /// Checks that the request is answered with an error.
  void ExpectError(std::string_view method, const google::protobuf::Message& request, int status,
                   std::string_view code, int grpc_status, std::string_view message) {
    const Exchange exchange = Send(method, request);
    const std::string& body = exchange->response().body;
    EXPECT_THAT(body, HasSubstr(message));
    if (GetParam() == kGrpcWeb) {
      EXPECT_EQ(exchange->response().status, 200);
      EXPECT_THAT(body, HasSubstr("grpc-status: " + std::to_string(grpc_status) + "\r\n"));
    } else {
      EXPECT_EQ(exchange->response().status, status);
      EXPECT_THAT(body, HasSubstr(R"("code":")" + std::string(code) + '"'));
    }
  }
  /// Returns what the error tells beside its reason.
  std::map<std::string, std::string> FactsOf(std::string_view method,
                                             const google::protobuf::Message& request) {
    const std::string body = Send(method, request)->response().body;
    return GetParam() == kGrpcWeb ? connect::DetailsInTrailers(body).facts
                                  : connect::DetailsInJson(body).facts;
  }
  std::string Issue() {
    coupon::v1::IssueCouponRequest request;
    request.set_campaign_id(FormatUuid(test::Id(1).bytes));
    return Ask<coupon::v1::IssueCouponResponse>("IssueCoupon", request).coupon().code();
  }
  coupon::v1::RedeemCouponResponse Redeem(const std::string& code,
                                          const std::string& request_id = "") {
    coupon::v1::RedeemCouponRequest request;
    request.set_code(code);
    request.set_request_id(request_id);
    return Ask<coupon::v1::RedeemCouponResponse>("RedeemCoupon", request);
  }
  static coupon::v1::VoidCouponRequest VoidRequest(const std::string& code, bool return_to_pool) {
    coupon::v1::VoidCouponRequest request;
    request.set_code(code);
    request.set_return_to_pool(return_to_pool);
    return request;
  }
  static coupon::v1::CancelRedemptionRequest CancelRequest(const std::string& code,
                                                           std::uint64_t redemption) {
    coupon::v1::CancelRedemptionRequest request;
    request.set_code(code);
    request.set_redemption_sequence(redemption);
    return request;
  }
};

TEST_P(RedeemFormsTest, RefusedRedemptionsAreAnswers) {
  const std::string redeemed = Issue();
  const std::string voided = Issue();
  const auto first = Redeem(redeemed, "r1");
  EXPECT_TRUE(first.success());
  EXPECT_TRUE(Redeem(redeemed, "r1").already_redeemed());
  Ask<coupon::v1::VoidCouponResponse>("VoidCoupon", VoidRequest(voided, false));
  const auto again = Redeem(redeemed);
  EXPECT_FALSE(again.success());
  EXPECT_EQ(again.refusal(), coupon::v1::REFUSAL_COUPON_ALREADY_REDEEMED);
  EXPECT_EQ(again.coupon().redemption().sequence(), first.sequence());
  const auto of_void = Redeem(voided);
  EXPECT_EQ(of_void.refusal(), coupon::v1::REFUSAL_COUPON_VOIDED);
  EXPECT_TRUE(of_void.coupon().has_voided_at());
  EXPECT_EQ(Redeem("x").refusal(), coupon::v1::REFUSAL_NO_SUCH_COUPON);
  EXPECT_EQ(Redeem(voided, "r1").refusal(), coupon::v1::REFUSAL_REQUEST_ID_REUSED);
  coupon::v1::PauseCampaignRequest pause;
  pause.set_campaign_id(FormatUuid(test::Id(1).bytes));
  pause.set_scope(coupon::v1::PAUSE_SCOPE_REDEEMING);
  Ask<coupon::v1::PauseCampaignResponse>("PauseCampaign", pause);
  const auto while_paused = Redeem(Issue());
  EXPECT_FALSE(while_paused.success());
  EXPECT_EQ(while_paused.refusal(), coupon::v1::REFUSAL_REDEEMING_PAUSED);
  EXPECT_GT(while_paused.sequence(), 0U);
  EXPECT_GE(while_paused.retry_ms(), 1'000);
  EXPECT_LE(while_paused.retry_ms(), 3'000);
}

TEST_P(RedeemFormsTest, OperatorsAreToldThePresentRedemption) {
  const std::string code = Issue();
  const std::uint64_t first = Redeem(code).sequence();
  Ask<coupon::v1::CancelRedemptionResponse>("CancelRedemption", CancelRequest(code, first));
  EXPECT_THAT(FactsOf("CancelRedemption", CancelRequest(code, first)), IsEmpty());
  const std::uint64_t second = Redeem(code).sequence();
  const auto is_second = ElementsAre(Pair("redemption", std::to_string(second)));
  EXPECT_THAT(FactsOf("CancelRedemption", CancelRequest(code, first)), is_second);
  EXPECT_THAT(FactsOf("VoidCoupon", VoidRequest(code, false)), is_second);
  Ask<coupon::v1::CancelRedemptionResponse>("CancelRedemption", CancelRequest(code, second));
}

TEST_P(RedeemFormsTest, RefusedOperatorsGetErrors) {
  const std::string issued = Issue();
  const std::string redeemed = Issue();
  const std::string returned = Issue();
  const std::uint64_t redemption = Redeem(redeemed, "r1").sequence();
  Ask<coupon::v1::VoidCouponResponse>("VoidCoupon", VoidRequest(returned, true));
  constexpr int kAlreadyExists = 6;
  constexpr int kFailedPrecondition = 9;
  ExpectError("VoidCoupon", VoidRequest("x", false), 404, "not_found", 5, "no such coupon");
  ExpectError("CancelRedemption", CancelRequest("x", 1), 404, "not_found", 5, "no such coupon");
  coupon::v1::GetCouponRequest get;
  get.set_code("x");
  ExpectError("GetCoupon", get, 404, "not_found", 5, "no such coupon");
  ExpectError("VoidCoupon", VoidRequest(redeemed, true), 400, "failed_precondition",
              kFailedPrecondition, "coupon is already redeemed");
  ExpectError("VoidCoupon", VoidRequest(returned, false), 400, "failed_precondition",
              kFailedPrecondition, "coupon is void");
  ExpectError("CancelRedemption", CancelRequest(issued, redemption), 400, "failed_precondition",
              kFailedPrecondition, "coupon is not redeemed");
  coupon::v1::VoidCouponRequest reused = VoidRequest(issued, false);
  reused.set_request_id("r1");
  ExpectError("VoidCoupon", reused, 409, "already_exists", kAlreadyExists, "request_id: used for");
  ExpectError("CancelRedemption", CancelRequest(redeemed, 0), 400, "invalid_argument", 3,
              "are both missing");
}

TEST_P(RedeemFormsTest, AnUndoneRedemptionAndAVoidedCouponAreShown) {
  const std::string code = Issue();
  const auto canceled = Ask<coupon::v1::CancelRedemptionResponse>(
      "CancelRedemption", CancelRequest(code, Redeem(code).sequence()));
  EXPECT_TRUE(canceled.changed());
  EXPECT_EQ(canceled.coupon().state(), coupon::v1::COUPON_STATE_ISSUED);
  const auto voided = Ask<coupon::v1::VoidCouponResponse>("VoidCoupon", VoidRequest(code, true));
  EXPECT_TRUE(voided.changed());
  EXPECT_EQ(voided.coupon().state(), coupon::v1::COUPON_STATE_RETURNED);
  coupon::v1::GetCouponRequest get;
  get.set_code(code);
  EXPECT_EQ(Ask<coupon::v1::GetCouponResponse>("GetCoupon", get).coupon().ShortDebugString(),
            voided.coupon().ShortDebugString());
}

INSTANTIATE_TEST_SUITE_P(Forms, RedeemFormsTest, testing::ValuesIn(kForms));

class RedeemRoutesTest : public ServiceFixture {
 protected:
  Exchange Handle(const http::Request& request) {
    const auto exchange = std::make_shared<connect::FakeExchange>();
    handler_->Handle(request, exchange);
    executor_.RunWaiting();
    EXPECT_TRUE(executor_.RunUntil([&] { return exchange->answered(); }));
    return exchange;
  }
};

TEST_F(RedeemRoutesTest, ACodeIsNotAcceptedInAUrl) {
  const Exchange exchange = Handle({.method = "GET",
                                    .path = "/coupon.v1.CouponService/GetCoupon",
                                    .query = "encoding=json&message=%7B%7D",
                                    .body = {},
                                    .headers = {}});
  EXPECT_EQ(exchange->response().status, 405);
}

TEST_F(RedeemRoutesTest, RedeemCouponHasAShortRoute) {
  const std::string issue = R"({"campaign_id":")" + FormatUuid(test::Id(1).bytes) + "\"}";
  coupon::v1::IssueCouponResponse issued;
  ASSERT_TRUE(
      google::protobuf::util::JsonStringToMessage(
          Handle(
              {.method = "POST", .path = "/IssueCoupon", .query = {}, .body = issue, .headers = {}})
              ->response()
              .body,
          &issued)
          .ok());
  const std::string redeem = R"({"code":")" + issued.coupon().code() + R"(","order_ref":"4711"})";
  const Exchange redeemed = Handle(
      {.method = "POST", .path = "/RedeemCoupon", .query = {}, .body = redeem, .headers = {}});
  EXPECT_EQ(redeemed->response().status, 200);
  EXPECT_THAT(redeemed->response().body, HasSubstr(R"("orderRef":"4711")"));
}

}  // namespace
}  // namespace coupond::api
