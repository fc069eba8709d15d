// Batches whose answers are long.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/batches/batch_fixture.h"
#include "api/batches/batch_methods.h"
#include "api/campaign_queries.h"
#include "coupon/v1/coupon_service.pb.h"
#include "engine/rules/limits.h"
#include "rpc/connect/envelope.h"

namespace coupond::api {
namespace {

using testing::HasSubstr;

constexpr int kMany = static_cast<int>(limits::kCouponsPerBatchMax);

class LargeBatchTest : public BatchFixture {
 protected:
  static std::string Count(int coupons, const std::string& more = "") {
    return R"(,"count":)" + std::to_string(coupons) + more;
  }
  std::string Large(std::string_view name = "large") { return Create(name, 2 * kMany); }
};

TEST_F(LargeBatchTest, TheAnswerHasAllCouponsInOrder) {
  const std::string id = Large();
  const Answer answer = Batch(Count(kMany, R"(,"requestId":"b1")"), id);
  ASSERT_EQ(answer.coupons_size(), kMany);
  EXPECT_EQ(answer.issued_coupons(), kMany);
  coupon::v1::GetCampaignResponse campaign;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(
                  WholeBodyOf(SendFor("GetCampaign", "", id)), &campaign)
                  .ok());
  ASSERT_EQ(campaign.coupons_size(), kMany);
  for (int i = 0; i < kMany; ++i) {
    ASSERT_EQ(answer.coupons(i).ShortDebugString(), campaign.coupons(i).ShortDebugString());
  }
  const Answer again = Batch(Count(kMany, R"(,"requestId":"b1")"), id);
  ASSERT_EQ(again.coupons_size(), kMany);
  EXPECT_EQ(again.sequence(), answer.sequence());
  for (int i = 0; i < kMany; ++i) ASSERT_EQ(again.coupons(i).code(), answer.coupons(i).code());
}

TEST_F(LargeBatchTest, EachUserIsInItsPlace) {
  const std::string id = Large();
  std::vector<std::string> user_ids(3 * kPartCoupons);
  for (std::size_t i = 0; i < user_ids.size(); ++i) user_ids[i] = "user " + std::to_string(i);
  user_ids.push_back("user 7");
  const std::string fields = Users(user_ids, R"(,"requestId":"b1")");
  const Answer first = Batch(fields, id);
  Redeem(first.results(2'500).coupon().code());
  for (const bool again : {false, true}) {
    const Answer answer = again ? Batch(fields, id) : first;
    EXPECT_EQ(answer.already_issued(), again);
    ASSERT_EQ(answer.results_size(), static_cast<int>(user_ids.size()));
    for (std::size_t i = 0; i < user_ids.size(); ++i) {
      const auto& result = answer.results(static_cast<int>(i));
      ASSERT_EQ(result.coupon().user_id(), user_ids[i]);
      ASSERT_EQ(result.already_issued(), i + 1 == user_ids.size());
    }
    EXPECT_EQ(answer.results(2'500).coupon().has_redemption(), again);
  }
}

TEST_F(LargeBatchTest, TenThousandUsersMayHaveUuids) {
  std::vector<std::string> uuids(limits::kCouponsPerBatchMax);
  for (std::size_t i = 0; i < uuids.size(); ++i) {
    const std::string digits = std::to_string(100'000'000'000 + i);
    uuids[i] = "123e4567-e89b-42d3-a456-" + digits;
    ASSERT_EQ(uuids[i].size(), limits::kUuidTextBytes);
  }
  const auto issue_to_all = [&](const std::string& campaign, const std::string& more) {
    const Answer answer = Batch(Users(uuids, more), campaign);
    EXPECT_EQ(answer.issued_coupons(), kMany);
    ASSERT_EQ(answer.results_size(), kMany);
    EXPECT_EQ(answer.results(kMany - 1).coupon().user_id(), uuids.back());
  };
  issue_to_all(Large("once"), "");
  issue_to_all(Large("repeatable"), R"(,"requestId":"b1")");
  // Here each coupon has a digest of the request as well.
  issue_to_all(Create("several", 2 * kMany, R"(,"couponsPerUser":2)"), R"(,"requestId":"b2")");
}

TEST_F(LargeBatchTest, LongerIdsLeaveRoomForFewerUsers) {
  constexpr std::size_t kUsersMax = 5'322;
  std::vector<std::string> user_ids(kUsersMax + 1, std::string(limits::kUserIdMaxBytes, 'u'));
  const std::string id = Large();
  const auto refused = Refused(Users(user_ids), 400, id);
  EXPECT_EQ(refused.reason, "BATCH_TOO_LARGE");
  EXPECT_EQ(refused.field, "user_ids");
  user_ids.pop_back();
  EXPECT_EQ(Batch(Users(user_ids), id).results_size(), static_cast<int>(kUsersMax));
}

TEST_F(LargeBatchTest, DigestingUsersLeavesOthersTheirTurn) {
  const std::string id = Large();
  std::string body = R"({"campaignId":")" + id + '"';
  body += Users(std::vector<std::string>(4 * kUsersMappedPerTurn, "kim")) + "}";
  const http::HeaderField json{"Content-Type", "application/json"};
  const auto exchange = std::make_shared<connect::FakeExchange>();
  executor_.RunWaiting();
  handler_->Handle({.method = "POST",
                    .path = "/coupon.v1.CouponService/BatchIssueCoupons",
                    .query = {},
                    .body = body,
                    .headers = {&json, 1}},
                   exchange);
  for (std::size_t turns = 0; turns < 3; ++turns) {
    ASSERT_EQ(executor_.tasks_waiting(), 1U) << "the users that are left";
    executor_.RunNext();
  }
  EXPECT_THAT(WholeBodyOf(exchange), HasSubstr(R"("userId":"kim")"));
}

TEST_F(LargeBatchTest, OverGrpcWebItIsOneMessage) {
  coupon::v1::BatchIssueCouponsRequest request;
  request.set_campaign_id(Large());
  request.set_count(kMany);
  std::string body;
  connect::AppendEnvelope(0, request.SerializeAsString(), body);
  const http::HeaderField web{"Content-Type", "application/grpc-web+proto"};
  std::string answered = BodyOf(Post("BatchIssueCoupons", body, {&web, 1}));
  answered.resize(answered.rfind("grpc-status: 0") - connect::kEnvelopeHeadBytes);
  const auto envelope = connect::ReadOnlyEnvelope(answered, answered.size());
  ASSERT_TRUE(envelope);
  Answer answer;
  ASSERT_TRUE(
      answer.ParseFromArray(envelope->message.data(), static_cast<int>(envelope->message.size())));
  EXPECT_EQ(answer.coupons_size(), kMany);
}

TEST_F(LargeBatchTest, WhatWasIssuedIsShownEvenIfNoQueryCanRun) {
  const std::string id = Large();
  std::promise<void> end = FillQueries();
  EXPECT_EQ(Batch(Count(2'500), id).coupons_size(), 2'500);
  end.set_value();
}

TEST_F(LargeBatchTest, OnlySoManyAreInProgress) {
  const std::string id = Create("large", 2 * kMany);
  std::vector<Exchange> unread;
  const int large = static_cast<int>(kFirstPageCoupons) + 1;
  for (std::size_t i = 0; i < kLargeBatchesMax; ++i) {
    unread.push_back(SendBatch(Count(large), id));
    BodyOf(unread.back());
  }
  const Exchange refused = SendBatch(Count(large), id);
  const auto read = DetailsOf(refused, 503);
  EXPECT_EQ(read.reason, "TOO_MANY_BATCHES");
  EXPECT_TRUE(read.retry_delay);
  EXPECT_THAT(refused->response().body, HasSubstr("not done"));
  EXPECT_EQ(Batch(Count(large - 1), id).issued_coupons(), large - 1) << "small ones go on";
  unread.pop_back();
  EXPECT_EQ(Batch(Count(large), id).coupons_size(), large);
}

}  // namespace
}  // namespace coupond::api
