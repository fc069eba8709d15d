// The header Idempotency-Key on every way to IssueCoupon.
#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/service_fixture.h"
#include "coupon/v1/coupon_service.pb.h"
#include "rpc/connect/envelope.h"
#include "rpc/connect/standard_details.h"
#include "support/builders.h"

namespace coupond::api {
namespace {

using testing::HasSubstr;

/// A path and content type under which coupons are issued.
struct Way {
  std::string_view path;
  std::string_view content_type;
};

constexpr std::string_view kConnect = "/coupon.v1.CouponService/IssueCoupon";
constexpr Way kWays[] = {{"/IssueCoupon", "application/json"},
                         {kConnect, "application/json"},
                         {kConnect, "application/proto"},
                         {kConnect, "application/grpc-web+proto"}};

class IdempotencyKeyTest : public ServiceFixture {
 protected:
  Exchange Issue(const Way& way, std::string_view key, std::string_view request_id = "") {
    coupon::v1::IssueCouponRequest request;
    request.set_campaign_id(FormatUuid(test::Id(1).bytes));
    request.set_request_id(std::string(request_id));
    std::string message = request.SerializeAsString();
    if (way.content_type == "application/json") {
      message.clear();
      EXPECT_TRUE(google::protobuf::util::MessageToJsonString(request, &message).ok());
    } else if (way.content_type.contains("grpc-web")) {
      std::string envelope;
      connect::AppendEnvelope(0, message, envelope);
      message = envelope;
    }
    std::vector<http::HeaderField> headers = {{"Content-Type", way.content_type}};
    if (!key.empty()) headers.push_back({"Idempotency-Key", key});
    auto exchange = std::make_shared<connect::FakeExchange>();
    handler_->Handle(
        {.method = "POST", .path = way.path, .query = {}, .body = message, .headers = headers},
        exchange);
    executor_.RunWaiting();
    EXPECT_TRUE(executor_.RunUntil([&] { return exchange->answered(); }));
    return exchange;
  }

  static coupon::v1::IssueCouponResponse Read(const Exchange& exchange) {
    coupon::v1::IssueCouponResponse response;
    std::string body = exchange->response().body;
    if (exchange->response().content_type == "application/json") {
      EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(body, &response).ok()) << body;
      return response;
    }
    if (exchange->response().content_type != "application/proto") {
      body = body.substr(connect::kEnvelopeHeadBytes, static_cast<unsigned char>(body[4]));
    }
    EXPECT_TRUE(response.ParseFromString(body));
    return response;
  }
};

TEST_F(IdempotencyKeyTest, EveryWayLeadsToTheSameCoupon) {
  const auto first = Read(Issue(kWays[1], "", "order-1"));
  ASSERT_TRUE(first.success());
  for (const Way& way : kWays) {
    SCOPED_TRACE(std::string(way.path) + " " + std::string(way.content_type));
    for (const char* key : {"order-1", R"("order-1")"}) {
      const auto again = Read(Issue(way, key));
      EXPECT_TRUE(again.already_issued());
      EXPECT_EQ(again.coupon().code(), first.coupon().code());
      EXPECT_TRUE(Read(Issue(way, key, "order-1")).already_issued()) << "given twice, but the same";
    }
    EXPECT_TRUE(Read(Issue(way, "", "order-1")).already_issued());
    EXPECT_FALSE(Read(Issue(way, "")).already_issued()) << "a request without either is new";
  }
  EXPECT_FALSE(Read(Issue(kWays[2], "order-2")).already_issued());
}

TEST_F(IdempotencyKeyTest, ADifferentRequestIdIsAFaultOfThatField) {
  for (const Way& way : kWays) {
    const Exchange exchange = Issue(way, "order-1", "order-2");
    const std::string& body = exchange->response().body;
    const connect::ReadDetails read = way.content_type.contains("grpc-web")
                                          ? connect::DetailsInTrailers(body)
                                          : connect::DetailsInJson(body);
    EXPECT_EQ(read.reason, "FIELD_INVALID");
    EXPECT_EQ(read.field, "request_id");
    EXPECT_THAT(read.description, HasSubstr("differs from the header Idempotency-Key"));
  }
  EXPECT_EQ(Read(Issue(kWays[0], "order-1")).sequence(), 2U) << "nothing was issued before";
}

TEST_F(IdempotencyKeyTest, AMalformedOneIssuesNothing) {
  for (const Way& way : kWays) {
    for (const char* key : {"a b", R"("a)", R"("")", "a,a"}) {
      EXPECT_THAT(Issue(way, key)->response().body, HasSubstr("Idempotency-Key must be"));
    }
  }
  EXPECT_EQ(Read(Issue(kWays[0], "order-1")).sequence(), 2U);
}

}  // namespace
}  // namespace coupond::api
