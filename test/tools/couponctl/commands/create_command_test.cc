#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>

#include "common/moment_text.h"
#include "coupon/v1/coupon_service.pb.h"
#include "couponctl/commands/clock_difference.h"
#include "couponctl/commands/commands.h"
#include "tools/couponctl/one_answer_fixture.h"

namespace coupond::ctl {
namespace {

using std::chrono::hours;
using test::FakeAnswer;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

class CreateCommandTest : public OneAnswerFixture {
 protected:
  /// Returns the answer for a campaign that was created so long after now.
  static coupon::v1::CreateCampaignResponse Created(std::chrono::nanoseconds after) {
    coupon::v1::CreateCampaignResponse response;
    response.set_sequence(7);
    coupon::v1::Campaign& campaign = *response.mutable_campaign();
    campaign.set_id("new-id");
    campaign.set_name("summer");
    *campaign.mutable_created_at() = tools::ToMessage(NowHere().Plus(after));
    *campaign.mutable_start_time() = tools::ToMessage(NowHere().Plus(after + hours(3)));
    return response;
  }

  const NewCampaign campaign_{.name = "summer", .total = 100, .start = hours(3)};
};

TEST_F(CreateCommandTest, SendsWhatWasAskedFor) {
  EXPECT_EQ(CreateCampaign(Against(Created(hours(0))),
                           {.name = "summer",
                            .total = 100,
                            .start = Timestamp::FromUnixNanoseconds(1'500'000'000),
                            .end = Timestamp::FromUnixNanoseconds(2'000'000'000),
                            .description = "text",
                            .terms = {.coupons_per_user = 3,
                                      .user_required = true,
                                      .redeem_start = Timestamp::FromUnixNanoseconds(3'000'000'000),
                                      .expire = Timestamp::FromUnixNanoseconds(4'000'000'000),
                                      .valid_for = std::chrono::milliseconds(1'500),
                                      .redeem_by_holder_only = true}},
                           {.id = "c1", .validate_only = true}),
            ExitCode::kDone);
  const auto request = Received<coupon::v1::CreateCampaignRequest>();
  EXPECT_EQ(Method(), "CreateCampaign");
  EXPECT_EQ(request.name(), "summer");
  EXPECT_EQ(request.total_coupons(), 100);
  EXPECT_EQ(request.start_time().seconds(), 1);
  EXPECT_EQ(request.start_time().nanos(), 500'000'000);
  EXPECT_EQ(request.end_time().seconds(), 2);
  EXPECT_EQ(request.description(), "text");
  EXPECT_EQ(request.coupons_per_user(), 3);
  EXPECT_TRUE(request.user_required());
  EXPECT_EQ(request.redeem_start_time().seconds(), 3);
  EXPECT_EQ(request.expire_time().seconds(), 4);
  EXPECT_EQ(request.valid_duration().nanos(), 500'000'000);
  EXPECT_TRUE(request.redeem_by_holder_only());
  EXPECT_EQ(request.request_id(), "c1");
  EXPECT_TRUE(request.validate_only());
}

TEST_F(CreateCommandTest, SendsARelativeStartAsOneAndNothingElse) {
  EXPECT_EQ(
      CreateCampaign(Against(Created(hours(0))),
                     {.name = "summer", .total = 100, .start = std::chrono::milliseconds(1'500)}),
      ExitCode::kDone);
  EXPECT_EQ(err_.str(), "");
  EXPECT_THAT(out_.str(), HasSubstr("new-id"));
  EXPECT_EQ(done_, "the campaign was created anyway: new-id");
  const auto request = Received<coupon::v1::CreateCampaignRequest>();
  EXPECT_EQ(request.ShortDebugString(),
            "name: \"summer\" total_coupons: 100 start_in { seconds: 1 nanos: 500000000 }");
}

TEST_F(CreateCommandTest, ReportsAClockDifference) {
  for (const auto& [offset, says] : {std::pair(hours(-1), "this machine's clock is 1h ahead of"),
                                     std::pair(hours(25), "this machine's clock is 1d ")}) {
    EXPECT_EQ(CreateCampaign(Against(Created(offset)), campaign_), ExitCode::kDone);
    EXPECT_THAT(err_.str(), HasSubstr(says));
    // The wait is counted by the server's clock.
    EXPECT_THAT(out_.str(), HasSubstr("(in 3h"));
    err_.str("");
    out_.str("");
  }
}

TEST_F(CreateCommandTest, AnOlderCampaignIsNoClockDifference) {
  EXPECT_EQ(CreateCampaign(Against(Created(hours(-1))), campaign_, {.id = "c1"}), ExitCode::kDone);
  EXPECT_EQ(err_.str(), "");
  EXPECT_THAT(out_.str(), HasSubstr("(in 1h 59m")) << "by this clock";
  EXPECT_EQ(CreateCampaign(Against(Created(hours(25))), campaign_, {.id = "c1"}), ExitCode::kDone);
  EXPECT_THAT(err_.str(), HasSubstr("this machine's clock is 1d ")) << "it cannot be newer";
}

TEST_F(CreateCommandTest, ACheckedCampaignIsShownAsItWouldBe) {
  coupon::v1::CreateCampaignResponse response = Created(hours(0));
  response.clear_sequence();
  response.mutable_campaign()->clear_id();
  response.mutable_campaign()->clear_created_at();
  EXPECT_EQ(CreateCampaign(Against(response), campaign_, {.validate_only = true}), ExitCode::kDone);
  EXPECT_EQ(err_.str(), "couponctl: checked only: the campaign would be created as follows\n");
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("name     summer\n"), HasSubstr("(in 2h 59m"),
                                Not(HasSubstr("id ")), Not(HasSubstr("created"))));
  EXPECT_EQ(done_, "nothing was changed on the server");
}

TEST_F(CreateCommandTest, ACheckOfWhatWasCreatedBeforeSaysSo) {
  EXPECT_EQ(
      CreateCampaign(Against(Created(hours(-1))), campaign_, {.id = "c1", .validate_only = true}),
      ExitCode::kDone);
  EXPECT_EQ(err_.str(),
            "couponctl: checked only: an earlier request with this request id created the "
            "campaign\n");
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("new-id"), HasSubstr("created")));
  EXPECT_EQ(done_, "nothing was changed on the server");
}

TEST_F(CreateCommandTest, ADeletedCampaignOfTheRequestIsNotShown) {
  coupon::v1::CreateCampaignResponse response;
  response.set_sequence(7);
  for (const bool validate_only : {false, true}) {
    out_.str("");
    EXPECT_EQ(
        CreateCampaign(Against(response), campaign_, {.id = "c1", .validate_only = validate_only}),
        ExitCode::kDone);
    EXPECT_EQ(out_.str(),
              "an earlier request with this request id created the campaign; the server does not "
              "show it, so it may have been deleted since\n");
    EXPECT_EQ(err_.str(), "");
  }
}

TEST_F(CreateCommandTest, ALostAnswerSaysIfRepeatingIsSafe) {
  for (const FakeAnswer& answer : {FakeAnswer{.drop = true}, FakeAnswer{.body = {}}}) {
    err_.str("");
    EXPECT_EQ(CreateCampaign(Against(answer), campaign_), ExitCode::kFailed);
    EXPECT_THAT(err_.str(), HasSubstr("check with `couponctl list`"));
    err_.str("");
    EXPECT_EQ(CreateCampaign(Against(answer), campaign_, {.id = "c1"}), ExitCode::kFailed);
    EXPECT_THAT(err_.str(), HasSubstr("try again with the same --request-id"));
    for (const char* id : {"", "c1"}) {
      err_.str("");
      EXPECT_EQ(CreateCampaign(Against(answer), campaign_, {.id = id, .validate_only = true}),
                ExitCode::kFailed);
      EXPECT_THAT(err_.str(), EndsWith("; it was only checked, so nothing was changed\n"));
    }
  }
}

}  // namespace
}  // namespace coupond::ctl
