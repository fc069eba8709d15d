#include "couponctl/load/load_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>

#include "support/fake_server.h"
#include "support/temporary_directory.h"
#include "tools/couponctl/fake_campaign.h"

namespace coupond::ctl {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::FakeAnswer;
using test::FakeServer;
using testing::HasSubstr;

class LoadCommandTest : public testing::Test {
 protected:
  ExitCode RunAgainst(FakeServer::Handler handler, bool json = false,
                      const std::string& campaign_id = FakeCampaign::kId) {
    const FakeServer server(std::move(handler));
    return RunLoadCommand(
        {.plan = {.server = server.address(),
                  .campaign_id = campaign_id,
                  .connections = 2,
                  .schedule = ArrivalSchedule::Make(200, milliseconds(100)).value(),
                  .request_timeout = seconds(60),
                  .drain_for = seconds(60),
                  .retry_for = std::nullopt,
                  .users = {.count = users_}},
         .plot = plot_,
         .progress = ProgressStyle::kLog,
         .json = json,
         .out = out_,
         .err = err_});
  }
  static std::string Read(const std::filesystem::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  FakeServer::Handler Honest() {
    return [this](auto method, auto body) { return campaign_.Handle(method, body); };
  }
  FakeCampaign campaign_{10};
  std::uint64_t users_ = 0;
  std::optional<std::string> plot_;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(LoadCommandTest, ACorrectServerPasses) {
  EXPECT_EQ(RunAgainst(Honest()), ExitCode::kDone) << out_.str();
  EXPECT_THAT(out_.str(), HasSubstr("consistency: ok (10 of 10 issued"));
  EXPECT_THAT(out_.str(), HasSubstr("refused: sold out"));
  EXPECT_EQ(err_.str(), "");
}

TEST_F(LoadCommandTest, JsonIsOneDocumentWithEverything) {
  EXPECT_EQ(RunAgainst(Honest(), true), ExitCode::kDone);
  const auto json = boost::json::parse(out_.str()).as_object();
  EXPECT_EQ(json.at("sent").to_number<int>(), 20);
  EXPECT_EQ(json.at("issued").to_number<int>(), 10);
  EXPECT_EQ(json.at("refused").at("soldOut").to_number<int>(), 10);
  EXPECT_EQ(json.at("check").at("state"), "passed");
  EXPECT_EQ(json.at("check").at("issuedAfter").to_number<int>(), 10);
  EXPECT_TRUE(json.at("latencyMs").as_object().contains("p99.9"));
  EXPECT_TRUE(json.at("generator").as_object().contains("wasLimit"));
}

TEST_F(LoadCommandTest, SaysWhetherTheGeneratorWasTheLimit) {
  (void)RunAgainst(Honest());
  EXPECT_THAT(out_.str(), testing::AnyOf(HasSubstr("load generator: not the limit, busy"),
                                         HasSubstr("THIS LOAD GENERATOR, NOT THE SERVER, WAS")));
}

TEST_F(LoadCommandTest, ACodeIssuedTwiceFailsAndIsReported) {
  campaign_.planted_code = "가나다라마12345";
  EXPECT_EQ(RunAgainst(Honest()), ExitCode::kRefused);
  EXPECT_THAT(out_.str(), HasSubstr("CONSISTENCY CHECK FAILED"));
  EXPECT_THAT(err_.str(), HasSubstr("가나다라마12345 was handed out twice"));
}

TEST_F(LoadCommandTest, ACouponFromBeforeTheStartFails) {
  campaign_.issued_at_seconds = FakeCampaign::kStartSeconds - 1;
  EXPECT_EQ(RunAgainst(Honest()), ExitCode::kRefused);
  EXPECT_THAT(err_.str(), HasSubstr("but the campaign starts at"));
}

TEST_F(LoadCommandTest, ACouponThatIsNotListedFails) {
  EXPECT_EQ(RunAgainst([this](std::string_view method, std::string_view body) {
              FakeAnswer answer = campaign_.Handle(method, body);
              coupon::v1::ListCouponsResponse page;
              if (method == "ListCoupons" && page.ParseFromString(answer.body)) {
                page.mutable_coupons()->RemoveLast();
                answer.body = page.SerializeAsString();
              }
              return answer;
            }),
            ExitCode::kRefused);
  EXPECT_THAT(err_.str(), HasSubstr("does not list it"));
}

TEST_F(LoadCommandTest, AnUnknownCampaignIsRefusedBeforeAnyLoad) {
  EXPECT_EQ(RunAgainst(Honest(), false, "no-such-id"), ExitCode::kRefused);
  EXPECT_THAT(err_.str(), HasSubstr("no such campaign; `couponctl list`"));
  EXPECT_TRUE(campaign_.request_ids().empty());
}

TEST_F(LoadCommandTest, UsersWithOneCouponEachPass) {
  users_ = 7;
  EXPECT_EQ(RunAgainst(Honest()), ExitCode::kDone) << out_.str();
  EXPECT_THAT(out_.str(), HasSubstr("over 2 connections as 7 users"));
  EXPECT_THAT(out_.str(), HasSubstr("consistency: ok (7 of 10 issued, 0 before"));
  EXPECT_THAT(out_.str(), HasSubstr("already issued (asked again)"));
}

TEST_F(LoadCommandTest, ALoadWithTheWrongUsersIsNotRun) {
  campaign_.terms.set_user_required(true);
  EXPECT_EQ(RunAgainst(Honest()), ExitCode::kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("the campaign issues coupons to users only"));
  EXPECT_TRUE(campaign_.request_ids().empty());
  users_ = 7;
  EXPECT_EQ(RunAgainst(Honest()), ExitCode::kDone) << err_.str();
}

TEST_F(LoadCommandTest, UsersOfSeveralCouponsEachPass) {
  campaign_.terms.set_coupons_per_user(3);
  users_ = 2;
  EXPECT_EQ(RunAgainst(Honest()), ExitCode::kDone) << out_.str();
  EXPECT_THAT(out_.str(), HasSubstr("consistency: ok (6 of 10 issued, 0 before"));
  EXPECT_THAT(out_.str(), HasSubstr("no user has more than 3"));
  EXPECT_THAT(out_.str(), HasSubstr("refused: user limit reached"));
  // Another load finds that they have all of theirs.
  EXPECT_EQ(RunAgainst(Honest()), ExitCode::kDone) << out_.str();
  EXPECT_THAT(out_.str(), HasSubstr("consistency: ok (6 of 10 issued, 6 before"));
}

TEST_F(LoadCommandTest, AServerThatGivesAUserTooManyFails) {
  campaign_.terms.set_coupons_per_user(3);
  users_ = 2;
  EXPECT_EQ(RunAgainst([this](std::string_view method, std::string_view body) {
              FakeAnswer answer = campaign_.Handle(method, body);
              coupon::v1::GetCampaignResponse response;
              if (method == "GetCampaign" && response.ParseFromString(answer.body)) {
                response.mutable_campaign()->set_coupons_per_user(2);
                answer.body = response.SerializeAsString();
              }
              return answer;
            }),
            ExitCode::kRefused);
  EXPECT_THAT(out_.str(), HasSubstr("above_user_limit: user-1 was given both"));
}

TEST_F(LoadCommandTest, UsersOfAnEarlierLoadKeepTheirCoupons) {
  users_ = 7;
  EXPECT_EQ(RunAgainst(Honest()), ExitCode::kDone) << out_.str();
  EXPECT_EQ(RunAgainst(Honest()), ExitCode::kDone) << out_.str();
  EXPECT_THAT(out_.str(), HasSubstr("consistency: ok (7 of 10 issued, 7 before"));
}

TEST_F(LoadCommandTest, AServerThatForgetsItsUsersFails) {
  users_ = 3;
  int number = 0;
  EXPECT_EQ(RunAgainst([&](std::string_view method, std::string_view body) {
              coupon::v1::IssueCouponRequest request;
              if (method != "IssueCoupon" || !request.ParseFromString(std::string(body))) {
                return campaign_.Handle(method, body);
              }
              request.set_user_id(request.user_id() + (number++ < 3 ? "" : " again"));
              return campaign_.Handle(method, request.SerializeAsString());
            }),
            ExitCode::kRefused);
  EXPECT_THAT(out_.str(), HasSubstr("above_user_limit: user-1 was given both"));
  EXPECT_THAT(out_.str(), HasSubstr("other_user"));
}

TEST_F(LoadCommandTest, ThePlotReplacesWhatWasInTheFile) {
  const test::TemporaryDirectory directory;
  const auto path = directory.path() / "load.svg";
  std::ofstream(path) << std::string(100'000, 'x');
  plot_ = path.string();
  EXPECT_EQ(RunAgainst(Honest()), ExitCode::kDone) << err_.str();
  const std::string svg = Read(path);
  EXPECT_THAT(svg, testing::StartsWith("<svg "));
  EXPECT_THAT(svg, testing::EndsWith("</svg>\n"));
  EXPECT_THAT(svg, HasSubstr("200 requests/s for 100ms over 2 connections"));
}

TEST_F(LoadCommandTest, AnUnwritablePlotIsRefusedBeforeTheLoad) {
  const test::TemporaryDirectory directory;
  plot_ = (directory.path() / "none" / "load.svg").string();
  EXPECT_EQ(RunAgainst(Honest()), ExitCode::kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("cannot write the plot to " + *plot_ + ": No such file"));
  EXPECT_TRUE(campaign_.request_ids().empty());
}

TEST_F(LoadCommandTest, APlotThatFailsAfterTheLoadIsAFailure) {
  plot_ = "/dev/full";
  EXPECT_EQ(RunAgainst(Honest()), ExitCode::kFailed);
  EXPECT_THAT(out_.str(), HasSubstr("consistency: ok"));
  EXPECT_THAT(err_.str(), HasSubstr("cannot write the plot to /dev/full: No space left"));
}

TEST_F(LoadCommandTest, ALoadThatIsNotRunLeavesNoPlot) {
  const test::TemporaryDirectory directory;
  plot_ = (directory.path() / "load.svg").string();
  EXPECT_EQ(RunAgainst(Honest(), false, "no-such-id"), ExitCode::kRefused);
  EXPECT_FALSE(std::filesystem::exists(*plot_));
}

TEST_F(LoadCommandTest, AServerThatCannotBeCheckedIsAFailure) {
  EXPECT_EQ(RunAgainst([this](std::string_view method, std::string_view body) -> FakeAnswer {
              if (method == "ListCoupons") return {.drop = true};
              return campaign_.Handle(method, body);
            }),
            ExitCode::kFailed);
  EXPECT_THAT(out_.str(), HasSubstr("COULD NOT BE CHECKED"));
}

}  // namespace
}  // namespace coupond::ctl
