#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <cstdio>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "program/coupon_client.h"
#include "program/server_process.h"

// The server is killed while it issues. Whatever a client was told must be there afterwards.
namespace coupond::test {
namespace {

constexpr int kCrashes = 5;
constexpr std::size_t kClients = 6;
/// Large enough to last, so that each crash hits issuing; small enough to be sold out at the end.
constexpr int kTotal = 3'000;
constexpr UnixNanoseconds kMillisecond = 1'000'000;

/// A client that asks for coupons until its connection ends, and keeps what it was told.
class LoadClient {
 public:
  LoadClient(std::string campaign, std::optional<std::string> request_prefix)
      : campaign_(std::move(campaign)), request_prefix_(std::move(request_prefix)) {}

  /// Counts every answer in `answers`; ends with the connection, or when there are no more coupons.
  void Run(std::uint16_t port, std::atomic<int>& answers) {
    CouponClient client(port);
    while (client.connected()) {
      const std::string request_id = NextRequestId();
      const auto answer = request_id.empty() ? client.Issue(campaign_)
                                             : client.IssueForRequest(campaign_, request_id);
      if (answer.status == 0) return;
      ++answers;
      answers.notify_all();
      EXPECT_TRUE(answer.ok()) << answer.code << ": " << answer.message;
      if (answer.response.success()) {
        Keep(request_id, answer.response.coupon());
      } else if (answer.response.refusal() == api::REFUSAL_SOLD_OUT) {
        return;
      } else {
        EXPECT_EQ(answer.response.refusal(), api::REFUSAL_NOT_STARTED);
      }
    }
  }

  [[nodiscard]] const std::vector<std::string>& codes() const { return codes_; }
  /// The finished requests and their codes.
  [[nodiscard]] const std::map<std::string, std::string>& by_request() const { return by_request_; }

 private:
  /// The same again until it is known what came of it.
  [[nodiscard]] std::string NextRequestId() const {
    return request_prefix_ ? *request_prefix_ + std::to_string(by_request_.size()) : "";
  }
  void Keep(const std::string& request_id, const api::Coupon& coupon) {
    codes_.push_back(coupon.code());
    if (!request_id.empty()) by_request_[request_id] = coupon.code();
  }

  std::string campaign_;
  std::optional<std::string> request_prefix_;
  std::vector<std::string> codes_;
  std::map<std::string, std::string> by_request_;
};

/// Lets all clients run against the server until it is killed after that many answers.
void RunUntilKilled(ServerProcess& server, std::vector<LoadClient>& clients, int answers_wanted) {
  std::atomic<int> answers = 0;
  std::vector<std::thread> threads;
  threads.reserve(clients.size());
  for (LoadClient& client : clients) {
    threads.emplace_back([&] { client.Run(server.port(), answers); });
  }
  for (int seen = 0; seen < answers_wanted; seen = answers.load()) answers.wait(seen);
  server.Kill();
  for (std::thread& thread : threads) thread.join();
}

class CrashTest : public testing::Test {
 protected:
  CrashTest() : client_(server_.port()) { std::printf("seed %u\n", seed_); }
  std::string Create(const std::string& name, int total) {
    start_ = Now() + 150 * kMillisecond;
    return client_.Create(name, total, start_).response.campaign().id();
  }
  void Restart() {
    server_.Start();
    client_ = CouponClient(server_.port());
  }
  /// The campaign's codes, after checking what holds of any campaign.
  std::set<std::string> CheckedCodes(const std::string& campaign, int total) {
    const auto got = client_.Get(campaign);
    EXPECT_TRUE(got.ok()) << got.message;
    std::set<std::string> codes;
    for (const api::Coupon& coupon : got.response.coupons()) {
      EXPECT_TRUE(codes.insert(coupon.code()).second) << coupon.code() << " was issued twice";
      EXPECT_GE(NanosecondsOf(coupon.issued_at()), start_);
    }
    EXPECT_LE(static_cast<int>(codes.size()), total);
    EXPECT_EQ(got.response.campaign().issued_coupons(), static_cast<int>(codes.size()));
    return codes;
  }
  /// Any moment of a load: counted in answers, so that it does not depend on the machine's speed.
  int AnyAnswers(int most) { return std::uniform_int_distribution(1, most)(random_); }

  const unsigned seed_ = std::random_device()();
  std::mt19937 random_{seed_};
  ServerProcess server_;
  CouponClient client_;
  UnixNanoseconds start_ = 0;
};

TEST_F(CrashTest, WhatWasAcknowledgedIsThereAfterEveryKill) {
  const std::string campaign = Create("crash", kTotal);
  std::vector<LoadClient> clients(kClients, LoadClient(campaign, {}));
  for (int crash = 0; crash < kCrashes; ++crash) {
    RunUntilKilled(server_, clients, AnyAnswers(kTotal / kCrashes));
    Restart();
    const std::set<std::string> codes = CheckedCodes(campaign, kTotal);
    std::size_t lost = 0;
    std::set<std::string> told;
    for (const LoadClient& client : clients) {
      for (const std::string& code : client.codes()) {
        lost += codes.contains(code) ? 0 : 1;
        EXPECT_TRUE(told.insert(code).second) << code << " was given to two clients";
      }
    }
    EXPECT_EQ(lost, 0U) << "after crash " << crash + 1;
  }
  // The rest goes as well, and no more than that.
  std::atomic<int> answers = 0;
  clients.front().Run(server_.port(), answers);
  EXPECT_EQ(CheckedCodes(campaign, kTotal).size(), static_cast<std::size_t>(kTotal));
}

TEST_F(CrashTest, RetriesWithARequestIdGetExactlyOneCouponEach) {
  const std::string campaign = Create("retry", kTotal);
  std::vector<LoadClient> clients;
  for (std::size_t i = 0; i < kClients; ++i) {
    clients.emplace_back(campaign, "client " + std::to_string(i) + " request ");
  }
  for (int crash = 0; crash < kCrashes; ++crash) {
    RunUntilKilled(server_, clients, AnyAnswers(kTotal / kCrashes / 2));
    Restart();
  }
  std::size_t requests = 0;
  for (const LoadClient& client : clients) {
    // One more may have been carried out without an answer; asking again settles it.
    const std::string unknown = "client " + std::to_string(&client - clients.data()) + " request " +
                                std::to_string(client.by_request().size());
    EXPECT_TRUE(client_.IssueForRequest(campaign, unknown).response.success());
    requests += client.by_request().size() + 1;
    for (const auto& [request_id, code] : client.by_request()) {
      const auto again = client_.IssueForRequest(campaign, request_id);
      ASSERT_TRUE(again.response.already_issued()) << request_id;
      ASSERT_EQ(again.response.coupon().code(), code) << request_id;
    }
  }
  EXPECT_EQ(CheckedCodes(campaign, kTotal).size(), requests);
}

}  // namespace
}  // namespace coupond::test
