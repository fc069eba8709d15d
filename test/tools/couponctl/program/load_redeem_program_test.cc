#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <chrono>
#include <csignal>
#include <string>
#include <vector>

#include "support/at_some_pace.h"
#include "system/program/coupon_client.h"
#include "system/program/process.h"
#include "system/program/server_process.h"

// The built couponctl issues and redeems coupons of the real server.
namespace coupond::test {
namespace {

using testing::HasSubstr;
using testing::Not;

/// Long, because the machine may be busy.
constexpr std::chrono::seconds kRedeemPatience{120};

class LoadRedeemProgramTest : public testing::Test {
 protected:
  [[nodiscard]] Process Load(const std::vector<std::string>& options) {
    std::vector<std::string> command{
        COUPONCTL_PATH, "--server", "http://127.0.0.1:" + std::to_string(server_.port()),
        "load",         id_,        "--redeem",
        "--drain",      "60s"};
    command.insert(command.end(), options.begin(), options.end());
    return Process(command);
  }
  /// Expects that the load is not run, and why.
  void ExpectRefused(const std::string& why) {
    Process load = Load({"--duration", "1s"});
    EXPECT_EQ(load.WaitForExit(kRedeemPatience), 1) << load.output();
    EXPECT_THAT(load.output(), HasSubstr(why));
    EXPECT_EQ(client_.Get(id_).response.campaign().issued_coupons(), 0);
  }

  ServerProcess server_;
  CouponClient client_{server_.port()};
  std::string id_ = client_.CreateStarted("여름", 1000);
};

TEST_F(LoadRedeemProgramTest, EveryCouponIsRedeemedOnce) {
  Process load = Load({"--rate", "2000", "--duration", "300ms", "--ramp", "100ms", "--json"});
  EXPECT_EQ(load.WaitForExit(kRedeemPatience), 0) << load.output();
  const auto json = boost::json::parse(load.output());
  EXPECT_EQ(json.at("issued").as_int64(), 500);
  EXPECT_EQ(json.at("redeem").at("redeemed").as_int64(), 500);
  EXPECT_EQ(json.at("check").at("state").as_string(), "passed");
  EXPECT_EQ(json.at("check").at("secondRedemptions").as_int64(), 100);
  EXPECT_EQ(client_.Get(id_).response.campaign().redeemed_coupons(), 500);
}

TEST_F(LoadRedeemProgramTest, UsersRedeemTheirOwnCoupons) {
  api::UpdateCampaignRequest request;
  request.mutable_campaign()->set_id(id_);
  request.mutable_campaign()->set_redeem_by_holder_only(true);
  ASSERT_TRUE(client_.Update(request).ok());
  Process load = Load({"--rate", "1000", "--duration", "200ms", "--users", "150", "--retry"});
  EXPECT_EQ(load.WaitForExit(kRedeemPatience), 0) << load.output();
  EXPECT_THAT(load.output(), HasSubstr("redemptions: ok (150 coupons are redeemed, 0 before"));
  // Another load finds that they are redeemed.
  Process again = Load({"--rate", "1000", "--duration", "200ms", "--users", "150"});
  EXPECT_EQ(again.WaitForExit(kRedeemPatience), 0) << again.output();
  EXPECT_THAT(again.output(), HasSubstr("redemptions: ok (150 coupons are redeemed, 150 before"));
}

TEST_F(LoadRedeemProgramTest, IsNotRunWhilePaused) {
  ASSERT_TRUE(client_.Pause(id_, api::PAUSE_SCOPE_ISSUING).ok());
  ExpectRefused("--redeem: issuing is paused");
  ASSERT_TRUE(client_.Pause(id_, api::PAUSE_SCOPE_BOTH).ok());
  ExpectRefused("--redeem: redeeming is paused");
}

TEST_F(LoadRedeemProgramTest, IsNotRunBeforeCouponsAreRedeemed) {
  api::UpdateCampaignRequest request;
  request.mutable_campaign()->set_id(id_);
  *request.mutable_campaign()->mutable_redeem_start_time() = TimestampOf(Now() + 3600'000'000'000);
  ASSERT_TRUE(client_.Update(request).ok());
  ExpectRefused("--redeem: the campaign redeems no coupon before");
}

TEST_F(LoadRedeemProgramTest, AKilledServerRedeemsEachCouponOnce) {
  EXPECT_TRUE(AtSomePace([this](int pace) {
    CouponClient client(server_.port());
    id_ = client.CreateStarted("at pace " + std::to_string(pace), 1000);
    Process load = Load({"--rate", std::to_string(500 / pace), "--duration",
                         std::to_string(1'500 * pace) + "ms", "--progress"});
    const bool was_seen = load.WaitForLine("redeeming: sent", 2 * kRedeemPatience).has_value();
    if (was_seen) {
      server_.Kill();
      server_.Start(server_.port());
    }
    EXPECT_EQ(load.WaitForExit(2 * kRedeemPatience), 0) << load.output();
    EXPECT_THAT(load.output(), HasSubstr("redemptions: ok (750 coupons are redeemed, 0 before"));
    EXPECT_THAT(load.output(), Not(HasSubstr("outcome unknown")));
    return was_seen && load.output().find("error: connection ") != std::string::npos;
  })) << "all were redeemed before progress was seen or the server was killed";
}

TEST_F(LoadRedeemProgramTest, AnInterruptedLoadIsReportedAndChecked) {
  Process issuing = Load({"--rate", "10", "--duration", "1h", "--progress"});
  ASSERT_TRUE(issuing.WaitForLine("sent ", kRedeemPatience)) << issuing.output();
  issuing.Signal(SIGINT);
  EXPECT_EQ(issuing.WaitForExit(kRedeemPatience), 0) << issuing.output();
  EXPECT_THAT(issuing.output(),
              HasSubstr("redeeming: not begun, because the load was interrupted"));
  EXPECT_THAT(issuing.output(), HasSubstr("consistency: ok"));

  EXPECT_TRUE(AtSomePace([this](int pace) {
    Process redeeming = Load({"--rate", std::to_string(200 / pace), "--duration",
                              std::to_string(1'500 * pace) + "ms", "--progress"});
    const bool was_seen = redeeming.WaitForLine("redeeming: sent", 2 * kRedeemPatience).has_value();
    if (was_seen) redeeming.Signal(SIGINT);
    EXPECT_EQ(redeeming.WaitForExit(kRedeemPatience), 0) << redeeming.output();
    EXPECT_THAT(redeeming.output(), HasSubstr("redemptions: ok"));
    return was_seen && redeeming.output().find("(interrupted)") != std::string::npos;
  })) << "all were redeemed before progress was seen or the load was interrupted";
}

}  // namespace
}  // namespace coupond::test
