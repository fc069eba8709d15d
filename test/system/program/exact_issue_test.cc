#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <thread>
#include <vector>

#include "system/program/coupon_client.h"
#include "system/program/server_process.h"

namespace coupond::test {
namespace {

/// The answers on one connection.
struct Told {
  std::vector<std::string> codes;
  int sold_out = 0;
  int other = 0;
};

TEST(ExactIssue, FiveThousandRequestsGetExactlyAThousandCoupons) {
  constexpr int kConnections = 50;
  constexpr int kRequestsEach = 100;
  constexpr int kTotal = 1'000;
  const ServerProcess server;
  CouponClient client(server.port());
  const std::string campaign = client.CreateStarted("rush", kTotal);

  std::vector<Told> told(kConnections);
  std::vector<std::thread> threads;
  for (int i = 0; i < kConnections; ++i) {
    threads.emplace_back([&, i] {
      CouponClient own(server.port(), static_cast<Form>(i % 3));
      Told& mine = told[static_cast<std::size_t>(i)];
      for (int request = 0; request < kRequestsEach; ++request) {
        const auto answer = own.Issue(campaign);
        if (answer.ok() && answer.response.success()) {
          mine.codes.push_back(answer.response.coupon().code());
        } else if (answer.ok() && answer.response.refusal() == api::REFUSAL_SOLD_OUT) {
          ++mine.sold_out;
        } else {
          ++mine.other;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();

  std::vector<std::string> codes;
  int sold_out = 0;
  for (const Told& mine : told) {
    codes.insert(codes.end(), mine.codes.begin(), mine.codes.end());
    sold_out += mine.sold_out;
    EXPECT_EQ(mine.other, 0);
  }
  EXPECT_EQ(codes.size(), kTotal);
  EXPECT_EQ(std::set(codes.begin(), codes.end()).size(), kTotal);
  EXPECT_EQ(sold_out, kConnections * kRequestsEach - kTotal);
  EXPECT_THAT(client.Codes(campaign), testing::UnorderedElementsAreArray(codes));
}

}  // namespace
}  // namespace coupond::test
