// Who asks again for a coupon is answered by the sequencer alone, whatever the views are doing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <string>
#include <string_view>

#include "api/service_fixture.h"
#include "support/builders.h"

namespace coupond::service {
namespace {

using test::At;
using testing::HasSubstr;

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
  /// The whole coupon, as the first answer had it.
  static std::string CouponIn(const std::string& body) {
    const std::size_t begin = body.find(R"("coupon":)");
    return body.substr(begin, body.find('}', begin) - begin);
  }
};

TEST_F(HeldCouponTest, IsAnsweredWhileTheQueryThreadIsBlocked) {
  const std::string first = BodyOf(Issue());
  std::promise<void> end_query;
  ASSERT_TRUE(engine_->Query([&](const Status&) { end_query.get_future().wait(); }));
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
  // One group, so the campaign is gone before anybody can look anything up.
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

}  // namespace
}  // namespace coupond::service
