#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "rpc/connect/standard_details.h"
#include "system/program/coupon_client.h"
#include "system/program/process.h"
#include "system/program/server_process.h"

// Coupons that are issued many at once, on a server that is killed in between.
namespace coupond::test {
namespace {

constexpr UnixNanoseconds kSecond = 1'000'000'000;
constexpr int kCouponsMax = 10'000;

class BatchTest : public testing::TestWithParam<Form> {
 protected:
  using Request = api::BatchIssueCouponsRequest;

  static Request ForUsers(const std::string& campaign_id, const std::vector<std::string>& user_ids,
                          const std::string& request_id = "", bool allow_partial = false) {
    Request request;
    request.set_campaign_id(campaign_id);
    for (const std::string& user_id : user_ids) request.add_user_ids(user_id);
    request.set_request_id(request_id);
    request.set_allow_partial(allow_partial);
    return request;
  }
  static Request ForCount(const std::string& campaign_id, int count,
                          const std::string& request_id = "") {
    Request request;
    request.set_campaign_id(campaign_id);
    request.set_count(count);
    request.set_request_id(request_id);
    return request;
  }

  void KillAndRestart() {
    server_.Kill();
    server_.Start();
    client_ = CouponClient(server_.port(), GetParam());
  }
  api::BatchIssueCouponsResponse Batch(const Request& request) {
    const auto answer = client_.Batch(request);
    EXPECT_TRUE(answer.ok()) << answer.raw_body;
    return answer.response;
  }
  std::string Create(const std::string& name, int total, int per_user, bool user_required = false,
                     UnixNanoseconds start_in = 0) {
    api::CreateCampaignRequest request;
    request.set_name(name);
    request.set_total_coupons(total);
    request.mutable_start_in()->set_seconds(start_in / kSecond);
    request.set_coupons_per_user(per_user);
    request.set_user_required(user_required);
    return client_.Create(request).response.campaign().id();
  }
  void SetTotal(const std::string& campaign_id, int total) {
    api::UpdateCampaignRequest request;
    request.mutable_campaign()->set_id(campaign_id);
    request.mutable_campaign()->set_total_coupons(total);
    EXPECT_TRUE(client_.Update(request).ok());
  }
  /// Expects that the batch is refused for this reason.
  void ExpectRefused(const Request& request, const char* code, api::Refusal refusal) {
    const auto answer = client_.Batch(request);
    EXPECT_EQ(answer.code, code) << answer.raw_body;
    ASSERT_TRUE(answer.refusal) << answer.raw_body;
    EXPECT_EQ(answer.refusal->refusal(), refusal) << answer.raw_body;
  }
  /// Stops the server and lets the auditor replay the log.
  void ExpectSound() {
    EXPECT_EQ(server_.Stop(), 0) << server_.output();
    Process audit({COUPON_AUDIT_PATH, "verify", server_.data_directory().string()});
    EXPECT_EQ(audit.WaitForExit(std::chrono::seconds(60)), 0) << audit.output();
  }

  ServerProcess server_;
  CouponClient client_{server_.port(), GetParam()};
};

TEST_P(BatchTest, TheSameRequestGetsTheSameCouponsAcrossACrash) {
  const std::string one_each = Create("one each", 100, 1);
  const std::string three_each = Create("three each", 100, 3);
  const std::vector<std::string> users = {"kim", "lee", "kim", "park", "kim", "kim"};
  const Request requests[] = {ForCount(one_each, 5, "r1"), ForUsers(one_each, users, "r2"),
                              ForUsers(three_each, users, "r3", /*allow_partial=*/true)};
  std::vector<api::BatchIssueCouponsResponse> first;
  for (const Request& request : requests) {
    first.push_back(Batch(request));
    EXPECT_FALSE(first.back().already_issued());
  }
  EXPECT_EQ(first[0].coupons_size(), 5);
  EXPECT_EQ(first[1].issued_coupons(), 3);
  for (const int again : {2, 4, 5}) {
    EXPECT_TRUE(first[1].results(again).already_issued());
    EXPECT_EQ(first[1].results(again).coupon().code(), first[1].results(0).coupon().code());
  }
  EXPECT_EQ(first[2].issued_coupons(), 5);
  EXPECT_NE(first[2].results(0).coupon().code(), first[2].results(2).coupon().code());
  EXPECT_EQ(first[2].results(5).refusal(), api::REFUSAL_USER_LIMIT_REACHED);
  EXPECT_EQ(first[2].results(5).coupon().code(), first[2].results(4).coupon().code());

  for (int restarts = 0; restarts < 2; ++restarts) {
    KillAndRestart();
    for (std::size_t i = 0; i < first.size(); ++i) {
      auto again = Batch(requests[i]);
      EXPECT_TRUE(again.already_issued());
      again.set_already_issued(false);
      EXPECT_EQ(again.ShortDebugString(), first[i].ShortDebugString());
    }
  }
  const std::string redeemed = first[0].coupons(3).code();
  EXPECT_TRUE(client_.Redeem(redeemed).response.success());
  EXPECT_EQ(Batch(requests[0]).coupons(3).state(), api::COUPON_STATE_REDEEMED);
  ExpectRefused(ForCount(one_each, 6, "r1"), "already_exists", api::REFUSAL_REQUEST_ID_REUSED);
  EXPECT_EQ(client_.Codes(one_each).size(), 8U);
  EXPECT_EQ(client_.Codes(three_each).size(), 5U);
  ExpectSound();
}

TEST_P(BatchTest, AllOrNothingUnlessAPartIsEnough) {
  const std::string campaign = Create("few", 3, 1);
  EXPECT_TRUE(client_.IssueForUser(campaign, "kim").ok());
  const std::vector<std::string> users = {"lee", "kim", "park", "choi", "jung"};
  ExpectRefused(ForUsers(campaign, users), "resource_exhausted", api::REFUSAL_NOT_ENOUGH_LEFT);
  EXPECT_EQ(client_.Batch(ForUsers(campaign, users)).facts.at("left"), "2");
  EXPECT_EQ(client_.Codes(campaign).size(), 1U);
  const auto some = Batch(ForUsers(campaign, users, "", /*allow_partial=*/true));
  EXPECT_EQ(some.issued_coupons(), 2);
  for (const int place : {0, 1, 2}) EXPECT_TRUE(some.results(place).success());
  EXPECT_TRUE(some.results(1).already_issued());
  for (const int place : {3, 4}) {
    EXPECT_EQ(some.results(place).refusal(), api::REFUSAL_SOLD_OUT);
    EXPECT_FALSE(some.results(place).has_coupon());
  }
  ExpectRefused(ForUsers(campaign, users), "resource_exhausted", api::REFUSAL_SOLD_OUT);
  EXPECT_EQ(client_.Codes(campaign).size(), 3U);
  ExpectSound();
}

// Each row breaks all rules that come after it, too.
TEST_P(BatchTest, TheReasonThatComesFirstIsGiven) {
  const std::string other = Create("other", 10, 1);
  ASSERT_TRUE(Batch(ForCount(other, 1, "used")).issued_coupons() == 1);
  const std::string campaign = Create("future", 3, 1, /*user_required=*/true, 3'600 * kSecond);
  ASSERT_TRUE(client_.Pause(campaign, api::PAUSE_SCOPE_ISSUING).ok());
  ASSERT_TRUE(client_.Archive(campaign).ok());

  Request request = ForCount("123e4567-e89b-42d3-a456-426614174000", kCouponsMax + 1, "used");
  request.add_user_ids("kim");
  EXPECT_EQ(connect::DetailsInJson(client_.Batch(request).raw_body).reason, "FIELD_INVALID");
  request.clear_user_ids();
  ExpectRefused(request, "invalid_argument", api::REFUSAL_BATCH_TOO_LARGE);
  request.set_count(4);
  ExpectRefused(request, "not_found", api::REFUSAL_NO_SUCH_CAMPAIGN);
  request.set_campaign_id(campaign);
  ExpectRefused(request, "already_exists", api::REFUSAL_REQUEST_ID_REUSED);
  request.set_request_id("unused");
  ExpectRefused(request, "invalid_argument", api::REFUSAL_USER_REQUIRED);
  request = ForUsers(campaign, {"kim", "lee", "park", "choi"}, "unused");
  ExpectRefused(request, "failed_precondition", api::REFUSAL_ENDED);
  ASSERT_TRUE(client_.Unarchive(campaign).ok());
  ExpectRefused(request, "resource_exhausted", api::REFUSAL_NOT_ENOUGH_LEFT);
  SetTotal(campaign, 4);
  ExpectRefused(request, "failed_precondition", api::REFUSAL_NOT_STARTED);

  const std::string open = Create("open", 4, 2);
  ASSERT_EQ(Batch(ForUsers(open, {"kim", "kim", "lee", "lee"}, "all")).issued_coupons(), 4);
  ASSERT_TRUE(client_.Pause(open, api::PAUSE_SCOPE_ISSUING).ok());
  ASSERT_TRUE(client_.Archive(open).ok());
  ExpectRefused(ForUsers(open, {"park", "kim"}), "invalid_argument",
                api::REFUSAL_REQUEST_ID_REQUIRED);
  request = ForUsers(open, {"park", "kim"}, "more");
  ExpectRefused(request, "failed_precondition", api::REFUSAL_ENDED);
  ASSERT_TRUE(client_.Unarchive(open).ok());
  ExpectRefused(request, "failed_precondition", api::REFUSAL_USER_LIMIT_REACHED);
  request = ForUsers(open, {"park", "choi"}, "more");
  ExpectRefused(request, "resource_exhausted", api::REFUSAL_SOLD_OUT);
  SetTotal(open, 5);
  ExpectRefused(request, "resource_exhausted", api::REFUSAL_NOT_ENOUGH_LEFT);
  SetTotal(open, 6);
  ExpectRefused(request, "failed_precondition", api::REFUSAL_PAUSED);
  ASSERT_TRUE(client_.Resume(open, api::PAUSE_SCOPE_ISSUING).ok());
  EXPECT_EQ(Batch(request).issued_coupons(), 2);
  ExpectSound();
}

TEST_P(BatchTest, TenThousandAtOnceAreAsManyDifferentOnes) {
  const std::string campaign = Create("many", 2 * kCouponsMax, 1);
  const auto answer = Batch(ForCount(campaign, kCouponsMax, "all"));
  ASSERT_EQ(answer.coupons_size(), kCouponsMax);
  std::set<std::string> codes;
  for (const api::Coupon& coupon : answer.coupons()) codes.insert(coupon.code());
  EXPECT_EQ(codes.size(), static_cast<std::size_t>(kCouponsMax));
  EXPECT_EQ(client_.Issue(campaign).response.sequence(), answer.sequence() + kCouponsMax + 1);
  KillAndRestart();
  const auto again = Batch(ForCount(campaign, kCouponsMax, "all"));
  ASSERT_EQ(again.coupons_size(), kCouponsMax);
  for (int i = 0; i < kCouponsMax; ++i) {
    ASSERT_EQ(again.coupons(i).ShortDebugString(), answer.coupons(i).ShortDebugString());
  }
  ExpectSound();
}

INSTANTIATE_TEST_SUITE_P(Forms, BatchTest, testing::Values(Form::kConnectJson, Form::kConnectProto),
                         NameOfForm);

}  // namespace
}  // namespace coupond::test
