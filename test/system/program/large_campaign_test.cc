#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "system/program/coupon_client.h"
#include "system/program/many_issues.h"
#include "system/program/server_process.h"

namespace coupond::test {
namespace {

constexpr std::size_t kMegabyte = 1'024 * 1'024;
constexpr int kCoupons = 200'000;
/// More than kCoupons, to leave room for those issued while an answer is read.
constexpr int kTotal = 300'000;

/// A request for a campaign of many coupons whose answer is read slowly: each read waits for an
/// issue on another connection.
class LargeCampaignTest : public testing::TestWithParam<Form> {
 protected:
  void SetUp() override {
    constexpr int kThreads = 2;
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] { IssueMany(server_.port(), campaign_, kCoupons / kThreads); });
    }
    for (std::thread& thread : threads) thread.join();
  }

  HttpReply ReadSlowly() {
    constexpr std::size_t kReceiveBufferBytes = 128 * 1'024;
    constexpr int kReadsPerIssue = 4;
    api::GetCampaignRequest request;
    request.set_campaign_id(campaign_);
    HttpClient http(server_.port(), kReceiveBufferBytes);
    http.Send(PostRequest(PathOf(GetParam(), "GetCampaign"), ContentTypeOf(GetParam()),
                          BodyOf(GetParam(), request)));
    int reads = 0;
    const auto reply = http.Receive([&] {
      if (++reads % kReadsPerIssue != 0) return;
      const auto issued = client_.Issue(campaign_);
      if (issued.ok() && issued.response.success())
        ++issued_meanwhile_;
      else
        ++failed_meanwhile_;
      resident_bytes_max_ = std::max(resident_bytes_max_, server_.ResidentBytes());
    });
    return reply.value_or(HttpReply{});
  }

  ServerProcess server_;
  CouponClient client_{server_.port(), Form::kConnectProto};
  std::string campaign_{client_.CreateStarted("large", kTotal)};
  int issued_meanwhile_ = 0;
  int failed_meanwhile_ = 0;
  std::size_t resident_bytes_max_ = 0;
};

/// Returns the codes in the answer, and checks that its fields agree with each other.
std::vector<std::string> CodesOf(Form form, const std::string& body) {
  std::vector<std::string> codes;
  if (form == Form::kConnectProto) {
    api::GetCampaignResponse response;
    EXPECT_TRUE(response.ParseFromString(body));
    EXPECT_EQ(response.campaign().issued_coupons(), response.coupons_size());
    for (const api::Coupon& coupon : response.coupons()) codes.push_back(coupon.code());
    return codes;
  }
  boost::json::error_code error;
  const auto json = boost::json::parse(body, error);
  EXPECT_FALSE(error) << error.message();
  if (error) return codes;
  const auto& coupons = json.at("coupons").as_array();
  EXPECT_EQ(json.at("campaign").at("issuedCoupons").as_int64(),
            static_cast<std::int64_t>(coupons.size()));
  for (const auto& coupon : coupons) codes.emplace_back(coupon.at("code").as_string());
  return codes;
}

TEST_P(LargeCampaignTest, IsStreamedToASlowReaderInLittleMemory) {
  const std::size_t resident_bytes_before = server_.ResidentBytes();
  const HttpReply reply = ReadSlowly();
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.Header("transfer-encoding"), "chunked");

  const std::vector<std::string> codes = CodesOf(GetParam(), reply.body);
  EXPECT_EQ(codes.size(), static_cast<std::size_t>(kCoupons));
  EXPECT_EQ(std::set(codes.begin(), codes.end()).size(), codes.size());

  EXPECT_GT(issued_meanwhile_, 50);
  EXPECT_EQ(failed_meanwhile_, 0);
  EXPECT_GT(reply.body.size(), 12 * kMegabyte);
  EXPECT_LT(resident_bytes_max_, resident_bytes_before + 6 * kMegabyte);
  std::printf("%zu bytes; resident %zu kB before, %zu kB at most while it was read; %d issued\n",
              reply.body.size(), resident_bytes_before / 1'024, resident_bytes_max_ / 1'024,
              issued_meanwhile_);
}

INSTANTIATE_TEST_SUITE_P(Forms, LargeCampaignTest,
                         testing::Values(Form::kConnectJson, Form::kConnectProto), NameOfForm);

}  // namespace
}  // namespace coupond::test
