#ifndef COUPOND_TEST_API_JSON_SERVICE_FIXTURE_H_
#define COUPOND_TEST_API_JSON_SERVICE_FIXTURE_H_

#include <google/protobuf/util/json_util.h>

#include <string>
#include <string_view>

#include "api/service_fixture.h"
#include "coupon/v1/coupon_service.pb.h"
#include "rpc/connect/standard_details.h"
#include "support/builders.h"

namespace coupond::api {

/// ServiceFixture's service, by requests in JSON.
class JsonServiceFixture : public ServiceFixture {
 protected:
  const std::string id_ = FormatUuid(test::Id(1).bytes);

  Exchange SendJson(std::string_view method, std::string_view body) {
    const http::HeaderField json{"Content-Type", "application/json"};
    return Post(method, body, {&json, 1});
  }
  /// Sends a request with the id of a campaign, campaign 1's if none is given, and other fields.
  Exchange SendFor(std::string_view method, std::string_view more = "",
                   std::string_view campaign_id = "") {
    const std::string_view id = campaign_id.empty() ? id_ : campaign_id;
    return SendJson(method, R"({"campaignId":")" + std::string(id) + '"' + std::string(more) + "}");
  }
  /// Sends an UpdateCampaign with these fields of campaign 1, and others of the request.
  Exchange SendUpdate(std::string_view fields, std::string_view more = "") {
    return SendJson("UpdateCampaign", R"({"campaign":{"id":")" + id_ + '"' + std::string(fields) +
                                          "}" + std::string(more) + "}");
  }
  /// Returns the body of the answer, once there is one, which has this status.
  std::string BodyOf(const Exchange& exchange, int status = 200) {
    EXPECT_TRUE(executor_.RunUntil([&] { return exchange->answered(); }));
    EXPECT_EQ(exchange->response().status, status) << exchange->response().body;
    return exchange->response().body;
  }
  /// Returns the message of a success.
  template <typename Message>
  Message Read(const Exchange& exchange) {
    Message message;
    EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(BodyOf(exchange), &message).ok());
    return message;
  }
  /// Returns the details of an error with this status.
  connect::ReadDetails DetailsOf(const Exchange& exchange, int status) {
    return connect::DetailsInJson(BodyOf(exchange, status));
  }

  coupon::v1::UpdateCampaignResponse Update(std::string_view fields, std::string_view more = "") {
    return Read<coupon::v1::UpdateCampaignResponse>(SendUpdate(fields, more));
  }
  coupon::v1::IssueCouponResponse Issue(std::string_view more = "") {
    return Read<coupon::v1::IssueCouponResponse>(SendFor("IssueCoupon", more));
  }
  coupon::v1::RedeemCouponResponse Redeem(const std::string& code, std::string_view more = "") {
    return Read<coupon::v1::RedeemCouponResponse>(SendCode("RedeemCoupon", code, more));
  }
  coupon::v1::Coupon GetCoupon(const std::string& code) {
    return Read<coupon::v1::GetCouponResponse>(SendCode("GetCoupon", code)).coupon();
  }
  coupon::v1::GetCampaignResponse GetCampaign() {
    return Read<coupon::v1::GetCampaignResponse>(SendFor("GetCampaign"));
  }
  /// Sends a request with the code of a coupon and other fields.
  Exchange SendCode(std::string_view method, const std::string& code, std::string_view more = "") {
    return SendJson(method, R"({"code":")" + code + '"' + std::string(more) + "}");
  }
};

}  // namespace coupond::api

#endif  // COUPOND_TEST_API_JSON_SERVICE_FIXTURE_H_
