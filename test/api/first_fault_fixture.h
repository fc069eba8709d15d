#ifndef COUPOND_TEST_API_FIRST_FAULT_FIXTURE_H_
#define COUPOND_TEST_API_FIRST_FAULT_FIXTURE_H_

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "api/json_service_fixture.h"
#include "coupon/v1/admin_service.pb.h"
#include "coupon/v1/coupon_service.pb.h"
#include "rpc/connect/fake_exchange.h"
#include "rpc/connect/standard_details.h"

namespace coupond::api {

/// Sends requests in which everything is wrong, and mends one thing after the other: those that
/// only the mapping can find and those that only the rules can find are told in one order.
class FirstFaultFixture : public JsonServiceFixture {
 protected:
  static constexpr const char* kControl = "a\x01";  ///< a text that has a refused character
  static constexpr const char* kBlank = " ";

  /// The fault that is told of a request, and what then mends it.
  struct Row {
    std::string fault;  ///< its reason and, after a blank, its field; empty for a success
    std::function<void()> mend;
  };
  /// Expects these faults, one after the other, and then a success.
  template <typename Response, typename Request>
  void ExpectFaults(std::string_view method, const Request& request, const std::vector<Row>& rows) {
    for (const Row& row : rows) {
      ASSERT_EQ(FaultOf<Response>(method, request), row.fault) << request.ShortDebugString();
      row.mend();
    }
    EXPECT_EQ(FaultOf<Response>(method, request), "") << request.ShortDebugString();
  }
  /// In protobuf, because in JSON a time that is none cannot be written.
  template <typename Response, typename Request>
  std::string FaultOf(std::string_view method, const Request& request) {
    const std::string service = std::is_same_v<Request, coupon::v1::EraseUserRequest>
                                    ? "/coupon.v1.AdminService/"
                                    : "/coupon.v1.CouponService/";
    std::vector<http::HeaderField> headers = {{"Content-Type", "application/proto"}};
    if (!idempotency_key_.empty()) headers.push_back({"Idempotency-Key", idempotency_key_});
    return FaultIn<Response>(
        Send(service + std::string(method), request.SerializeAsString(), headers));
  }
  Exchange Send(const std::string& path, const std::string& body,
                std::span<const http::HeaderField> headers) {
    auto exchange = std::make_shared<connect::FakeExchange>();
    handler_->Handle(
        {.method = "POST", .path = path, .query = {}, .body = body, .headers = headers}, exchange);
    executor_.RunWaiting();
    return exchange;
  }
  /// Returns the fault that an answer tells.
  template <typename Response>
  std::string FaultIn(const Exchange& exchange) {
    EXPECT_TRUE(executor_.RunUntil([&] { return exchange->answered(); }));
    const std::string& body = exchange->response().body;
    if (exchange->response().status != 200) {
      const connect::ReadDetails read = connect::DetailsInJson(body);
      return read.field.empty() ? read.reason : read.reason + " " + read.field;
    }
    Response response;
    EXPECT_TRUE(response.ParseFromString(body));
    if constexpr (requires { response.has_refusal(); }) {
      if (response.has_refusal()) return coupon::v1::Refusal_Name(response.refusal());
    }
    return "";
  }
  /// Creates a campaign that is open, and returns its id.
  std::string CreateOpen(std::string_view fields) {
    return Read<coupon::v1::CreateCampaignResponse>(
               SendJson("CreateCampaign",
                        R"({"startIn":"0s","totalCoupons":10,)" + std::string(fields) + "}"))
        .campaign()
        .id();
  }

  std::string idempotency_key_;  ///< the header of that name; empty: none is sent
};

}  // namespace coupond::api

#endif  // COUPOND_TEST_API_FIRST_FAULT_FIXTURE_H_
