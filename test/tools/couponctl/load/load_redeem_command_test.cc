#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <functional>
#include <sstream>
#include <string>
#include <string_view>

#include "couponctl/load/load_command.h"
#include "support/fake_server.h"
#include "tools/couponctl/fake_campaign.h"

// The load command with --redeem.
namespace coupond::ctl {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::FakeAnswer;
using test::FakeServer;
using testing::HasSubstr;

class LoadRedeemCommandTest : public testing::Test {
 protected:
  ExitCode Run(bool json = false) {
    return RunAgainst([this](auto method, auto body) { return campaign_.Handle(method, body); },
                      json);
  }
  ExitCode RunAgainst(FakeServer::Handler handler, bool json = false) {
    const FakeServer server(std::move(handler));
    return RunLoadCommand({.plan = {.server = server.address(),
                                    .campaign_id = FakeCampaign::kId,
                                    .connections = 2,
                                    .schedule = ArrivalSchedule::Make(200, kDuration).value(),
                                    .request_timeout = seconds(60),
                                    .drain_for = drain_for_,
                                    .users = {.count = users_},
                                    .redeem = true},
                           .json = json,
                           .out = out_,
                           .err = err_});
  }
  /// Runs against a server that changes its answers to one method.
  template <typename Response>
  ExitCode RunWith(std::string_view method, std::function<void(Response&)> change) {
    return RunAgainst([this, method, change](std::string_view called, std::string_view body) {
      FakeAnswer answer = campaign_.Handle(called, body);
      Response response;
      if (called != method || !response.ParseFromString(answer.body)) return answer;
      change(response);
      answer.body = response.SerializeAsString();
      return answer;
    });
  }
  /// Expects that the load is not run, and why.
  void ExpectRefused(const std::string& why, ExitCode exit_code = ExitCode::kRefused) {
    EXPECT_EQ(Run(), exit_code);
    EXPECT_THAT(err_.str(), HasSubstr(why));
    EXPECT_TRUE(campaign_.request_ids().empty());
  }

  static constexpr milliseconds kDuration{100};
  seconds drain_for_{60};
  FakeCampaign campaign_{10};
  std::uint64_t users_ = 0;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(LoadRedeemCommandTest, ACorrectServerPasses) {
  EXPECT_EQ(Run(), ExitCode::kDone) << out_.str();
  EXPECT_THAT(out_.str(), HasSubstr("over 2 connections, then redeeming each coupon"));
  EXPECT_THAT(out_.str(), HasSubstr("redemptions/s over"));
  EXPECT_THAT(out_.str(), HasSubstr("latency from when a redemption was due"));
  EXPECT_THAT(out_.str(), HasSubstr("redemptions: ok (10 coupons are redeemed, 0 before"));
  EXPECT_THAT(out_.str(), HasSubstr("10 second redemptions refused"));
  EXPECT_EQ(err_.str(), "");
  EXPECT_EQ(campaign_.redeemed(), 10);
  EXPECT_EQ(campaign_.redemptions().size(), 20U);
}

TEST_F(LoadRedeemCommandTest, JsonHasRedeemingBesideIssuing) {
  EXPECT_EQ(Run(true), ExitCode::kDone);
  const auto json = boost::json::parse(out_.str()).as_object();
  EXPECT_EQ(json.at("issued").to_number<int>(), 10);
  const auto& redeem = json.at("redeem").as_object();
  EXPECT_TRUE(redeem.at("begun").as_bool());
  EXPECT_EQ(redeem.at("sent").to_number<int>(), 10);
  EXPECT_EQ(redeem.at("redeemed").to_number<int>(), 10);
  EXPECT_EQ(redeem.at("refused").at("alreadyRedeemed").to_number<int>(), 0);
  EXPECT_EQ(redeem.at("outcomeUnknown").to_number<int>(), 0);
  EXPECT_EQ(redeem.at("notSent").to_number<int>(), 0);
  EXPECT_GT(redeem.at("achievedRate").to_number<double>(), 0);
  EXPECT_GT(redeem.at("latencyMs").at("p99.9").to_number<double>(), 0);
  EXPECT_TRUE(redeem.at("generator").as_object().contains("wasLimit"));
  EXPECT_EQ(json.at("check").at("redeemedAfter").to_number<int>(), 10);
  EXPECT_EQ(json.at("check").at("secondRedemptions").to_number<int>(), 10);
}

TEST_F(LoadRedeemCommandTest, CouponsMayBeRedeemedAlready) {
  users_ = 7;
  EXPECT_EQ(Run(), ExitCode::kDone) << out_.str();
  EXPECT_EQ(Run(), ExitCode::kDone) << out_.str();
  EXPECT_THAT(out_.str(), HasSubstr("refused: already redeemed"));
  EXPECT_THAT(out_.str(), HasSubstr("redemptions: ok (7 coupons are redeemed, 7 before"));
}

TEST_F(LoadRedeemCommandTest, AServerThatRedeemsTwiceFails) {
  EXPECT_EQ(RunAgainst([this](std::string_view method, std::string_view body) {
              coupon::v1::RedeemCouponRequest request;
              if (method != "RedeemCoupon" || !request.ParseFromString(std::string(body))) {
                return campaign_.Handle(method, body);
              }
              FakeAnswer answer = campaign_.Handle(method, body);
              coupon::v1::RedeemCouponResponse response;
              response.ParseFromString(answer.body);
              response.clear_refusal();
              response.set_success(true);
              answer.body = response.SerializeAsString();
              return answer;
            }),
            ExitCode::kRefused);
  EXPECT_THAT(out_.str(), HasSubstr("second_redemption: "));
  EXPECT_THAT(out_.str(), HasSubstr("(and 9 more)"));
}

TEST_F(LoadRedeemCommandTest, AServerThatRefusesWhatItIssuedFails) {
  int number = 0;
  EXPECT_EQ(RunWith<coupon::v1::RedeemCouponResponse>(
                "RedeemCoupon",
                [&number](auto& response) {
                  if (number++ > 0) return;
                  response.set_success(false);
                  response.set_refusal(coupon::v1::REFUSAL_COUPON_ALREADY_REDEEMED);
                }),
            ExitCode::kRefused);
  EXPECT_THAT(out_.str(), HasSubstr("redemption_refused: "));
  EXPECT_THAT(out_.str(), HasSubstr("wrong_redemption: "));
  EXPECT_THAT(out_.str(), HasSubstr("redeemed_count_off: "));
}

TEST_F(LoadRedeemCommandTest, AMissingRedemptionInTheListFails) {
  EXPECT_EQ(
      RunWith<coupon::v1::ListCouponsResponse>(
          "ListCoupons",
          [](auto& page) { page.mutable_coupons(0)->set_state(coupon::v1::COUPON_STATE_ISSUED); }),
      ExitCode::kRefused);
  EXPECT_THAT(out_.str(), HasSubstr("not_redeemed: "));
}

TEST_F(LoadRedeemCommandTest, OneRedemptionTooFewFails) {
  EXPECT_EQ(RunWith<coupon::v1::GetCampaignResponse>(
                "GetCampaign",
                [](auto& response) {
                  auto& campaign = *response.mutable_campaign();
                  campaign.set_redeemed_coupons(std::max(0, campaign.redeemed_coupons() - 1));
                }),
            ExitCode::kRefused);
  EXPECT_THAT(out_.str(), HasSubstr("redeemed_count_off: the server's count of redeemed coupons "
                                    "went from 0 to 9"));
}

TEST_F(LoadRedeemCommandTest, ALostSecondRefusalIsAskedForAgain) {
  int number = 0;
  EXPECT_EQ(RunAgainst([this, &number](std::string_view method, std::string_view body) {
              FakeAnswer answer = campaign_.Handle(method, body);
              answer.drop = method == "RedeemCoupon" && number++ == 10;
              return answer;
            }),
            ExitCode::kDone)
      << out_.str();
  EXPECT_THAT(out_.str(), HasSubstr("10 second redemptions refused"));
}

TEST_F(LoadRedeemCommandTest, AProxysErrorAfterALostAnswerIsNoFault) {
  drain_for_ = seconds(3);  // so long it asks again
  std::string lost;
  EXPECT_EQ(RunAgainst([this, &lost](std::string_view method, std::string_view body) -> FakeAnswer {
              coupon::v1::RedeemCouponRequest request;
              if (method != "RedeemCoupon" || !request.ParseFromString(std::string(body))) {
                return campaign_.Handle(method, body);
              }
              if (request.code() == lost) return {.status = 404, .content_type = "text/html"};
              FakeAnswer answer = campaign_.Handle(method, body);
              if (!lost.empty()) return answer;
              lost = request.code();
              return {.status = 504, .content_type = "text/html"};
            }),
            ExitCode::kDone)
      << out_.str();
  EXPECT_THAT(out_.str(), HasSubstr("outcome unknown"));
  EXPECT_THAT(out_.str(), HasSubstr("redemptions: ok"));
}

TEST_F(LoadRedeemCommandTest, IsNotRunWhileRedeemingIsPaused) {
  campaign_.terms.set_redeeming_paused(true);
  ExpectRefused("--redeem: redeeming is paused; `couponctl resume");
}

TEST_F(LoadRedeemCommandTest, IsNotRunWhileIssuingIsPaused) {
  campaign_.terms.set_issuing_paused(true);
  ExpectRefused("--redeem: issuing is paused, so there would be nothing to redeem");
  // Users who have coupons are told of them all the same.
  users_ = 3;
  EXPECT_EQ(Run(), ExitCode::kDone) << err_.str();
}

TEST_F(LoadRedeemCommandTest, IsNotRunIfRedeemingStartsLater) {
  // The server's clock says one second after the start, and the last of 20 requests at 200 a second
  // is due after 95 ms.
  auto& start = *campaign_.terms.mutable_redeem_start_time();
  start.set_seconds(FakeCampaign::kStartSeconds + 1);
  start.set_nanos(95'000'001);
  ExpectRefused(
      "redeems no coupon before 2023-11-14T22:13:21.095000001Z, but the load would begin to at "
      "2023-11-14T22:13:21.095Z");
  start.set_nanos(95'000'000);
  EXPECT_EQ(Run(), ExitCode::kDone) << err_.str();
}

TEST_F(LoadRedeemCommandTest, IsNotRunWithoutTheNeededUsers) {
  campaign_.terms.set_redeem_by_holder_only(true);
  ExpectRefused("only for the user whom it was issued to; name some with --users",
                ExitCode::kUsage);
  users_ = 3;
  EXPECT_EQ(Run(), ExitCode::kDone) << err_.str();
}

TEST_F(LoadRedeemCommandTest, APauseOnTheWayIsReportedAndNoFault) {
  int number = 0;
  EXPECT_EQ(RunAgainst([this, &number](std::string_view method, std::string_view body) {
              if (method == "RedeemCoupon" && number++ == 4) {
                campaign_.terms.set_redeeming_paused(true);
              }
              return campaign_.Handle(method, body);
            }),
            ExitCode::kDone)
      << out_.str();
  EXPECT_THAT(out_.str(), HasSubstr("refused: redeeming paused"));
  EXPECT_THAT(out_.str(), HasSubstr("redemptions: ok (4 coupons are redeemed, 0 before"));
}

TEST_F(LoadRedeemCommandTest, WithoutCouponsTheReportSaysSo) {
  FakeCampaign sold_out(0);
  EXPECT_EQ(RunAgainst([&](auto method, auto body) { return sold_out.Handle(method, body); }),
            ExitCode::kDone)
      << out_.str();
  EXPECT_THAT(out_.str(), HasSubstr("redeeming: there was no coupon to redeem"));
}

TEST_F(LoadRedeemCommandTest, AServerWithoutRedemptionsFails) {
  EXPECT_EQ(RunAgainst([this](std::string_view method, std::string_view body) -> FakeAnswer {
              if (method == "RedeemCoupon") {
                return {.status = 503,
                        .content_type = "application/json",
                        .body = R"({"code":"unavailable"})"};
              }
              return campaign_.Handle(method, body);
            }),
            ExitCode::kFailed);
  EXPECT_THAT(out_.str(), HasSubstr("outcome unknown"));
}

}  // namespace
}  // namespace coupond::ctl
