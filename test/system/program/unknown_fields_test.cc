#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "system/program/coupon_client.h"
#include "system/program/protocol_errors_fixture.h"

// A field that is misspelled or empty must not switch off what it was to protect.
namespace coupond::test {
namespace {

using testing::HasSubstr;

const Headers kStrict = "Coupond-Strict: 1\r\n";

class UnknownFieldsTest : public ProtocolErrorsTest {
 protected:
  /// Sends JSON and returns the body of the answer, which must have that status.
  std::string Ask(int status, const std::string& path, const std::string& body,
                  const Headers& headers = "") {
    const auto reply = client_.http().Ask(
        Request("POST", path, body, "Content-Type: application/json\r\n" + headers));
    if (!reply) return "no answer";
    EXPECT_EQ(reply->status, status) << path << " " << body << "\n" << reply->body;
    return reply->body;
  }
  /// Returns {"campaignId":… followed by `rest`.
  [[nodiscard]] std::string Issue(const std::string& rest) const {
    return R"({"campaignId":")" + campaign_ + R"(",)" + rest + "}";
  }
  std::size_t Issued() { return client_.Codes(campaign_).size(); }
};

TEST_F(UnknownFieldsTest, AMisspelledUserIdGivesNoCoupon) {
  const std::string advice = "userID: unknown field; did you mean userId?";
  EXPECT_THAT(Ask(400, "/IssueCoupon", Issue(R"("userID":"u1")")), HasSubstr(advice));
  EXPECT_THAT(Ask(400, kService + "IssueCoupon", Issue(R"("userID":"u1")")), HasSubstr(advice));
  EXPECT_THAT(Ask(400, "/IssueCoupon", Issue(R"("usreId":"u1")")),
              HasSubstr("usreId: unknown field; did you mean userId?"));
  EXPECT_THAT(Ask(400, "/IssueCoupon?userId=u1", Issue(R"("requestId":"r1")")),
              HasSubstr("userId: unknown parameter"));
  EXPECT_EQ(Issued(), 0U);
}

TEST_F(UnknownFieldsTest, AMisspelledIdDoesNotDeleteByNameAlone) {
  const std::string by_both = R"({"campaign_ID":"x","campaignName":"sound"})";
  const std::string advice = "campaign_ID: unknown field; did you mean campaignId?";
  EXPECT_THAT(Ask(400, "/DeleteCampaign", by_both), HasSubstr(advice));
  EXPECT_THAT(Ask(400, kService + "DeleteCampaign", by_both), HasSubstr(advice));
  EXPECT_THAT(Ask(400, "/DeleteCampaign", R"({"id":"x","campaignName":"sound"})"),
              HasSubstr("id: unknown field; known are: campaignId, campaignName"));
  EXPECT_TRUE(client_.Get(campaign_).ok());
}

TEST_F(UnknownFieldsTest, ConnectPathsIgnoreOtherFieldsUnlessStrict) {
  const std::string body = Issue(R"("colour":"red")");
  Ask(200, kService + "IssueCoupon", body);
  EXPECT_EQ(Issued(), 1U);
  EXPECT_THAT(Ask(400, kService + "IssueCoupon", body, kStrict),
              HasSubstr("colour: unknown field; known are: campaignId, requestId, userId"));
  EXPECT_THAT(Ask(400, "/IssueCoupon", body), HasSubstr("colour: unknown field"));
  EXPECT_THAT(
      Ask(400, kService + "IssueCoupon", Issue(R"("userId":"u")"), "Coupond-Strict: true\r\n"),
      HasSubstr("Coupond-Strict must be"));
  EXPECT_EQ(Issued(), 1U);
}

TEST_F(UnknownFieldsTest, InEveryProtocolAndCodec) {
  for (const Way& way : kWays) {
    const std::string field_99 = way.json() ? R"({"unknown":1})" : std::string("\x98\x06\x01", 3);
    ExpectRefused(way, connect::Code::kInvalidArgument, PostMessage(way, field_99, kStrict));
    if (!way.json()) continue;
    ExpectRefused(way, connect::Code::kInvalidArgument,
                  PostMessage(way, R"({"campaignid":")" + campaign_ + R"("})"));
  }
}

TEST_F(UnknownFieldsTest, AlsoInTheOtherServicesAndByGet) {
  EXPECT_THAT(Ask(400, "/grpc.health.v1.Health/Check", R"({"Service":"x"})"),
              HasSubstr("Service: unknown field; did you mean service?"));
  EXPECT_THAT(Ask(400, "/grpc.health.v1.Health/Check", R"({"serivce":"x"})", kStrict),
              HasSubstr("serivce: unknown field; did you mean service?"));
  EXPECT_THAT(Ask(400, "/coupon.v1.AdminService/CreateBackup", R"({"Name":"x"})"),
              HasSubstr("Name: unknown field; did you mean name?"));
  const auto get = client_.http().Ask(
      Request("GET", kService + "ListCampaigns?encoding=json&message={%22page_Size%22:1}", "", ""));
  ASSERT_TRUE(get);
  EXPECT_EQ(get->status, 400);
  EXPECT_THAT(get->body, HasSubstr("page_Size: unknown field; did you mean pageSize?"));
}

TEST_F(UnknownFieldsTest, EmptyStringsAndNullAreAbsentOnConnectPaths) {
  for (const char* absent : {R"("userId":"")", R"("userId":null)", R"("requestId":"")",
                             R"("requestId":null)", R"("userId":"","requestId":null)"}) {
    for (int i = 0; i < 2; ++i) {
      EXPECT_THAT(Ask(200, kService + "IssueCoupon", Issue(absent)),
                  HasSubstr(R"("alreadyIssued":false)"));
    }
  }
  EXPECT_EQ(Issued(), 10U);
  EXPECT_THAT(Ask(400, kService + "IssueCoupon", R"({"campaignId":"","userId":"u"})"),
              HasSubstr("campaign_id: missing"));
  EXPECT_THAT(Ask(400, kService + "DeleteCampaign", R"({"campaignId":"","campaignName":null})"),
              HasSubstr("campaign_id and campaign_name are both missing"));
  EXPECT_THAT(
      Ask(200, kService + "DeleteCampaign", R"({"campaignId":null,"campaignName":"sound"})"),
      HasSubstr(R"("success":true)"));
}

TEST_F(UnknownFieldsTest, EmptyStringsAreRefusedByNameOnShortRoutes) {
  EXPECT_THAT(Ask(400, "/IssueCoupon", Issue(R"("userId":"")")), HasSubstr("user_id: is empty"));
  EXPECT_THAT(Ask(400, "/IssueCoupon", Issue(R"("request_id":"")")),
              HasSubstr("request_id: is empty"));
  EXPECT_THAT(Ask(400, "/DeleteCampaign", R"({"campaignId":"","campaignName":"sound"})"),
              HasSubstr("campaign_id: is empty"));
  EXPECT_THAT(Ask(400, "/DeleteCampaign", R"({"campaignName":""})"),
              HasSubstr("campaign_name: is empty"));
  EXPECT_THAT(Ask(400, "/GetCampaign", R"({"campaignId":""})"), HasSubstr("campaign_id: is empty"));
  EXPECT_THAT(Ask(400, "/CreateCampaign",
                  R"({"name":"","couponCount":1,"startTime":"2100-01-01T00:00:00Z"})"),
              HasSubstr("name: is empty"));
  EXPECT_EQ(Issued(), 0U);
  Ask(200, "/IssueCoupon", Issue(R"("userId":null)"));
  EXPECT_EQ(Issued(), 1U);
}

}  // namespace
}  // namespace coupond::test
