#include "couponctl/commands/commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "couponctl/commands/campaign_text.h"
#include "support/builders.h"
#include "tools/couponctl/one_answer_fixture.h"

namespace coupond::ctl {
namespace {

using test::At;
using test::FakeAnswer;
using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

class CampaignChangesTest : public OneAnswerFixture {
 protected:
  template <typename Response>
  CommandContext AgainstDone(bool changed = true, bool json = false) {
    Response response;
    response.set_changed(changed);
    response.set_sequence(41);
    response.mutable_campaign()->set_id("some-id");
    response.mutable_campaign()->set_name("여름\x1b[2J");
    response.mutable_campaign()->set_revision(40);
    return Against(response, json);
  }
};

TEST_F(CampaignChangesTest, UpdateNamesWhatItChanges) {
  EXPECT_EQ(UpdateCampaign(AgainstDone<coupon::v1::UpdateCampaignResponse>(), "id",
                           {.name = "봄",
                            .total = 7,
                            .start = At(1),
                            .end = At(2),
                            .description = "text",
                            .if_revision = 40}),
            ExitCode::kDone);
  const auto request = Received<coupon::v1::UpdateCampaignRequest>();
  EXPECT_EQ(Method(), "UpdateCampaign");
  EXPECT_EQ(request.campaign().id(), "id");
  EXPECT_EQ(request.campaign().name(), "봄");
  EXPECT_EQ(request.campaign().total_coupons(), 7);
  EXPECT_EQ(request.campaign().end_time().seconds() - request.campaign().start_time().seconds(), 1);
  EXPECT_EQ(request.campaign().description(), "text");
  EXPECT_EQ(request.if_revision(), 40U);
  EXPECT_THAT(request.update_mask().paths(),
              ElementsAre("name", "total_coupons", "start_time", "end_time", "description"));
}

TEST_F(CampaignChangesTest, UpdateNamesTheTermsAboutCoupons) {
  EXPECT_EQ(UpdateCampaign(AgainstDone<coupon::v1::UpdateCampaignResponse>(), "id",
                           {.terms = {.coupons_per_user = 3,
                                      .user_required = true,
                                      .redeem_start = At(1),
                                      .expire = At(2),
                                      .valid_for = std::chrono::milliseconds(1'500),
                                      .redeem_by_holder_only = true}},
                           {.id = "u1", .validate_only = true}),
            ExitCode::kDone);
  auto request = Received<coupon::v1::UpdateCampaignRequest>();
  const coupon::v1::Campaign& campaign = request.campaign();
  EXPECT_EQ(campaign.coupons_per_user(), 3);
  EXPECT_TRUE(campaign.user_required());
  EXPECT_EQ(campaign.expire_time().seconds() - campaign.redeem_start_time().seconds(), 1);
  EXPECT_EQ(campaign.valid_duration().seconds(), 1);
  EXPECT_EQ(campaign.valid_duration().nanos(), 500'000'000);
  EXPECT_TRUE(campaign.redeem_by_holder_only());
  EXPECT_EQ(request.request_id(), "u1");
  EXPECT_TRUE(request.validate_only());
  const auto all = ElementsAre("coupons_per_user", "user_required", "redeem_start_time",
                               "expire_time", "valid_duration", "redeem_by_holder_only");
  EXPECT_THAT(request.update_mask().paths(), all);
  EXPECT_THAT(err_.str(), HasSubstr("checked only: the campaign would change"));
  EXPECT_EQ(done_, "nothing was changed on the server");

  EXPECT_EQ(UpdateCampaign(AgainstDone<coupon::v1::UpdateCampaignResponse>(), "id",
                           {.terms = {.coupons_per_user = 1,
                                      .user_required = false,
                                      .redeem_start = kAlways,
                                      .expire = kNever,
                                      .valid_for = kUnlimited,
                                      .redeem_by_holder_only = false}}),
            ExitCode::kDone);
  request = Received<coupon::v1::UpdateCampaignRequest>();
  EXPECT_FALSE(request.campaign().has_redeem_start_time());
  EXPECT_FALSE(request.campaign().has_expire_time());
  EXPECT_FALSE(request.campaign().has_valid_duration());
  EXPECT_THAT(request.update_mask().paths(), all);
}

TEST_F(CampaignChangesTest, UpdateRemovesAnEndByNamingItAlone) {
  EXPECT_EQ(UpdateCampaign(AgainstDone<coupon::v1::UpdateCampaignResponse>(), "id",
                           {.end = kNever, .description = ""}),
            ExitCode::kDone);
  const auto request = Received<coupon::v1::UpdateCampaignRequest>();
  EXPECT_FALSE(request.campaign().has_end_time());
  EXPECT_FALSE(request.has_if_revision());
  EXPECT_THAT(request.update_mask().paths(), ElementsAre("end_time", "description"));
}

TEST_F(CampaignChangesTest, AChangePrintsTheCampaignOrTheAnswer) {
  EXPECT_EQ(ArchiveCampaign(AgainstDone<coupon::v1::ArchiveCampaignResponse>(), "id"),
            ExitCode::kDone);
  EXPECT_EQ(Method(), "ArchiveCampaign");
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("여름?[2J"), HasSubstr("revision  40")));
  EXPECT_EQ(err_.str(), "");
  out_.str("");
  EXPECT_EQ(UnarchiveCampaign(AgainstDone<coupon::v1::UnarchiveCampaignResponse>(true, true), "id"),
            ExitCode::kDone);
  EXPECT_EQ(Method(), "UnarchiveCampaign");
  const auto json = boost::json::parse(out_.str());
  EXPECT_EQ(json.at("changed"), true);
  EXPECT_EQ(json.at("sequence"), "41");
  EXPECT_EQ(json.at("campaign").at("id"), "some-id");
}

TEST_F(CampaignChangesTest, WhatIsSoAlreadyIsDoneToo) {
  EXPECT_EQ(ArchiveCampaign(AgainstDone<coupon::v1::ArchiveCampaignResponse>(false), "id"),
            ExitCode::kDone);
  EXPECT_THAT(err_.str(), HasSubstr("nothing changed"));
  EXPECT_THAT(out_.str(), HasSubstr("some-id"));
}

TEST_F(CampaignChangesTest, PauseAndResumeSendScopeAndReason) {
  EXPECT_EQ(PauseCampaign(AgainstDone<coupon::v1::PauseCampaignResponse>(), "id",
                          coupon::v1::PAUSE_SCOPE_ISSUING, "wrong price"),
            ExitCode::kDone);
  EXPECT_EQ(Method(), "PauseCampaign");
  const auto pause = Received<coupon::v1::PauseCampaignRequest>();
  EXPECT_EQ(pause.campaign_id(), "id");
  EXPECT_EQ(pause.scope(), coupon::v1::PAUSE_SCOPE_ISSUING);
  EXPECT_EQ(pause.reason(), "wrong price");
  EXPECT_EQ(ResumeCampaign(AgainstDone<coupon::v1::ResumeCampaignResponse>(), "id",
                           coupon::v1::PAUSE_SCOPE_BOTH, ""),
            ExitCode::kDone);
  EXPECT_EQ(Method(), "ResumeCampaign");
  EXPECT_EQ(Received<coupon::v1::ResumeCampaignRequest>().scope(), coupon::v1::PAUSE_SCOPE_BOTH);
}

TEST_F(CampaignChangesTest, ARefusalSaysWhyAndWhatToDo) {
  EXPECT_EQ(ArchiveCampaign(Against(Refuse(404, "not_found")), "id"), ExitCode::kRefused);
  EXPECT_THAT(err_.str(), HasSubstr("not_found: because; `couponctl list`"));
  err_.str("");
  EXPECT_EQ(UpdateCampaign(Against(Refuse(409, "aborted")), "id", {.total = 7, .if_revision = 1}),
            ExitCode::kRefused);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("aborted: because; `couponctl get` shows the campaign"),
                                Not(HasSubstr("may have succeeded"))));
}

TEST_F(CampaignChangesTest, ALostOrEmptyAnswerMayBeRepeated) {
  EXPECT_EQ(ArchiveCampaign(Against(FakeAnswer{.drop = true}), "id"), ExitCode::kFailed);
  EXPECT_THAT(err_.str(), HasSubstr("repeating it is safe"));
  err_.str("");
  EXPECT_EQ(ArchiveCampaign(Against(FakeAnswer{.body = {}}), "id"), ExitCode::kFailed);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("does not say what became of the request"),
                                HasSubstr("repeating it is safe")));
}

TEST_F(CampaignChangesTest, ACheckWhoseAnswerIsLostChangedNothing) {
  for (const FakeAnswer& answer : {FakeAnswer{.drop = true}, FakeAnswer{.body = {}}}) {
    err_.str("");
    EXPECT_EQ(UpdateCampaign(Against(answer), "id", {.total = 7}, {.validate_only = true}),
              ExitCode::kFailed);
    EXPECT_THAT(err_.str(), EndsWith("; it was only checked, so nothing was changed\n"));
  }
}

TEST_F(CampaignChangesTest, ADeletedCampaignIsNotShown) {
  coupon::v1::PauseCampaignResponse response;
  response.set_changed(true);
  response.set_sequence(41);
  EXPECT_EQ(PauseCampaign(Against(response), "id", coupon::v1::PAUSE_SCOPE_BOTH, ""),
            ExitCode::kDone);
  EXPECT_THAT(out_.str(), HasSubstr("may have been deleted since"));
}

TEST_F(CampaignChangesTest, StatusPrintsTheFiguresOrTheAnswer) {
  coupon::v1::GetCampaignStatusResponse response;
  response.set_campaign_id("some-id");
  response.set_state(coupon::v1::CAMPAIGN_STATE_SCHEDULED);
  response.set_total_coupons(10);
  response.mutable_server_time()->set_seconds(4'102'444'800);
  response.mutable_start_time()->set_seconds(4'102'444'860);
  const FakeAnswer answer{.body = response.SerializeAsString()};
  EXPECT_EQ(GetCampaignStatus(Against(answer), "id"), ExitCode::kDone);
  EXPECT_EQ(Method(), "GetCampaignStatus");
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("state    scheduled\n"), HasSubstr("0 issued of 10"),
                                HasSubstr("(in 1m)")));
  out_.str("");
  EXPECT_EQ(GetCampaignStatus(Against(answer, true), "id"), ExitCode::kDone);
  EXPECT_EQ(boost::json::parse(out_.str()).at("state"), "CAMPAIGN_STATE_SCHEDULED");
  EXPECT_EQ(GetCampaignStatus(Against(FakeAnswer{.body = {}}), "id"), ExitCode::kFailed);
}

TEST(CampaignText, ShowsWhatTheCampaignHas) {
  coupon::v1::Campaign campaign;
  campaign.set_id("some-id");
  campaign.set_state(coupon::v1::CAMPAIGN_STATE_PAUSED);
  campaign.set_revision(2);
  const std::string plain = CampaignText(campaign, At(0));
  EXPECT_THAT(plain, HasSubstr("state     paused\n"));
  for (const char* row : {"description", "of these", "returned", "ends", "paused  ", "sold out",
                          "archived", "metadata"}) {
    EXPECT_THAT(plain, Not(HasSubstr(row)));
  }
  campaign.set_description("one\n\ttwo\x1b");
  campaign.mutable_end_time()->set_seconds(1);
  campaign.set_issuing_paused(true);
  campaign.set_redeemed_coupons(3);
  campaign.set_voided_coupons(1);
  campaign.set_returned_coupons(2);
  campaign.mutable_sold_out_at()->set_seconds(2);
  campaign.mutable_archived_at()->set_seconds(3);
  campaign.add_metadata()->set_key("order");
  campaign.mutable_metadata(0)->set_value("4711");
  const std::string all = CampaignText(campaign, At(0));
  for (const char* row : {"description  one  two?\n", "ends         1970-01-01T00:00:01Z\n",
                          "of these     3 redeemed, 1 void\n", "returned     2\n",
                          "paused       issuing\n", "sold out     1970-01-01T00:00:02Z\n",
                          "archived     1970-01-01T00:00:03Z\n", "metadata     order = 4711\n"}) {
    EXPECT_THAT(all, HasSubstr(row));
  }
  // The server's clock may be ahead of this one.
  campaign.mutable_created_at()->set_seconds(4);
  const Timestamp earlier = Timestamp::FromUnixNanoseconds(0);
  EXPECT_THAT(CampaignText(campaign, earlier), HasSubstr("created      1970-01-01T00:00:04Z\n"));
  EXPECT_THAT(CampaignText(campaign, earlier), HasSubstr("sold out     1970-01-01T00:00:02Z\n"));
  campaign.set_redeeming_paused(true);
  EXPECT_THAT(CampaignText(campaign, At(0)), HasSubstr("issuing and redeeming"));
  campaign.set_issuing_paused(false);
  EXPECT_THAT(CampaignText(campaign, At(0)), HasSubstr("paused       redeeming"));
}

TEST(CampaignText, ShowsTermsAboutCouponsThatAreNotAsUsual) {
  coupon::v1::Campaign campaign;
  campaign.set_coupons_per_user(1);
  for (const char* row : {"per user", "redeem", "expire", "valid for"}) {
    EXPECT_THAT(CampaignText(campaign, At(0)), Not(HasSubstr(row)));
  }
  campaign.set_user_required(true);
  EXPECT_THAT(CampaignText(campaign, At(0)), HasSubstr("1 coupon; a user is required\n"));
  campaign.set_user_required(false);
  campaign.set_coupons_per_user(3);
  campaign.mutable_redeem_start_time()->set_seconds(1);
  campaign.mutable_expire_time()->set_seconds(2);
  campaign.mutable_valid_duration()->set_seconds(93'600);
  campaign.set_redeem_by_holder_only(true);
  const std::string all = CampaignText(campaign, At(0));
  for (const char* row : {"per user     3 coupons\n", "redeeming    from 1970-01-01T00:00:01Z\n",
                          "redeemed by  the user who has the coupon only\n",
                          "expire       1970-01-01T00:00:02Z\n", "valid for    1d 2h\n"}) {
    EXPECT_THAT(all, HasSubstr(row));
  }
  constexpr std::int64_t kLongest = std::int64_t{73'200} * 86'400;
  for (const auto seconds : {kLongest, std::numeric_limits<std::int64_t>::max()}) {
    campaign.mutable_valid_duration()->set_seconds(seconds);
    campaign.mutable_valid_duration()->set_nanos(seconds == kLongest ? 0 : 999'999'999);
    EXPECT_THAT(CampaignText(campaign, At(0)), HasSubstr("valid for    73200d\n"))
        << "whatever it is sent";
  }
}

TEST(CampaignText, AStateOfALaterVersionIsUnknown) {
  EXPECT_EQ(StateText(coupon::v1::CAMPAIGN_STATE_SOLD_OUT), "sold out");
  EXPECT_EQ(StateText(coupon::v1::CAMPAIGN_STATE_UNSPECIFIED), "unknown");
  EXPECT_EQ(StateText(static_cast<coupon::v1::CampaignState>(99)), "unknown");
}

}  // namespace
}  // namespace coupond::ctl
