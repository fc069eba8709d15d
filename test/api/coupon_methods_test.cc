#include "api/coupon_methods.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "api/service_fixture.h"
#include "base/retry_delay.h"
#include "coupon/v1/coupon_service.pb.h"
#include "rpc/connect/envelope.h"
#include "rpc/connect/standard_details.h"
#include "support/builders.h"

namespace coupond::api {
namespace {

using std::chrono::milliseconds;
using test::At;
using testing::HasSubstr;

/// A client's deadline passes while the log's disk is slow.
class DeadlinesTest : public ServiceFixture {
 protected:
  void TearDown() override {
    log_.ReleaseSyncs();
    ServiceFixture::TearDown();
  }

  Exchange Issue(std::string_view request_id, std::string_view timeout_ms) {
    const std::string body = R"({"campaignId":")" + FormatUuid(test::Id(1).bytes) +
                             R"(","requestId":")" + std::string(request_id) + R"("})";
    std::vector<http::HeaderField> headers = {{"Content-Type", "application/json"}};
    if (!timeout_ms.empty()) headers.push_back({"Connect-Timeout-Ms", timeout_ms});
    return Post("IssueCoupon", body, headers);
  }
  static void ExpectDeadlineExceeded(const Exchange& exchange) {
    ASSERT_TRUE(exchange->answered());
    EXPECT_EQ(exchange->response().status, 504);
    EXPECT_THAT(exchange->response().body, HasSubstr(R"({"code":"deadline_exceeded")"));
    EXPECT_THAT(exchange->response().body, HasSubstr("may still happen"));
    EXPECT_EQ(connect::DetailsInJson(exchange->response().body).reason, "DEADLINE_EXCEEDED");
  }
  /// Returns the answer, once there is one.
  std::string BodyOf(const Exchange& exchange) {
    EXPECT_TRUE(executor_.RunUntil([&] { return exchange->answered(); }));
    EXPECT_EQ(exchange->response().status, 200) << exchange->response().body;
    return exchange->response().body;
  }
  [[nodiscard]] std::size_t CouponsInLog() const {
    std::size_t coupons = 0;
    for (const CommitGroup& group : log_.Groups()) {
      for (const Event& event : group.events)
        coupons += std::holds_alternative<CouponIssued>(event);
    }
    return coupons;
  }
};

TEST_F(DeadlinesTest, ASlowLogIsAnsweredForAndARetryFindsTheOutcome) {
  log_.HoldSyncs();
  const Exchange in_the_log = Issue("one", "50");
  log_.WaitUntilHeld();
  const Exchange in_the_queue = Issue("two", "60");
  executor_.Advance(milliseconds(49));
  EXPECT_FALSE(in_the_log->answered());
  executor_.Advance(milliseconds(1));
  ExpectDeadlineExceeded(in_the_log);
  EXPECT_FALSE(in_the_queue->answered());
  executor_.Advance(milliseconds(10));
  ExpectDeadlineExceeded(in_the_queue);
  EXPECT_EQ(CouponsInLog(), 0U);

  // The late replies go nowhere: an exchange that is answered twice fails the test.
  log_.ReleaseSyncs();
  for (const char* request_id : {"one", "two"}) {
    const std::string body = BodyOf(Issue(request_id, ""));
    EXPECT_THAT(body, HasSubstr(R"("success":true)"));
    EXPECT_THAT(body, HasSubstr(R"("alreadyIssued":true)")) << request_id;
  }
  EXPECT_THAT(BodyOf(Issue("three", "60000")), HasSubstr(R"("alreadyIssued":false)"));
  EXPECT_EQ(CouponsInLog(), 3U);
}

TEST_F(DeadlinesTest, ARetryHasItsOwnDeadline) {
  log_.HoldSyncs();
  const Exchange first = Issue("same", "50");
  log_.WaitUntilHeld();
  executor_.Advance(milliseconds(50));
  ExpectDeadlineExceeded(first);
  const Exchange second = Issue("same", "50");
  executor_.Advance(milliseconds(50));
  ExpectDeadlineExceeded(second);
  const Exchange third = Issue("same", "");
  executor_.Advance(milliseconds(1'000'000));
  EXPECT_FALSE(third->answered());
  log_.ReleaseSyncs();
  EXPECT_THAT(BodyOf(third), HasSubstr(R"("alreadyIssued":true)"));
  EXPECT_EQ(CouponsInLog(), 1U);
}

TEST_F(DeadlinesTest, AWriteThatFailsLaterDoesNotAnswerAgain) {
  log_.FailAppendAfter(0, {ErrorCode::kIo, "the disk is gone"});
  log_.HoldSyncs();
  const Exchange late = Issue("one", "50");
  log_.WaitUntilHeld();
  executor_.Advance(milliseconds(50));
  ExpectDeadlineExceeded(late);
  log_.ReleaseSyncs();
  const Exchange retry = Issue("one", "");
  ASSERT_TRUE(executor_.RunUntil([&] { return retry->answered(); }));
  EXPECT_EQ(retry->response().status, 503) << retry->response().body;
}

/// A caller that asks again for its coupon is answered by the sequencer alone, whatever state the
/// views are in.
class HeldCouponTest : public ServiceFixture {
 protected:
  Exchange Send(std::string_view method, std::string_view more = "") {
    const http::HeaderField json{"Content-Type", "application/json"};
    const std::string body =
        R"({"campaignId":")" + FormatUuid(test::Id(1).bytes) + '"' + std::string(more) + "}";
    return Post(method, body, {&json, 1});
  }
  Exchange Issue() { return Send("IssueCoupon", R"(,"userId":"kim")"); }
  std::string BodyOf(const Exchange& exchange) {
    EXPECT_TRUE(executor_.RunUntil([&] { return exchange->answered(); }));
    EXPECT_EQ(exchange->response().status, 200) << exchange->response().body;
    return exchange->response().body;
  }
  /// Returns the coupon in an answer.
  static std::string CouponIn(const std::string& body) {
    const std::size_t begin = body.find(R"("coupon":)");
    return body.substr(begin, body.find('}', begin) - begin);
  }
};

TEST_F(HeldCouponTest, IsAnsweredWhileTheQueryThreadIsBlocked) {
  const std::string first = BodyOf(Issue());
  std::promise<void> end_query;
  ASSERT_TRUE(
      engine_->Query([ended = end_query.get_future().share()](const Status&) { ended.wait(); }));
  views_.HoldWrites();
  clock_.Set(At(60));
  const std::string again = BodyOf(Issue());
  EXPECT_THAT(again, HasSubstr(R"("alreadyIssued":true)"));
  EXPECT_EQ(CouponIn(again), CouponIn(first));
  EXPECT_THAT(CouponIn(again), HasSubstr(R"("userId":"kim")"));
  views_.ReleaseWrites();
  end_query.set_value();
}

TEST_F(HeldCouponTest, IsAnsweredWhileTheCampaignIsBeingDeleted) {
  const std::string first = BodyOf(Issue());
  // All in one group, so the campaign is gone before anything can be looked up.
  log_.HoldSyncs();
  const Exchange other = Send("IssueCoupon", R"(,"userId":"lee")");
  log_.WaitUntilHeld();
  const Exchange held = Issue();
  const Exchange deleted = Send("DeleteCampaign");
  const Exchange late = Issue();
  log_.ReleaseSyncs();
  ASSERT_TRUE(executor_.RunUntil([&] { return late->answered(); }));
  EXPECT_THAT(BodyOf(deleted), HasSubstr(R"("success":true)"));
  EXPECT_EQ(CouponIn(BodyOf(held)), CouponIn(first));
  EXPECT_EQ(late->response().status, 404);
  EXPECT_EQ(BodyOf(other).find(R"("alreadyIssued":true)"), std::string::npos);
}

class WatchCampaignTest : public ServiceFixture {
 protected:
  Exchange Watch(std::uint8_t campaign) {
    coupon::v1::WatchCampaignRequest request;
    request.set_campaign_id(FormatUuid(test::Id(campaign).bytes));
    std::string body;
    connect::AppendEnvelope(0, request.SerializeAsString(), body);
    const http::HeaderField type{"Content-Type", "application/connect+proto"};
    Exchange exchange = Post("WatchCampaign", body, {&type, 1});
    EXPECT_TRUE(executor_.RunUntil([&] { return exchange->answered(); }));
    return exchange;
  }
};

TEST_F(WatchCampaignTest, TooManyWatchersAreUnavailable) {
  Exchange first = Watch(1);
  ASSERT_NE(first->pieces(), nullptr);
  const Exchange second = Watch(1);
  EXPECT_EQ(second->pieces(), nullptr);
  EXPECT_THAT(second->response().body, HasSubstr(R"("code":"unavailable")"));
  const std::string end = second->response().body.substr(connect::kEnvelopeHeadBytes);
  const connect::ReadDetails read = connect::DetailsInJson(end);
  EXPECT_EQ(read.reason, "TOO_MANY_WATCHERS");
  ASSERT_TRUE(read.retry_delay);
  EXPECT_THAT(end, HasSubstr(R"("Retry-After":[")" +
                             std::to_string(RetryAfter(*read.retry_delay).count()) + R"("])"));
  first.reset();
  EXPECT_NE(Watch(1)->pieces(), nullptr);
}

TEST_F(WatchCampaignTest, AnUnknownCampaignIsNotFoundAndUsesNoSlot) {
  EXPECT_THAT(Watch(2)->response().body, HasSubstr(R"("code":"not_found")"));
  EXPECT_NE(Watch(1)->pieces(), nullptr);
}

}  // namespace
}  // namespace coupond::api
