// A client's patience ends while the log's disk is slow: it is told at once, and what it asked for
// happens all the same.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "api/service_fixture.h"
#include "coupon/v1/coupon_service.pb.h"
#include "support/builders.h"

namespace coupond::service {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

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
  }
  /// What a retry is told, once it is answered.
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

TEST_F(DeadlinesTest, TheServerAnswersThoughTheLogDoesNotAndARetryFindsTheOutcome) {
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

  // Their replies come in the end, and go nowhere: an exchange that is answered twice fails the
  // test.
  log_.ReleaseSyncs();
  for (const char* request_id : {"one", "two"}) {
    const std::string body = BodyOf(Issue(request_id, ""));
    EXPECT_THAT(body, HasSubstr(R"("success":true)"));
    EXPECT_THAT(body, HasSubstr(R"("alreadyIssued":true)")) << request_id;
  }
  EXPECT_THAT(BodyOf(Issue("three", "60000")), HasSubstr(R"("alreadyIssued":false)"));
  EXPECT_EQ(CouponsInLog(), 3U);
}

TEST_F(DeadlinesTest, ARetryWhileTheLogIsStillSlowWaitsForItsOwnTime) {
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

TEST_F(DeadlinesTest, AWriteThatFailsAfterwardsChangesNothingOfWhatWasTold) {
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

}  // namespace
}  // namespace coupond::service
