#include "couponctl/commands/commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "common/moment_text.h"
#include "coupon/v1/admin_service.pb.h"
#include "couponctl/commands/clock_difference.h"
#include "support/builders.h"
#include "support/fake_server.h"
#include "tools/couponctl/fake_campaign.h"

namespace coupond::ctl {
namespace {

using rpc_client::ConnectClient;
using test::At;
using test::FakeAnswer;
using test::FakeServer;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

template <typename Message>
FakeServer::Handler Always(const Message& message) {
  return [body = message.SerializeAsString()](auto, auto) { return FakeAnswer{.body = body}; };
}

class CommandsTest : public testing::Test {
 protected:
  CommandContext Against(FakeServer::Handler handler, bool json = false) {
    server_ = std::make_unique<FakeServer>(std::move(handler));
    client_ = std::make_unique<ConnectClient>(server_->address(), std::chrono::seconds(60));
    return {.client = *client_, .json = json, .out = out_, .err = err_};
  }
  FakeServer::Handler Campaign() {
    return [this](auto method, auto body) { return campaign_.Handle(method, body); };
  }
  [[nodiscard]] std::vector<std::string> Lines() const {
    std::istringstream text(out_.str());
    std::vector<std::string> lines;
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    return lines;
  }

  FakeCampaign campaign_{100};
  std::unique_ptr<FakeServer> server_;
  std::unique_ptr<ConnectClient> client_;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(CommandsTest, IssuePrintsTheCode) {
  const auto context = Against(Campaign());
  EXPECT_EQ(IssueCoupon(context, FakeCampaign::kId, "r-1", ""), ExitCode::kDone);
  EXPECT_EQ(out_.str(), "가나10000000\n");
  EXPECT_EQ(IssueCoupon(context, FakeCampaign::kId, "r-1", ""), ExitCode::kDone);
  EXPECT_THAT(out_.str(), HasSubstr("가나10000000  (issued to you before)\n"));
}

TEST_F(CommandsTest, ACouponThatWasIssuedBeforeIsPrintedWithItsState) {
  coupon::v1::IssueCouponResponse response;
  response.set_success(true);
  response.set_already_issued(true);
  response.mutable_coupon()->set_code("가나10000000");
  response.mutable_coupon()->set_state(coupon::v1::COUPON_STATE_EXPIRED);
  EXPECT_EQ(IssueCoupon(Against(Always(response)), "id", "r1", ""), ExitCode::kDone);
  EXPECT_EQ(out_.str(), "가나10000000  (issued to you before; now expired)\n");
}

TEST_F(CommandsTest, IssueJsonHasHangulAsItIs) {
  EXPECT_EQ(IssueCoupon(Against(Campaign(), true), FakeCampaign::kId, "", ""), ExitCode::kDone);
  EXPECT_THAT(out_.str(), HasSubstr("가나10000000"));
  EXPECT_EQ(boost::json::parse(out_.str()).at("success"), true);
}

TEST_F(CommandsTest, ARefusedIssueSaysWhyAndWhen) {
  coupon::v1::IssueCouponResponse response;
  response.set_error("campaign has not started yet");
  response.mutable_start_time()->set_seconds(4'102'444'800);
  response.set_wait_ms(90'000);
  EXPECT_EQ(IssueCoupon(Against(Always(response)), "id", "", ""), ExitCode::kRefused);
  EXPECT_THAT(err_.str(),
              HasSubstr("not started yet; it starts at 2100-01-01T00:00:00Z (in 1m 30s)"));
  EXPECT_EQ(out_.str(), "");
}

TEST_F(CommandsTest, OtherRefusedIssuesSaySinceWhenOrWhenToAskAgain) {
  const auto told = [this](const coupon::v1::IssueCouponResponse& response) {
    err_.str("");
    EXPECT_EQ(IssueCoupon(Against(Always(response)), "id", "", ""), ExitCode::kRefused);
    return err_.str();
  };
  coupon::v1::IssueCouponResponse ended;
  ended.set_error("campaign has ended");
  ended.mutable_end_time()->set_seconds(4'102'444'800);
  EXPECT_THAT(told(ended), HasSubstr("has ended; it ended at 2100-01-01T00:00:00Z\n"));
  coupon::v1::IssueCouponResponse sold_out;
  sold_out.set_error("no more coupons available");
  sold_out.mutable_sold_out_at()->set_seconds(4'102'444'800);
  EXPECT_THAT(told(sold_out), HasSubstr("available; sold out at 2100-01-01T00:00:00Z\n"));
  coupon::v1::IssueCouponResponse limited;
  limited.set_error("user has as many coupons as the campaign allows");
  limited.mutable_coupon()->set_code("가나10000000\x1b");
  limited.mutable_coupon()->set_state(coupon::v1::COUPON_STATE_EXPIRED);
  EXPECT_THAT(told(limited),
              HasSubstr("allows; the last one is 가나10000000?, which is expired\n"));
  coupon::v1::IssueCouponResponse paused;
  paused.set_error("campaign is paused");
  paused.set_retry_ms(1'500);
  EXPECT_THAT(told(paused), HasSubstr("is paused; ask again in 1.5s\n"));
}

TEST_F(CommandsTest, ALostAnswerSaysHowToRetry) {
  const auto drop = [](auto, auto) { return FakeAnswer{.drop = true}; };
  EXPECT_EQ(IssueCoupon(Against(drop), "id", "", ""), ExitCode::kFailed);
  EXPECT_THAT(err_.str(), HasSubstr("with --request-id, trying again is safe"));
  EXPECT_EQ(IssueCoupon(Against(drop), "id", "r-1", ""), ExitCode::kFailed);
  EXPECT_THAT(err_.str(), HasSubstr("try again with the same ids"));
}

TEST_F(CommandsTest, GetReadsOnlyTheCampaignOfALongAnswer) {
  coupon::v1::GetCampaignResponse campaign;
  campaign.mutable_campaign()->set_id(FakeCampaign::kId);
  campaign.mutable_campaign()->set_name(std::string(200, 'n'));
  campaign.mutable_campaign()->set_issued_coupons(7);
  // The bytes behind the campaign are no message, so reading them would fail.
  std::string body = campaign.SerializeAsString() + std::string(10'000'000, '\xff');
  const auto context = Against([&](auto, auto) { return FakeAnswer{.body = body}; });
  EXPECT_EQ(GetCampaign(context, FakeCampaign::kId), ExitCode::kDone) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("7 issued of 0"));
  // The connection, which still has the rest of the answer on it, is not used again.
  EXPECT_EQ(GetCampaign(context, FakeCampaign::kId), ExitCode::kDone) << err_.str();
}

TEST_F(CommandsTest, AnUnknownCampaignIsRefused) {
  EXPECT_EQ(GetCampaign(Against(Campaign(), true), "nope"), ExitCode::kRefused);
  EXPECT_THAT(err_.str(), HasSubstr("`couponctl list` shows the campaigns"));
  EXPECT_EQ(boost::json::parse(out_.str()).at("code"), "not_found");
}

TEST_F(CommandsTest, CouponsFollowsThePagesToTheEndOrTheLimit) {
  const auto context = Against(Campaign(), true);
  for (int i = 0; i < 8; ++i) {
    ASSERT_EQ(IssueCoupon(context, FakeCampaign::kId, std::to_string(i), ""), ExitCode::kDone);
  }
  out_.str("");
  EXPECT_EQ(ListCoupons(context, FakeCampaign::kId, std::nullopt), ExitCode::kDone);
  EXPECT_EQ(Lines().size(), 8U);
  for (const std::string& line : Lines()) {
    EXPECT_EQ(boost::json::parse(line).at("campaignId"), FakeCampaign::kId);
  }
  out_.str("");
  EXPECT_EQ(ListCoupons(context, FakeCampaign::kId, 4), ExitCode::kDone);
  EXPECT_EQ(Lines().size(), 4U);
}

TEST_F(CommandsTest, APageTokenThatLeadsToItselfEndsTheList) {
  coupon::v1::ListCampaignsResponse response;
  response.add_campaigns()->set_name("x");
  response.set_next_page_token("again");
  EXPECT_EQ(ListCampaigns(Against(Always(response)), false, std::nullopt), ExitCode::kFailed);
  EXPECT_THAT(err_.str(), HasSubstr("page token"));
}

TEST_F(CommandsTest, ListIsATableOrOneDocument) {
  coupon::v1::ListCampaignsResponse response;
  response.add_campaigns()->set_name("여름\x1b[2J");
  response.mutable_campaigns(0)->set_state(coupon::v1::CAMPAIGN_STATE_SOLD_OUT);
  EXPECT_EQ(ListCampaigns(Against(Always(response)), false, std::nullopt), ExitCode::kDone);
  EXPECT_THAT(out_.str(), HasSubstr("여름?[2J  sold out"));
  out_.str("");
  EXPECT_EQ(ListCampaigns(Against(Always(response), true), false, std::nullopt), ExitCode::kDone);
  EXPECT_EQ(boost::json::parse(out_.str()).at("campaigns").as_array().size(), 1U);
}

TEST_F(CommandsTest, ArchivedCampaignsAreListedIfAskedFor) {
  for (const bool archived : {false, true}) {
    coupon::v1::ListCampaignsRequest request;
    const auto context = Against([&](auto, std::string_view body) {
      request.ParseFromArray(body.data(), static_cast<int>(body.size()));
      return FakeAnswer{.body = {}};
    });
    EXPECT_EQ(ListCampaigns(context, archived, std::nullopt), ExitCode::kDone);
    server_.reset();
    EXPECT_EQ(request.show_archived(), archived);
  }
}

TEST_F(CommandsTest, CouponsHaveAColumnForTheirExpiryIfTheyHaveOne) {
  coupon::v1::ListCouponsResponse page;
  coupon::v1::Coupon& coupon = *page.add_coupons();
  coupon.set_code("가나10000000");
  coupon.set_state(coupon::v1::COUPON_STATE_EXPIRED);
  EXPECT_EQ(ListCoupons(Against(Always(page)), "id", {}), ExitCode::kDone);
  EXPECT_THAT(out_.str(), Not(HasSubstr("EXPIRES AT")));
  out_.str("");
  coupon.mutable_expire_time()->set_seconds(9);
  EXPECT_EQ(ListCoupons(Against(Always(page)), "id", {}), ExitCode::kDone);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("EXPIRES AT"), HasSubstr("expired"),
                                HasSubstr("1970-01-01T00:00:09Z")));
}

TEST_F(CommandsTest, DeletingAnUnknownCampaignIsRefused) {
  coupon::v1::DeleteCampaignResponse response;
  response.set_message("No such campaign exists");
  EXPECT_EQ(DeleteCampaign(Against(Always(response)), "", "x"), ExitCode::kRefused);
  EXPECT_THAT(err_.str(), HasSubstr("not deleted: no such campaign exists"));
  response.set_success(true);
  EXPECT_EQ(DeleteCampaign(Against(Always(response)), "", "x"), ExitCode::kDone);
}

FakeAnswer MadeBackup(std::string_view method, std::string_view body) {
  EXPECT_EQ(method, "CreateBackup");
  coupon::v1::CreateBackupRequest request;
  EXPECT_TRUE(request.ParseFromArray(body.data(), static_cast<int>(body.size())));
  coupon::v1::CreateBackupResponse response;
  response.set_name(request.name());
  response.set_path("/backups/" + request.name());
  response.set_groups(7);
  response.set_events(70);
  return {.body = response.SerializeAsString()};
}

TEST_F(CommandsTest, BackupSaysWhereItIsAndHowToCheckIt) {
  EXPECT_EQ(CreateBackup(Against(MadeBackup), "nightly"), ExitCode::kDone) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("/backups/nightly: 70 events in 7 groups"));
  EXPECT_THAT(out_.str(), HasSubstr("coupon-audit verify /backups/nightly\n"));
}

TEST_F(CommandsTest, BackupJsonHasTheWholeAnswer) {
  EXPECT_EQ(CreateBackup(Against(MadeBackup, true), "nightly"), ExitCode::kDone);
  const auto json = boost::json::parse(out_.str()).as_object();
  EXPECT_EQ(json.at("path"), "/backups/nightly");
  EXPECT_EQ(json.at("events"), "70");
  EXPECT_EQ(json.at("bytes"), "0");
}

TEST_F(CommandsTest, ARefusedBackupSaysWhy) {
  const auto refuse = [](auto, auto) {
    return FakeAnswer{.status = 400,
                      .content_type = "application/json",
                      .body = R"({"code":"failed_precondition","message":"start it so"})"};
  };
  EXPECT_EQ(CreateBackup(Against(refuse), "nightly"), ExitCode::kRefused);
  EXPECT_THAT(err_.str(), HasSubstr("failed_precondition: start it so"));
}

TEST_F(CommandsTest, ALostAnswerToBackupSaysWhereToLook) {
  const auto drop = [](auto, auto) { return FakeAnswer{.drop = true}; };
  EXPECT_EQ(CreateBackup(Against(drop), "nightly"), ExitCode::kFailed);
  EXPECT_THAT(err_.str(), HasSubstr("look into the server's --backup-dir"));
}

TEST(ClockDifference, IsZeroIfTheServersTimeLiesWithinTheCall) {
  const CallTimes call{.sent = At(10), .answered = At(20)};
  for (const Timestamp time : {At(10), At(15), At(20)}) {
    EXPECT_EQ(AheadOfServer(call, time), std::chrono::nanoseconds(0));
  }
}

TEST(ClockDifference, IsTheSmallestPossible) {
  const CallTimes call{.sent = At(10), .answered = At(20)};
  EXPECT_EQ(AheadOfServer(call, At(7)), std::chrono::seconds(3));
  EXPECT_EQ(AheadOfServer(call, At(24)), std::chrono::seconds(-4));
}

TEST(ClockDifference, AcceptsAnyServerTime) {
  const CallTimes call{.sent = At(10), .answered = At(20)};
  constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  EXPECT_GT(AheadOfServer(call, Timestamp::FromUnixNanoseconds(kMin)), std::chrono::years(50));
  EXPECT_LT(AheadOfServer(call, Timestamp::FromUnixNanoseconds(kMax)), -std::chrono::years(200));
}

TEST(ClockDifference, IsReportedAboveTwoSeconds) {
  const CallTimes call{.sent = At(10), .answered = At(20)};
  EXPECT_FALSE(ClockDifference(call, At(8)));
  EXPECT_FALSE(ClockDifference(call, At(22)));
  EXPECT_EQ(ClockDifference(call, At(8).Plus(std::chrono::nanoseconds(-1))),
            "this machine's clock is 2s ahead of the server's");
  EXPECT_EQ(ClockDifference(call, At(22).Plus(std::chrono::nanoseconds(1))),
            "this machine's clock is 2s behind the server's");
  EXPECT_EQ(ClockDifference(call, At(-3'590)), "this machine's clock is 1h ahead of the server's");
}

}  // namespace
}  // namespace coupond::ctl
