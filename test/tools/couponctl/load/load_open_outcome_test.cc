#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "couponctl/load/load_generator.h"
#include "support/at_some_pace.h"
#include "support/fake_server.h"
#include "tools/couponctl/fake_campaign.h"

// Requests whose first answer leaves open whether the server carried them out.
namespace coupond::ctl {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::FakeAnswer;
using test::FakeServer;

class LoadOpenOutcomeTest : public testing::Test {
 protected:
  /// Changes the answer to the request of one method with this number (0, 1, …).
  using Fault = std::function<FakeAnswer(int number, FakeAnswer answer)>;

  LoadResult Run(std::string_view method, Fault fault) {
    const FakeServer server([this, method, fault = std::move(fault), number = 0](
                                std::string_view called, std::string_view body) mutable {
      FakeAnswer answer = campaign_.Handle(called, body);
      return called == method ? fault(number++, std::move(answer)) : answer;
    });
    plan_.server = server.address();
    auto result = RunLoad(plan_, seconds(1), [](const LoadProgress&) {});
    EXPECT_TRUE(result.has_value()) << result.error();
    return std::move(result).value();
  }
  /// A proxy's answer instead of the server's: first that it waited in vain, then other errors.
  static FakeAnswer OfProxy(int number) {
    const int status = number == 0 ? 504 : (number % 2 == 0 ? 404 : 429);
    return {.status = status, .content_type = "text/html"};
  }

  FakeCampaign campaign_{1000};
  LoadPlan plan_{.campaign_id = FakeCampaign::kId,
                 .connections = 1,
                 .schedule = ArrivalSchedule::Make(1, milliseconds(1)).value(),
                 .request_timeout = seconds(60),
                 .drain_for = seconds(60)};
};

TEST_F(LoadOpenOutcomeTest, ALaterErrorLeavesAnIssueOpen) {
  plan_.retry_for = seconds(60);
  const LoadResult result = Run("IssueCoupon", [](int number, FakeAnswer answer) {
    return number < 3 ? OfProxy(number) : answer;
  });
  EXPECT_EQ(result.tally.failed(), 0U);
  EXPECT_EQ(result.tally.already_issued(), 1U);
  EXPECT_EQ(result.tally.attempts(), 4U);
}

TEST_F(LoadOpenOutcomeTest, AnErrorThatFollowsLeavesIssuingUnknown) {
  plan_.retry_for = milliseconds(100);
  const LoadResult result =
      Run("IssueCoupon", [](int number, const FakeAnswer&) { return OfProxy(number); });
  EXPECT_EQ(result.tally.failed(), 0U);
  EXPECT_EQ(result.tally.open(), 1U);
  EXPECT_EQ(campaign_.issued(), 1);
}

TEST_F(LoadOpenOutcomeTest, ALaterErrorLeavesARedemptionOpen) {
  plan_.redeem = true;
  plan_.retry_for = seconds(60);
  const LoadResult result = Run("RedeemCoupon", [](int number, FakeAnswer answer) {
    return number < 3 ? OfProxy(number) : answer;
  });
  const RedeemTally& tally = result.redeemed->tally;
  EXPECT_EQ(tally.failed(), 0U);
  EXPECT_EQ(tally.already_redeemed(), 1U);
  EXPECT_EQ(tally.attempts(), 4U);
}

TEST_F(LoadOpenOutcomeTest, AnErrorSettlesNothing) {
  plan_.redeem = true;
  plan_.drain_for = seconds(3);  // so long it asks again
  const LoadResult result =
      Run("RedeemCoupon", [](int number, const FakeAnswer&) { return OfProxy(number); });
  const RedeemTally& tally = result.redeemed->tally;
  EXPECT_GT(tally.attempts(), 2U);
  EXPECT_EQ(tally.settled(), 0U);
  EXPECT_EQ(tally.failed(), 0U);
  EXPECT_EQ(tally.open(), 1U);
  EXPECT_EQ(result.tally.held().front().redemption, RedeemOutcome::kOpen);
}

TEST_F(LoadOpenOutcomeTest, TheTallySettlesNothingWithAnErrorEither) {
  RedeemTally tally;
  tally.AddOutcome({.outcome = RedeemOutcome::kOpen}, milliseconds(1));
  tally.Settle({.outcome = RedeemOutcome::kFailed});
  EXPECT_EQ(tally.open(), 1U);
  EXPECT_EQ(tally.settled(), 0U);
}

TEST_F(LoadOpenOutcomeTest, WithoutARateRedeemingWaitsToRepeat) {
  plan_.redeem = true;
  plan_.drain_for = milliseconds(10);
  plan_.retry_for = seconds(60);
  EXPECT_TRUE(test::AtSomePace([this](int pace) {
    plan_.schedule = ArrivalSchedule::Make(std::nullopt, milliseconds(50 * pace)).value();
    plan_.request_timeout = milliseconds(100 * pace);
    std::optional<std::chrono::steady_clock::time_point> first;
    const LoadResult result =
        Run("RedeemCoupon", [&first, pace](int, FakeAnswer answer) -> FakeAnswer {
          const auto now = std::chrono::steady_clock::now();
          if (!first) first = now;
          // Longer than --drain and --timeout together.
          if (now - *first >= milliseconds(400 * pace)) return answer;
          return {.status = 503, .content_type = "text/html"};
        });
    EXPECT_EQ(result.redeemed->tally.redeemed(), result.tally.issued());
    return result.tally.issued() > 1;
  }));
}

}  // namespace
}  // namespace coupond::ctl
