#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "support/at_some_pace.h"
#include "support/temporary_directory.h"
#include "system/program/coupon_client.h"
#include "system/program/process.h"
#include "system/program/server_process.h"

// The built couponctl puts the real server under load.
namespace coupond::test {
namespace {

using testing::HasSubstr;

/// Long, because the machine may be busy.
constexpr std::chrono::seconds kPatience{120};

class LoadProgramTest : public testing::Test {
 protected:
  [[nodiscard]] Process Load(const std::vector<std::string>& options) {
    std::vector<std::string> command{
        COUPONCTL_PATH, "--server", "http://127.0.0.1:" + std::to_string(server_.port()),
        "load",         id_,        "--drain",
        "60s"};
    command.insert(command.end(), options.begin(), options.end());
    return Process(command);
  }

  ServerProcess server_;
  CouponClient client_{server_.port()};
  std::string id_ = client_.CreateStarted("여름", 1000);
};

TEST_F(LoadProgramTest, EachUserGetsOneCoupon) {
  Process load = Load(
      {"--rate", "2000", "--duration", "500ms", "--ramp", "200ms", "--users", "100", "--json"});
  EXPECT_EQ(load.WaitForExit(kPatience), 0) << load.output();
  const auto json = boost::json::parse(load.output());
  EXPECT_EQ(json.at("sent").as_int64(), 800);
  EXPECT_EQ(json.at("issued").as_int64(), 100);
  EXPECT_EQ(json.at("alreadyIssued").as_int64(), 700);
  EXPECT_EQ(json.at("check").at("state").as_string(), "passed");
  // Another load finds the same users, and some of them for the first time.
  Process again = Load({"--rate", "1000", "--duration", "300ms", "--users", "150"});
  EXPECT_EQ(again.WaitForExit(kPatience), 0) << again.output();
  EXPECT_THAT(again.output(), HasSubstr("consistency: ok (150 of 1000 issued, 100 before"));
}

TEST_F(LoadProgramTest, AsFastAsPossibleUntilSoldOut) {
  std::string output;
  EXPECT_TRUE(AtSomePace([&](int pace) {
    const std::string duration = std::to_string(300 * pace) + "ms";
    Process load = Load({"--rate", "max", "--duration", duration, "--concurrency", "16"});
    EXPECT_EQ(load.WaitForExit(2 * kPatience), 0) << load.output();
    output = load.output();
    return output.find("refused: sold out") != std::string::npos;
  })) << output;
  EXPECT_THAT(output, HasSubstr("consistency: ok (1000 of 1000 issued"));
}

TEST_F(LoadProgramTest, ThePlotShowsTheLoad) {
  const TemporaryDirectory directory;
  const std::string path = directory.path() / "load.svg";
  Process load = Load({"--rate", "400", "--duration", "250ms", "--plot", path});
  EXPECT_EQ(load.WaitForExit(kPatience), 0) << load.output();
  std::ifstream file(path);
  const std::string svg{std::istreambuf_iterator<char>(file), {}};
  EXPECT_THAT(svg, HasSubstr("couponctl load: 400 requests/s for 250ms over 50 connections"));
  EXPECT_THAT(svg, HasSubstr("campaign " + id_ + ": 100 requests sent"));
}

TEST_F(LoadProgramTest, UsersOfSeveralCouponsGetNoMore) {
  api::CreateCampaignRequest request;
  request.set_name("겨울");
  request.set_total_coupons(1000);
  request.mutable_start_in();
  request.set_coupons_per_user(3);
  id_ = client_.Create(request).response.campaign().id();
  Process load = Load({"--rate", "2000", "--duration", "300ms", "--users", "100", "--json"});
  EXPECT_EQ(load.WaitForExit(kPatience), 0) << load.output();
  const auto json = boost::json::parse(load.output());
  EXPECT_EQ(json.at("issued").as_int64(), 300);
  EXPECT_EQ(json.at("refused").at("userLimitReached").as_int64(), 300);
  EXPECT_EQ(json.at("check").at("state").as_string(), "passed");
  EXPECT_EQ(json.at("check").at("couponsPerUser").as_int64(), 3);
}

TEST_F(LoadProgramTest, AnInterruptedLoadIsReportedAndChecked) {
  for (const int signal : {SIGINT, SIGTERM}) {
    Process load = Load({"--rate", "50", "--duration", "1h", "--progress"});
    ASSERT_TRUE(load.WaitForLine("sent ", kPatience)) << load.output();
    load.Signal(signal);
    EXPECT_EQ(load.WaitForExit(kPatience), 0) << load.output();
    EXPECT_THAT(load.output(), HasSubstr("over 50 connections (interrupted)"));
    EXPECT_THAT(load.output(), HasSubstr("consistency: ok"));
  }
}

}  // namespace
}  // namespace coupond::test
