#include <gtest/gtest.h>

#include <string>

#include "system/program/coupon_client.h"
#include "system/program/server_process.h"

namespace coupond::test {
namespace {

/// Checks that `again` has the coupon of `first` and reports it as already issued.
void ExpectSameCoupon(const Answer<api::IssueCouponResponse>& first,
                      const Answer<api::IssueCouponResponse>& again) {
  ASSERT_TRUE(first.ok() && first.response.success()) << first.raw_body;
  ASSERT_TRUE(again.ok() && again.response.success()) << again.raw_body;
  EXPECT_TRUE(again.response.already_issued());
  EXPECT_EQ(again.response.coupon().ShortDebugString(), first.response.coupon().ShortDebugString())
      << again.raw_body << " after " << first.raw_body;
}

class ClaimsTest : public testing::TestWithParam<Form> {
 protected:
  void Restart() {
    server_.Start();
    client_ = CouponClient(server_.port(), GetParam());
  }

  ServerProcess server_;
  CouponClient client_{server_.port(), GetParam()};
};

TEST_P(ClaimsTest, AUserKeepsTheCouponAcrossRestartsAndWhenSoldOut) {
  const std::string campaign = client_.CreateStarted("one each", 3);
  const auto first = client_.IssueForUser(campaign, "민수");
  EXPECT_FALSE(first.response.already_issued());
  EXPECT_EQ(first.response.coupon().user_id(), "민수");
  ExpectSameCoupon(first, client_.IssueForUser(campaign, "민수"));

  server_.Kill();
  Restart();
  ExpectSameCoupon(first, client_.IssueForUser(campaign, "민수"));
  EXPECT_TRUE(client_.Issue(campaign).response.success());
  EXPECT_TRUE(client_.IssueForUser(campaign, "지우").response.success());
  EXPECT_EQ(client_.IssueForUser(campaign, "서연").response.refusal(), api::REFUSAL_SOLD_OUT);
  ExpectSameCoupon(first, client_.IssueForUser(campaign, "민수"));

  ASSERT_EQ(server_.Stop(), 0);
  Restart();
  ExpectSameCoupon(first, client_.IssueForUser(campaign, "민수"));
  EXPECT_EQ(client_.Codes(campaign).size(), 3U);
}

TEST_P(ClaimsTest, ARequestIdIsRecognisedToo) {
  const std::string campaign = client_.CreateStarted("retries", 2);
  const auto first = client_.IssueForRequest(campaign, "request 1");
  ExpectSameCoupon(first, client_.IssueForRequest(campaign, "request 1"));
  const auto second = client_.IssueForRequest(campaign, "request 2");
  EXPECT_NE(second.response.coupon().code(), first.response.coupon().code());
  ExpectSameCoupon(first, client_.IssueForRequest(campaign, "request 1"));
}

TEST_P(ClaimsTest, EqualUserAndRequestIdsAreTwoClaims) {
  const std::string campaign = client_.CreateStarted("namesakes", 5);
  const auto user = client_.IssueForUser(campaign, "7");
  const auto request = client_.IssueForRequest(campaign, "7");
  EXPECT_FALSE(request.response.already_issued());
  EXPECT_NE(user.response.coupon().code(), request.response.coupon().code());
}

TEST_P(ClaimsTest, ARequestIdBelongsToItsUserId) {
  const std::string campaign = client_.CreateStarted("theirs", 9);
  const auto issue = [&](const std::string& user_id) {
    api::IssueCouponRequest request;
    request.set_campaign_id(campaign);
    request.set_request_id("request 1");
    request.set_user_id(user_id);
    return client_.Issue(request);
  };
  const auto nobody = issue("");
  const auto minsu = issue("민수");
  const auto jiu = issue("지우");
  EXPECT_FALSE(minsu.response.already_issued());
  EXPECT_FALSE(jiu.response.already_issued());
  ExpectSameCoupon(nobody, issue(""));
  ExpectSameCoupon(minsu, issue("민수"));
  ExpectSameCoupon(jiu, issue("지우"));
  EXPECT_EQ(client_.Codes(campaign).size(), 3U);
}

TEST_P(ClaimsTest, ClaimsCountPerCampaign) {
  const std::string one = client_.CreateStarted("one", 5);
  const std::string two = client_.CreateStarted("two", 5);
  const auto first = client_.IssueForUser(one, "민수");
  const auto second = client_.IssueForUser(two, "민수");
  EXPECT_FALSE(second.response.already_issued());
  EXPECT_NE(first.response.coupon().code(), second.response.coupon().code());
}

INSTANTIATE_TEST_SUITE_P(Forms, ClaimsTest,
                         testing::Values(Form::kConnectJson, Form::kConnectProto, Form::kShortJson),
                         NameOfForm);

}  // namespace
}  // namespace coupond::test
