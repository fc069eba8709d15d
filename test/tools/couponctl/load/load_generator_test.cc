#include "couponctl/load/load_generator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "support/at_some_pace.h"
#include "support/fake_server.h"
#include "support/scripted_server.h"
#include "tools/couponctl/fake_campaign.h"

namespace coupond::ctl {
namespace {

using rpc_client::ServerAddress;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using test::FakeAnswer;
using test::FakeServer;
using test::ScriptedServer;

LoadPlan Plan(const ServerAddress& server, std::optional<double> rate, nanoseconds duration,
              std::size_t connections) {
  return {.server = server,
          .campaign_id = FakeCampaign::kId,
          .connections = connections,
          .schedule = ArrivalSchedule::Make(rate, duration).value(),
          .request_timeout = seconds(60),
          .drain_for = seconds(60),
          .retry_for = std::nullopt};
}

LoadResult SendAll(const LoadPlan& plan) {
  auto result = RunLoad(plan, seconds(1), [](const LoadProgress&) {});
  EXPECT_TRUE(result.has_value()) << result.error();
  return std::move(result).value();
}

// Wraps a campaign so that its answers can be lost or changed: `fault` receives the number of the
// IssueCoupon request (0, 1, …) and the campaign's answer.
FakeServer::Handler WithFault(FakeCampaign& campaign,
                              std::function<FakeAnswer(int number, FakeAnswer answer)> fault) {
  return [&campaign, fault = std::move(fault), number = 0](std::string_view method,
                                                           std::string_view body) mutable {
    FakeAnswer answer = campaign.Handle(method, body);
    return method == "IssueCoupon" ? fault(number++, std::move(answer)) : answer;
  };
}

FakeAnswer Unavailable() {
  return {.status = 503, .content_type = "application/json", .body = R"({"code":"unavailable"})"};
}

TEST(LoadGenerator, SendsRateTimesDurationRequests) {
  FakeCampaign campaign(150);
  FakeServer server([&](auto method, auto body) { return campaign.Handle(method, body); });
  const LoadResult result = SendAll(Plan(server.address(), 1000, milliseconds(200), 4));
  EXPECT_EQ(result.tally.sent(), 200U);
  EXPECT_EQ(result.tally.attempts(), 200U);
  EXPECT_EQ(result.tally.issued(), 150U);
  EXPECT_EQ(result.tally.refused(IssueAnswer::Refused::kSoldOut), 50U);
  EXPECT_EQ(result.tally.latency().count(), 200U);
  EXPECT_EQ(result.tally.connections(), 4U);
  EXPECT_TRUE(result.tally.errors().empty());
  // The last request is due at 199 ms, so the run cannot have been shorter.
  EXPECT_GE(result.elapsed, milliseconds(199));
}

TEST(LoadGenerator, AStallDelaysEveryRequestDueMeanwhile) {
  FakeCampaign campaign(1000);
  FakeServer server(WithFault(campaign, [](int number, FakeAnswer answer) {
    if (number == 0) answer.delay = milliseconds(400);
    return answer;
  }));
  const LoadResult result = SendAll(Plan(server.address(), 200, milliseconds(500), 1));
  EXPECT_EQ(result.tally.issued(), 100U);
  // Only one request was slow, but request k was due at 5k ms and could not be answered before
  // 400 ms: the first 41 of the 100 took at least 200 ms, and the first 61 at least 100 ms.
  EXPECT_GE(result.tally.latency().Percentile(60), milliseconds(200));
  EXPECT_GE(result.tally.latency().Percentile(40), milliseconds(100));
  EXPECT_GE(result.tally.latency().max(), milliseconds(400));
}

TEST(LoadGenerator, AClosedLoopSendsAsFastAsItIsAnswered) {
  EXPECT_TRUE(test::AtSomePace([](int pace) {
    FakeCampaign campaign(1'000'000);
    FakeServer server([&](auto method, auto body) { return campaign.Handle(method, body); });
    const LoadResult result =
        SendAll(Plan(server.address(), std::nullopt, milliseconds(200 * pace), 2));
    EXPECT_EQ(result.tally.issued(), static_cast<std::uint64_t>(campaign.issued()));
    EXPECT_EQ(result.tally.sent(), result.tally.answered());
    return result.tally.issued() > 10;
  }));
}

TEST(LoadGenerator, ConnectionsOfARampSendOneAfterTheOther) {
  FakeCampaign campaign(1'000'000);
  FakeServer server([&](auto method, auto body) { return campaign.Handle(method, body); });
  LoadPlan plan = Plan(server.address(), std::nullopt, milliseconds(400), 4);
  plan.schedule = ArrivalSchedule::Make(std::nullopt, milliseconds(400), milliseconds(400)).value();
  std::uint64_t connections = 0;
  const auto result = RunLoad(plan, milliseconds(50), [&](const LoadProgress& progress) {
    // The last of the four begins at 300 ms.
    if (progress.elapsed < milliseconds(300)) connections = progress.tally.connections();
  });
  ASSERT_TRUE(result.has_value());
  EXPECT_LT(connections, 4U);
  EXPECT_EQ(result->tally.connections(), 4U);
}

TEST(LoadGenerator, RepeatsADroppedRequestWithItsRequestId) {
  FakeCampaign campaign(1000);
  FakeServer server(WithFault(campaign, [](int number, FakeAnswer answer) {
    answer.drop = number % 5 == 2;
    return answer;
  }));
  LoadPlan plan = Plan(server.address(), 500, milliseconds(200), 3);
  plan.retry_for = seconds(60);
  const LoadResult result = SendAll(plan);
  EXPECT_EQ(result.tally.issued(), 100U);
  EXPECT_EQ(result.tally.open(), 0U);
  EXPECT_EQ(campaign.issued(), 100);
  EXPECT_EQ(result.tally.errors().at("connection closed"), result.tally.attempts() - 100);
  std::map<std::string, int> times;
  for (const std::string& id : campaign.request_ids()) {
    EXPECT_EQ(id.size(), 32U);
    ++times[id];
  }
  EXPECT_EQ(times.size(), 100U);
  // A repeated request may be dropped again, but it gets only one coupon.
  const auto repeated = std::ranges::count_if(times, [](const auto& id) { return id.second > 1; });
  EXPECT_EQ(result.tally.already_issued(), static_cast<std::uint64_t>(repeated));
  EXPECT_GT(repeated, 0);
}

TEST(LoadGenerator, UsersAskInTurnAndGetOneCouponEach) {
  FakeCampaign campaign(1000);
  FakeServer server([&](auto method, auto body) { return campaign.Handle(method, body); });
  LoadPlan plan = Plan(server.address(), 1000, milliseconds(100), 3);
  plan.users.count = 15;
  const LoadResult result = SendAll(plan);
  EXPECT_EQ(result.tally.answered(), 100U);
  EXPECT_EQ(result.tally.issued(), 15U);
  EXPECT_EQ(result.tally.already_issued(), 85U);
  EXPECT_EQ(result.tally.maybe_older(), 0U);
  EXPECT_EQ(campaign.issued(), 15);
  for (const HeldCoupon& coupon : result.tally.held()) EXPECT_TRUE(coupon.for_user);
}

TEST(LoadGenerator, ARequestOfAUserIsRepeatedWithoutARequestId) {
  FakeCampaign campaign(1000);
  FakeServer server(WithFault(campaign, [](int number, FakeAnswer answer) {
    answer.drop = number % 5 == 2;
    return answer;
  }));
  LoadPlan plan = Plan(server.address(), 500, milliseconds(200), 3);
  plan.retry_for = seconds(60);
  plan.users.count = 100;
  const LoadResult result = SendAll(plan);
  EXPECT_EQ(result.tally.issued(), 100U);
  EXPECT_EQ(result.tally.open(), 0U);
  EXPECT_EQ(campaign.issued(), 100);
  EXPECT_EQ(result.tally.already_issued(), result.tally.maybe_older());
  for (const std::string& id : campaign.request_ids()) EXPECT_EQ(id, "");
}

TEST(LoadGenerator, UsersOfSeveralCouponsAskForAnotherEachTime) {
  FakeCampaign campaign(1000);
  campaign.terms.set_coupons_per_user(3);
  FakeServer server(WithFault(campaign, [](int number, FakeAnswer answer) {
    answer.drop = number % 5 == 2;
    return answer;
  }));
  LoadPlan plan = Plan(server.address(), 500, milliseconds(200), 3);
  plan.retry_for = seconds(60);
  plan.users = {.count = 20, .coupons_per_user = 3};
  const LoadResult result = SendAll(plan);
  EXPECT_EQ(result.tally.answered(), 100U);
  EXPECT_EQ(result.tally.issued(), 60U);
  EXPECT_EQ(result.tally.refused(IssueAnswer::Refused::kUserLimitReached), 40U);
  EXPECT_EQ(result.tally.maybe_older(), 0U);
  EXPECT_EQ(campaign.issued(), 60);
  const auto ids = campaign.request_ids();
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), 100U);
  for (const HeldCoupon& coupon : result.tally.held()) EXPECT_TRUE(coupon.for_user);
}

TEST(LoadGenerator, WithoutRetryADroppedAnswerIsAnOpenOutcome) {
  FakeCampaign campaign(1000);
  FakeServer server(WithFault(campaign, [](int number, FakeAnswer answer) {
    answer.drop = number % 5 == 2;
    return answer;
  }));
  const LoadResult result = SendAll(Plan(server.address(), 500, milliseconds(200), 3));
  EXPECT_EQ(result.tally.open(), 20U);
  EXPECT_EQ(result.tally.issued(), 80U);
  EXPECT_EQ(result.tally.attempts(), 100U);
  EXPECT_EQ(campaign.issued(), 100);
  for (const std::string& id : campaign.request_ids()) EXPECT_EQ(id, "");
}

TEST(LoadGenerator, UnavailableIsRetriedUntilAnswered) {
  FakeCampaign campaign(1000);
  FakeServer server(WithFault(
      campaign, [](int number, FakeAnswer answer) { return number < 5 ? Unavailable() : answer; }));
  LoadPlan plan = Plan(server.address(), 100, milliseconds(100), 2);
  plan.retry_for = seconds(60);
  const LoadResult result = SendAll(plan);
  EXPECT_EQ(result.tally.issued(), 10U);
  EXPECT_EQ(result.tally.errors().at("unavailable"), 5U);
  EXPECT_EQ(result.tally.attempts(), 15U);
  const auto ids = campaign.request_ids();
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), 10U);
}

TEST(LoadGenerator, RetryingEndsWhenItsTimeIsOver) {
  EXPECT_TRUE(test::AtSomePace([](int pace) {
    FakeServer server([](auto, auto) { return Unavailable(); });
    LoadPlan plan = Plan(server.address(), 100, milliseconds(30), 3);
    plan.retry_for = milliseconds(100 * pace);
    const LoadResult result = SendAll(plan);
    EXPECT_EQ(result.tally.open(), 3U);
    EXPECT_EQ(result.tally.answered(), 0U);
    return result.tally.attempts() > 3;
  })) << "nothing was retried";
}

TEST(LoadGenerator, ADefiniteErrorIsNotRepeated) {
  FakeServer server([](auto, auto) -> FakeAnswer {
    return {.status = 404, .content_type = "application/json", .body = R"({"code":"not_found"})"};
  });
  LoadPlan plan = Plan(server.address(), 100, milliseconds(100), 2);
  plan.retry_for = seconds(60);
  const LoadResult result = SendAll(plan);
  EXPECT_EQ(result.tally.failed(), 10U);
  EXPECT_EQ(result.tally.attempts(), 10U);
  EXPECT_EQ(result.tally.errors().at("not_found"), 10U);
}

TEST(LoadGenerator, AnAnswerThatNeverComesIsATimeout) {
  EXPECT_TRUE(test::AtSomePace([](int pace) {
    FakeCampaign campaign(1000);
    FakeServer server(WithFault(campaign, [](int number, FakeAnswer answer) {
      if (number == 0) answer.delay = std::chrono::hours(1);
      return answer;
    }));
    LoadPlan plan = Plan(server.address(), 100, milliseconds(100), 1);
    plan.request_timeout = milliseconds(300 * pace);
    const LoadResult result = SendAll(plan);
    EXPECT_GE(result.tally.errors().at("timeout"), 1U);
    return result.tally.open() == 1 && result.tally.issued() == 9;
  })) << "other answers did not come in time either";
}

TEST(LoadGenerator, CountsTheWaitingOfUnsentRequests) {
  EXPECT_TRUE(test::AtSomePace([](int pace) {
    FakeServer server([](auto, auto) -> FakeAnswer { return {.delay = std::chrono::hours(1)}; });
    LoadPlan plan = Plan(server.address(), 100, milliseconds(100), 1);
    plan.drain_for = milliseconds(100 * pace);
    plan.request_timeout = milliseconds(300 * pace);
    const LoadResult result = SendAll(plan);
    EXPECT_EQ(result.tally.latency().count(), 10U);
    EXPECT_GE(result.tally.latency().Percentile(1), milliseconds(110));
    EXPECT_EQ(result.tally.open(), result.tally.sent());
    EXPECT_EQ(result.tally.not_sent(), 10U - result.tally.sent());
    return result.tally.sent() == 1;
  })) << "not even the first was sent in time";
}

TEST(LoadGenerator, AServerThatClosesAfterEachAnswerLosesNothing) {
  FakeCampaign campaign(1000);
  FakeServer server(WithFault(campaign, [](int, FakeAnswer answer) {
    answer.keep_alive = false;
    return answer;
  }));
  const LoadResult result = SendAll(Plan(server.address(), 500, milliseconds(100), 2));
  EXPECT_EQ(result.tally.issued(), 50U);
  EXPECT_EQ(result.tally.open(), 0U);
  EXPECT_GE(result.tally.connections(), 50U);
}

TEST(LoadGenerator, ASuccessWithoutACodeIsAnOpenOutcome) {
  FakeCampaign campaign(1000);
  campaign.planted_code = std::string(40, 'x');
  FakeServer server([&](auto method, auto body) { return campaign.Handle(method, body); });
  const LoadResult result = SendAll(Plan(server.address(), 100, milliseconds(50), 1));
  EXPECT_EQ(result.tally.open(), 5U);
  EXPECT_EQ(result.tally.errors().at("issued without a usable code"), 5U);
}

TEST(LoadGenerator, AnEmptyAnswerIsAnOpenOutcome) {
  FakeCampaign campaign(1000);
  FakeServer server(WithFault(campaign, [](int, FakeAnswer answer) {
    answer.body.clear();
    return answer;
  }));
  const LoadResult result = SendAll(Plan(server.address(), 100, milliseconds(50), 1));
  EXPECT_EQ(result.tally.open(), 5U);
  EXPECT_EQ(result.tally.errors().at("answer without a reason"), 5U);
}

TEST(LoadGenerator, AnAnswerThatArrivesInPartsIsRead) {
  coupon::v1::IssueCouponResponse response;
  response.set_success(true);
  response.mutable_coupon()->set_code("가1");
  const std::string body = response.SerializeAsString();
  const ScriptedServer server(
      {{.pieces = {"HTTP/1.1 200 OK\r\nContent-", "Type: application/proto\r\n",
                   "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n", body.substr(0, 3),
                   body.substr(3)},
        .pause = milliseconds(5),
        .end = test::Script::End::kStayOpen}});
  const LoadResult result = SendAll(Plan(server.address(), 1, milliseconds(1), 1));
  EXPECT_EQ(result.tally.issued(), 1U);
  EXPECT_TRUE(result.tally.errors().empty());
}

TEST(LoadGenerator, AnAnswerWithMoreBehindItIsAnOpenOutcome) {
  const ScriptedServer server({{.pieces = {"HTTP/1.1 200 OK\r\nContent-Type: application/proto\r\n"
                                           "Content-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n"},
                                .end = test::Script::End::kStayOpen}});
  const LoadResult result = SendAll(Plan(server.address(), 1, milliseconds(1), 1));
  EXPECT_EQ(result.tally.open(), 1U);
  EXPECT_EQ(result.tally.errors().at("unreadable answer"), 1U);
}

TEST(LoadGenerator, ProgressIsReportedWhileItRuns) {
  EXPECT_TRUE(test::AtSomePace([](int pace) {
    FakeCampaign campaign(100'000);
    FakeServer server([&](auto method, auto body) { return campaign.Handle(method, body); });
    std::uint64_t sent = 0;
    const auto result = RunLoad(Plan(server.address(), 100, milliseconds(300 * pace), 2),
                                milliseconds(100), [&sent](const LoadProgress& progress) {
                                  EXPECT_GE(progress.elapsed, milliseconds(100));
                                  EXPECT_GE(progress.tally.sent(), sent);
                                  sent = progress.tally.sent();
                                });
    EXPECT_TRUE(result.has_value());
    return sent > 0;
  })) << "nothing was reported before the end";
}

TEST(LoadGenerator, LoadsNoOtherMachineUnlessAllowed) {
  const auto result = RunLoad(Plan({.host = "192.0.2.1", .port = "80"}, 1, milliseconds(1), 1),
                              seconds(1), [](const LoadProgress&) {});
  ASSERT_FALSE(result.has_value());
  EXPECT_NE(result.error().find("--allow-remote"), std::string::npos) << result.error();
}

}  // namespace
}  // namespace coupond::ctl
