#include <gtest/gtest.h>

#include <initializer_list>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "system/program/coupon_client.h"
#include "system/program/server_process.h"

// A campaign that operators change while it runs, on a server that is killed after each change.
namespace coupond::test {
namespace {

class CampaignLifeTest : public testing::TestWithParam<Form> {
 protected:
  void KillAndRestart() {
    server_.Kill();
    server_.Start();
    client_ = CouponClient(server_.port(), GetParam());
  }
  /// Changes these terms of the campaign to those in `terms`.
  Answer<api::UpdateCampaignResponse> Update(api::Campaign terms,
                                             std::initializer_list<const char*> names) {
    api::UpdateCampaignRequest request;
    terms.set_id(campaign_);
    *request.mutable_campaign() = std::move(terms);
    for (const char* name : names) request.mutable_update_mask()->add_paths(name);
    return client_.Update(request);
  }
  Answer<api::UpdateCampaignResponse> SetTotal(std::int32_t total) {
    api::Campaign terms;
    terms.set_total_coupons(total);
    return Update(std::move(terms), {"total_coupons"});
  }
  /// Issues a coupon, whose code must be new.
  void Issue() {
    const auto issued = client_.Issue(campaign_);
    ASSERT_TRUE(issued.ok() && issued.response.success()) << issued.raw_body;
    codes_.push_back(issued.response.coupon().code());
    EXPECT_TRUE(distinct_.insert(codes_.back()).second) << codes_.back();
  }
  void ExpectRefused(api::Refusal refusal) {
    const auto refused = client_.Issue(campaign_);
    EXPECT_FALSE(refused.response.success());
    EXPECT_EQ(refused.response.refusal(), refusal) << refused.raw_body;
    EXPECT_TRUE(refused.response.has_server_time());
  }
  /// Checks that the campaign has this state, and still has it after a crash.
  void ExpectState(api::CampaignState state) {
    for (int restarts = 0; restarts < 2; ++restarts) {
      const api::Campaign campaign = client_.Get(campaign_).response.campaign();
      EXPECT_EQ(campaign.state(), state);
      EXPECT_EQ(client_.Status(campaign_).response.state(), state);
      if (restarts == 0) {
        KillAndRestart();
        EXPECT_EQ(client_.Get(campaign_).response.campaign().ShortDebugString(),
                  campaign.ShortDebugString());
      }
    }
  }

  ServerProcess server_;
  CouponClient client_{server_.port(), GetParam()};
  std::string campaign_ = client_.CreateStarted("life", 3);
  std::vector<std::string> codes_;
  std::set<std::string> distinct_;
};

TEST_P(CampaignLifeTest, APauseLastsUntilItIsResumed) {
  const auto held = client_.IssueForUser(campaign_, "minji");
  EXPECT_TRUE(client_.Pause(campaign_, api::PAUSE_SCOPE_BOTH).response.changed());
  ExpectState(api::CAMPAIGN_STATE_PAUSED);
  ExpectRefused(api::REFUSAL_PAUSED);
  const auto again = client_.IssueForUser(campaign_, "minji");
  EXPECT_TRUE(again.response.already_issued());
  EXPECT_EQ(again.response.coupon().code(), held.response.coupon().code());
  EXPECT_FALSE(client_.Pause(campaign_, api::PAUSE_SCOPE_ISSUING).response.changed());
  EXPECT_TRUE(client_.Resume(campaign_, api::PAUSE_SCOPE_ISSUING).response.changed());
  ExpectState(api::CAMPAIGN_STATE_OPEN);
  EXPECT_TRUE(client_.Get(campaign_).response.campaign().redeeming_paused());
  Issue();
}

TEST_P(CampaignLifeTest, ATotalGoesUpAndDownAndCodesStayNew) {
  for (int i = 0; i < 3; ++i) Issue();
  ExpectState(api::CAMPAIGN_STATE_SOLD_OUT);
  ExpectRefused(api::REFUSAL_SOLD_OUT);
  // Another campaign's serials come between the first three and those that are added.
  const std::string other = client_.CreateStarted("other", 5);
  for (int i = 0; i < 5; ++i) {
    distinct_.insert(client_.Issue(other).response.coupon().code());
  }
  EXPECT_EQ(distinct_.size(), 8U);
  EXPECT_TRUE(SetTotal(10).response.changed());
  ExpectState(api::CAMPAIGN_STATE_OPEN);
  for (int i = 0; i < 2; ++i) Issue();

  const auto below = SetTotal(4);
  EXPECT_EQ(below.code, "failed_precondition");
  ASSERT_TRUE(below.refusal);
  EXPECT_EQ(below.refusal->refusal(), api::REFUSAL_TOTAL_BELOW_ISSUED);
  EXPECT_EQ(below.facts.at("issued"), "5");
  EXPECT_TRUE(SetTotal(5).response.changed());
  ExpectState(api::CAMPAIGN_STATE_SOLD_OUT);
  ExpectRefused(api::REFUSAL_SOLD_OUT);
  EXPECT_TRUE(SetTotal(12).response.changed());
  ExpectState(api::CAMPAIGN_STATE_OPEN);
  for (int i = 0; i < 7; ++i) Issue();
  ExpectState(api::CAMPAIGN_STATE_SOLD_OUT);
  EXPECT_EQ(client_.Codes(campaign_), codes_);
  EXPECT_EQ(codes_.size(), 12U);
}

TEST_P(CampaignLifeTest, AnArchivedCampaignIsHiddenUntilItIsBack) {
  const auto held = client_.IssueForUser(campaign_, "minji");
  EXPECT_TRUE(client_.Archive(campaign_).response.changed());
  ExpectState(api::CAMPAIGN_STATE_ARCHIVED);
  ExpectRefused(api::REFUSAL_ENDED);
  EXPECT_EQ(client_.ListCampaigns(0, "").response.campaigns_size(), 0);
  EXPECT_EQ(client_.ListCampaigns(0, "", /*show_archived=*/true).response.campaigns_size(), 1);
  EXPECT_EQ(client_.Create("life", 1, Now() + 60'000'000'000).code, "already_exists");
  EXPECT_EQ(client_.IssueForUser(campaign_, "minji").response.coupon().code(),
            held.response.coupon().code());
  const auto updated = SetTotal(5);
  EXPECT_EQ(updated.code, "failed_precondition");
  ASSERT_TRUE(updated.refusal) << updated.raw_body;
  EXPECT_EQ(updated.refusal->refusal(), api::REFUSAL_CAMPAIGN_ARCHIVED);
  EXPECT_TRUE(client_.Unarchive(campaign_).response.changed());
  ExpectState(api::CAMPAIGN_STATE_OPEN);
  EXPECT_EQ(client_.ListCampaigns(0, "").response.campaigns_size(), 1);
  Issue();
}

TEST_P(CampaignLifeTest, AnEndedCampaignIsReopenedByRemovingItsEnd) {
  Issue();
  api::Campaign terms;
  *terms.mutable_end_time() = TimestampOf(Now());
  const auto ended = Update(terms, {"end_time"});
  ASSERT_TRUE(ended.response.changed()) << ended.raw_body;
  EXPECT_EQ(ended.response.campaign().state(), api::CAMPAIGN_STATE_ENDED);
  ExpectState(api::CAMPAIGN_STATE_ENDED);
  ExpectRefused(api::REFUSAL_ENDED);
  EXPECT_EQ(NanosecondsOf(client_.Issue(campaign_).response.end_time()),
            NanosecondsOf(terms.end_time()));
  EXPECT_TRUE(Update({}, {"end_time"}).response.changed());
  ExpectState(api::CAMPAIGN_STATE_OPEN);
  Issue();
}

TEST_P(CampaignLifeTest, TermsChangeTogetherUnlessSomebodyWasFaster) {
  const std::uint64_t created = client_.Get(campaign_).response.campaign().revision();
  api::UpdateCampaignRequest request;
  request.mutable_campaign()->set_id(campaign_);
  request.mutable_campaign()->set_name("second life");
  request.mutable_campaign()->set_description("one\ntwo");
  request.mutable_campaign()->add_metadata()->set_key("order");
  request.set_if_revision(created);
  const auto updated = client_.Update(request);
  ASSERT_TRUE(updated.response.changed()) << updated.raw_body;
  EXPECT_EQ(updated.response.campaign().revision(), updated.response.sequence());
  ExpectState(api::CAMPAIGN_STATE_OPEN);
  const api::Campaign campaign = client_.Get(campaign_).response.campaign();
  EXPECT_EQ(campaign.name(), "second life");
  EXPECT_EQ(campaign.description(), "one\ntwo");
  EXPECT_EQ(campaign.metadata_size(), 1);
  EXPECT_EQ(campaign.total_coupons(), 3);

  request.mutable_campaign()->set_name("third life");
  const auto late = client_.Update(request);
  EXPECT_EQ(late.code, "aborted");
  ASSERT_TRUE(late.refusal) << late.raw_body;
  EXPECT_EQ(late.refusal->refusal(), api::REFUSAL_CHANGED_MEANWHILE);
  EXPECT_EQ(late.facts.at("revision"), std::to_string(updated.response.sequence()));
  EXPECT_TRUE(client_.Create("life", 1, Now() + 60'000'000'000).ok()) << "the old name is free";
}

INSTANTIATE_TEST_SUITE_P(Forms, CampaignLifeTest,
                         testing::Values(Form::kConnectJson, Form::kConnectProto), NameOfForm);

}  // namespace
}  // namespace coupond::test
