#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <future>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "system/program/coupon_client.h"
#include "system/program/server_process.h"

namespace coupond::test {
namespace {

constexpr int kTotal = 1'000'000;

TEST(Stop, SigtermAnswersRequestsInFlightAndLosesNothing) {
  constexpr std::size_t kClients = 8;
  constexpr int kAnswersBefore = 500;
  constexpr std::chrono::minutes kPatience{1};
  ServerProcess server;
  CouponClient client(server.port());
  const std::string campaign = client.CreateStarted("stop", kTotal);

  std::vector<std::vector<std::string>> told(kClients);
  std::atomic<int> answers = 0;
  std::promise<void> enough;  // kept once `answers` is kAnswersBefore
  std::vector<std::thread> threads;
  for (std::vector<std::string>& mine : told) {
    threads.emplace_back([&] {
      CouponClient own(server.port());
      for (auto answer = own.Issue(campaign); answer.status != 0; answer = own.Issue(campaign)) {
        EXPECT_TRUE(answer.ok() && answer.response.success()) << answer.raw_body;
        mine.push_back(answer.response.coupon().code());
        if (++answers == kAnswersBefore) enough.set_value();
      }
    });
  }
  EXPECT_EQ(enough.get_future().wait_for(kPatience), std::future_status::ready)
      << "only " << answers << " answers came\n"
      << server.output();
  EXPECT_EQ(server.Stop(), 0) << server.output();
  for (std::thread& thread : threads) thread.join();
  EXPECT_FALSE(CouponClient(server.port()).connected()) << "still listens";

  server.Start();
  const std::vector<std::string> codes = CouponClient(server.port()).Codes(campaign);
  const std::set<std::string> there(codes.begin(), codes.end());
  EXPECT_EQ(there.size(), codes.size());
  std::size_t told_count = 0;
  for (const std::vector<std::string>& mine : told) {
    told_count += mine.size();
    for (const std::string& code : mine) EXPECT_TRUE(there.contains(code)) << code;
  }
  // Each request that was carried out was also answered.
  EXPECT_EQ(told_count, codes.size());
}

TEST(Stop, ARequestThatHasPartlyArrivedIsAnswered) {
  ServerProcess server;
  CouponClient client(server.port());
  const std::string campaign = client.CreateStarted("half", 10);
  api::IssueCouponRequest message;
  message.set_campaign_id(campaign);
  const std::string request =
      PostRequest(PathOf(Form::kConnectJson, "IssueCoupon"), ContentTypeOf(Form::kConnectJson),
                  BodyOf(Form::kConnectJson, message));
  std::optional<HttpClient> http(server.port());
  // Answering this one shows that the connection was accepted and is being read.
  ASSERT_TRUE(http->Ask(request));
  http->Send(request.substr(0, request.size() / 2));
  ASSERT_TRUE(http->WaitUntilArrived());
  server.BeginStop();
  ASSERT_TRUE(server.process().WaitForLine("stopping", std::chrono::minutes(1)));
  http->Send(request.substr(request.size() / 2));
  const auto reply = http->Receive();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 200) << reply->body;
  EXPECT_TRUE(http->WaitForClose());
  http.reset();
  EXPECT_EQ(server.process().WaitForExit(std::chrono::minutes(1)), 0) << server.output();
}

TEST(Stop, IdleAndSilentConnectionsDoNotDelayIt) {
  ServerProcess server;
  CouponClient idle(server.port());
  EXPECT_TRUE(idle.ListCampaigns(0, "").ok());
  HttpClient half(server.port());
  half.Send("POST /IssueCoupon HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{");
  EXPECT_EQ(server.Stop(), 0) << server.output();
  EXPECT_TRUE(idle.http().WaitForClose());
}

TEST(Stop, SigintEndsItToo) {
  ServerProcess server;
  server.process().Signal(SIGINT);
  EXPECT_EQ(server.process().WaitForExit(std::chrono::minutes(1)), 0) << server.output();
}

TEST(Stop, TheHealthPagesAnswerWhileServing) {
  const ServerProcess server;
  HttpClient http(server.port());
  for (const char* path : {"/health", "/healthz", "/readyz"}) {
    const auto reply =
        http.Ask("GET " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, 200) << path;
  }
}

}  // namespace
}  // namespace coupond::test
