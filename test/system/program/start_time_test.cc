#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "support/at_some_pace.h"
#include "system/program/coupon_client.h"
#include "system/program/server_process.h"

namespace coupond::test {
namespace {

constexpr UnixNanoseconds kMillisecond = 1'000'000;

/// One answer, with the times before the request was sent and after the answer arrived.
struct Observation {
  UnixNanoseconds sent = 0;
  UnixNanoseconds answered = 0;
  Answer<api::IssueCouponResponse> answer;
};

/// Sends requests until one gets a coupon, and a few more after it.
std::vector<Observation> HammerPastTheStart(std::uint16_t port, Form form,
                                            const std::string& campaign) {
  constexpr int kAfterTheFirst = 20;
  std::vector<Observation> seen;
  CouponClient client(port, form);
  for (int coupons = 0; coupons < kAfterTheFirst;) {
    Observation& observation = seen.emplace_back();
    observation.sent = Now();
    observation.answer = client.Issue(campaign);
    observation.answered = Now();
    if (!observation.answer.ok()) break;
    if (observation.answer.response.success()) ++coupons;
  }
  return seen;
}

/// Creates a campaign that starts in so many milliseconds, and returns it; nullopt if it should
/// have started before the server saw the request.
std::optional<api::Campaign> CreateSoon(CouponClient& client, int milliseconds,
                                        std::int32_t total) {
  // Not a whole millisecond, so that rounding would be visible.
  const UnixNanoseconds start = (Now() / kMillisecond + milliseconds) * kMillisecond + 123'457;
  const auto created = client.Create("in " + std::to_string(milliseconds) + " ms", total, start);
  if (!created.ok() && created.message.starts_with("start_time:")) return std::nullopt;
  EXPECT_TRUE(created.ok()) << created.message;
  EXPECT_EQ(NanosecondsOf(created.response.campaign().start_time()), start);
  return created.response.campaign();
}

TEST(StartTime, RequestsAreServedFromThatExactMomentOn) {
  const ServerProcess server;
  CouponClient client(server.port());
  UnixNanoseconds start = 0;
  std::vector<std::vector<Observation>> seen(4);
  ASSERT_TRUE(AtSomePace([&](int pace) {
    const auto created = CreateSoon(client, 300 * pace, 1'000);
    if (!created) return false;
    start = NanosecondsOf(created->start_time());
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < seen.size(); ++i) {
      threads.emplace_back([&, i] {
        seen[i] = HammerPastTheStart(server.port(), static_cast<Form>(i % 3), created->id());
      });
    }
    threads.clear();
    return std::ranges::none_of(seen, [](const std::vector<Observation>& observations) {
      return observations.front().answer.response.success();
    });
  })) << "began too late to see it";

  for (const auto& observations : seen) {
    bool started = false;
    for (const Observation& observation : observations) {
      ASSERT_TRUE(observation.answer.ok()) << observation.answer.message;
      const api::IssueCouponResponse& response = observation.answer.response;
      if (response.success()) {
        started = true;
        EXPECT_GE(NanosecondsOf(response.coupon().issued_at()), start);
        EXPECT_GE(observation.answered, start);
        continue;
      }
      EXPECT_FALSE(started) << "refused after a coupon was issued";
      EXPECT_LT(observation.sent, start);
      EXPECT_EQ(response.refusal(), api::REFUSAL_NOT_STARTED);
      EXPECT_EQ(response.error(), "campaign has not started yet");
      EXPECT_EQ(NanosecondsOf(response.start_time()), start);
      // Rounded up, so the decision was made after start - wait_ms, and before the start.
      EXPECT_GE(response.wait_ms(), 1);
      EXPECT_GE(observation.answered, start - response.wait_ms() * kMillisecond);
      EXPECT_LT(observation.sent, start - (response.wait_ms() - 1) * kMillisecond);
    }
    EXPECT_TRUE(started);
  }
}

class StartInTest : public testing::TestWithParam<Form> {
 protected:
  Answer<api::CreateCampaignResponse> Create(std::int64_t seconds, std::int32_t nanos) {
    api::CreateCampaignRequest request;
    request.set_name("campaign " + std::to_string(++campaigns_));
    request.set_total_coupons(1);
    request.mutable_start_in()->set_seconds(seconds);
    request.mutable_start_in()->set_nanos(nanos);
    return client_.Create(request);
  }

  ServerProcess server_;
  CouponClient client_{server_.port(), GetParam()};
  int campaigns_ = 0;
};

TEST_P(StartInTest, UsesTheServersClock) {
  const auto now = Create(0, 0);
  ASSERT_TRUE(now.ok()) << now.message;
  const api::Campaign& campaign = now.response.campaign();
  EXPECT_EQ(NanosecondsOf(campaign.start_time()), NanosecondsOf(campaign.created_at()));
  EXPECT_EQ(client_.Get(campaign.id()).response.campaign().ShortDebugString(),
            campaign.ShortDebugString());
  EXPECT_TRUE(client_.Issue(campaign.id()).response.success());

  const auto later = Create(3'600, 1);
  ASSERT_TRUE(later.ok()) << later.message;
  EXPECT_EQ(NanosecondsOf(later.response.campaign().start_time()),
            NanosecondsOf(later.response.campaign().created_at()) + 3'600'000'000'001);
  const auto refused = client_.Issue(later.response.campaign().id());
  EXPECT_EQ(refused.response.refusal(), api::REFUSAL_NOT_STARTED);
}

TEST_P(StartInTest, ImpossibleValuesAreRefusedByName) {
  const auto expect_refused = [](const auto& answer, api::Refusal refusal) {
    EXPECT_EQ(answer.code, "invalid_argument");
    EXPECT_TRUE(answer.message.starts_with("start_in: ")) << answer.message;
    ASSERT_TRUE(answer.refusal);
    EXPECT_EQ(answer.refusal->refusal(), refusal);
  };
  expect_refused(Create(0, -1), api::REFUSAL_START_TIME_IN_PAST);
  expect_refused(Create(-315'576'000'000, 0), api::REFUSAL_START_TIME_IN_PAST);
  expect_refused(Create(200LL * 365 * 86'400, 0), api::REFUSAL_START_TIME_TOO_LATE);
  expect_refused(Create(315'576'000'000, 0), api::REFUSAL_START_TIME_TOO_LATE);

  api::CreateCampaignRequest both;
  both.set_name("both");
  both.set_total_coupons(1);
  both.mutable_start_in();
  *both.mutable_start_time() = TimestampOf(Now() + 3'600'000 * kMillisecond);
  const auto answer = client_.Create(both);
  EXPECT_EQ(answer.code, "invalid_argument");
  EXPECT_TRUE(answer.message.starts_with("start_time and start_in ")) << answer.message;
}

INSTANTIATE_TEST_SUITE_P(Forms, StartInTest,
                         testing::Values(Form::kConnectJson, Form::kConnectProto, Form::kShortJson),
                         NameOfForm);

TEST(StartTime, WaitingForWaitMsIsLongEnough) {
  const ServerProcess server;
  CouponClient client(server.port());
  EXPECT_TRUE(AtSomePace([&](int pace) {
    const auto created = CreateSoon(client, 100 * pace, 1);
    if (!created) return false;
    const auto refused = client.Issue(created->id());
    if (refused.response.success()) return false;
    EXPECT_EQ(refused.response.refusal(), api::REFUSAL_NOT_STARTED) << refused.message;
    std::this_thread::sleep_for(std::chrono::milliseconds(refused.response.wait_ms()));
    EXPECT_TRUE(client.Issue(created->id()).response.success());
    return true;
  })) << "asked too late to be refused";
}

}  // namespace
}  // namespace coupond::test
