#include "api/change_methods.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <future>
#include <string>
#include <string_view>
#include <utility>

#include "api/json_service_fixture.h"
#include "coupon/v1/coupon_service.pb.h"
#include "rpc/connect/standard_details.h"
#include "support/builders.h"

namespace coupond::api {
namespace {

using test::At;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

/// Changes campaign 1.
class ChangeMethodsTest : public JsonServiceFixture {
 protected:
  coupon::v1::Campaign Get() { return GetCampaign().campaign(); }
};

TEST_F(ChangeMethodsTest, AnUpdateAnswersTheCampaignAsItIsThen) {
  const std::uint64_t created = Get().revision();
  const auto updated = Update(R"(,"name":" 여름 ","totalCoupons":20,"description":"a\nb",)"
                              R"("endTime":"2030-01-01T00:00:00Z",)"
                              R"("metadata":[{"key":"z"},{"key":"a","value":"1"}])");
  EXPECT_TRUE(updated.changed());
  EXPECT_EQ(updated.sequence(), created + 1);
  const coupon::v1::Campaign& campaign = updated.campaign();
  EXPECT_EQ(campaign.id(), id_);
  EXPECT_EQ(campaign.name(), "여름");
  EXPECT_EQ(campaign.total_coupons(), 20);
  EXPECT_EQ(campaign.description(), "a\nb");
  EXPECT_EQ(campaign.end_time().seconds(), 1'893'456'000);
  ASSERT_EQ(campaign.metadata_size(), 2);
  EXPECT_EQ(campaign.metadata(0).key(), "a");
  EXPECT_EQ(campaign.revision(), updated.sequence());
  EXPECT_EQ(campaign.state(), coupon::v1::CAMPAIGN_STATE_OPEN);
  EXPECT_EQ(campaign.ShortDebugString(), Get().ShortDebugString());

  const auto again = Update(R"(,"name":"여름","totalCoupons":20)");
  EXPECT_FALSE(again.changed());
  EXPECT_EQ(again.sequence(), updated.sequence());
  EXPECT_EQ(again.campaign().ShortDebugString(), campaign.ShortDebugString());
}

TEST_F(ChangeMethodsTest, AMaskRemovesWhatItNamesButIsNotSet) {
  const auto with_end = Update(R"(,"endTime":"2030-01-01T00:00:00Z","description":"text")");
  EXPECT_TRUE(with_end.campaign().has_end_time());
  const auto without = Update(R"(,"totalCoupons":20)", R"(,"updateMask":"endTime,description")");
  EXPECT_FALSE(without.campaign().has_end_time());
  EXPECT_EQ(without.campaign().description(), "");
  EXPECT_EQ(without.campaign().total_coupons(), 10) << "not named";
  const std::string error = BodyOf(SendUpdate("", R"(,"updateMask":"issuedCoupons")"), 400);
  EXPECT_THAT(error, HasSubstr("issued_coupons"));
}

TEST_F(ChangeMethodsTest, ARepeatedRequestIsAnsweredAsBefore) {
  const auto first = Update(R"(,"totalCoupons":20)", R"(,"requestId":"u1")");
  EXPECT_TRUE(first.changed());
  const auto later = Update(R"(,"totalCoupons":30)");
  Restart();
  const auto again = Update(R"(,"totalCoupons":20)", R"(,"requestId":"u1")");
  EXPECT_TRUE(again.changed());
  EXPECT_EQ(again.sequence(), first.sequence());
  EXPECT_EQ(again.campaign().ShortDebugString(), later.campaign().ShortDebugString())
      << "the campaign is as it is now";
  for (const Exchange& other :
       {SendUpdate(R"(,"totalCoupons":21)", R"(,"requestId":"u1")"),
        SendUpdate(R"(,"totalCoupons":20)", R"(,"requestId":"u1","ifRevision":"2")")}) {
    const connect::ReadDetails read = DetailsOf(other, 409);
    EXPECT_EQ(read.reason, "REQUEST_ID_REUSED");
    EXPECT_EQ(read.field, "request_id");
  }
  const http::HeaderField headers[] = {{"Content-Type", "application/json"},
                                       {"Idempotency-Key", "u1"}};
  const std::string body = R"({"campaign":{"totalCoupons":20,"id":")" + id_ + "\"}}";
  EXPECT_EQ(
      Read<coupon::v1::UpdateCampaignResponse>(Post("UpdateCampaign", body, headers)).sequence(),
      first.sequence());
}

TEST_F(ChangeMethodsTest, AChangeMayBeCheckedFirst) {
  const auto before = Get();
  const auto checked = Update(R"(,"totalCoupons":20)", R"(,"requestId":"u1","validateOnly":true)");
  EXPECT_TRUE(checked.changed());
  EXPECT_EQ(checked.campaign().ShortDebugString(), before.ShortDebugString());
  EXPECT_EQ(Get().ShortDebugString(), before.ShortDebugString());
  EXPECT_FALSE(Update(R"(,"totalCoupons":10)", R"(,"validateOnly":true)").changed());
  EXPECT_EQ(DetailsOf(SendUpdate(R"(,"totalCoupons":-1)", R"(,"validateOnly":true)"), 400).reason,
            "TOTAL_TOO_SMALL");
  const auto updated = Update(R"(,"totalCoupons":30)", R"(,"requestId":"u1")");
  EXPECT_EQ(updated.sequence(), checked.sequence() + 1) << "the request_id was not taken";
  const auto again = Update(R"(,"totalCoupons":30)", R"(,"requestId":"u1","validateOnly":true)");
  EXPECT_FALSE(again.changed()) << "what was carried out would change nothing now";
  EXPECT_EQ(again.sequence(), updated.sequence());
}

TEST_F(ChangeMethodsTest, TermsAboutCouponsChange) {
  const auto updated =
      Update(R"(,"couponsPerUser":3,"userRequired":true,"validDuration":"90s",)"
             R"("redeemStartTime":"2023-11-14T22:14:00Z","expireTime":"2024-01-01T00:00:00Z",)"
             R"("redeemByHolderOnly":true)")
          .campaign();
  EXPECT_EQ(updated.coupons_per_user(), 3);
  EXPECT_TRUE(updated.user_required());
  EXPECT_EQ(updated.valid_duration().seconds(), 90);
  EXPECT_EQ(updated.redeem_start_time().seconds(), 1'700'000'040);
  EXPECT_EQ(updated.expire_time().seconds(), 1'704'067'200);
  EXPECT_TRUE(updated.redeem_by_holder_only());
  const auto removed =
      Update("", R"(,"updateMask":"couponsPerUser,userRequired,validDuration,redeemStartTime,)"
                 R"(expireTime,redeemByHolderOnly")")
          .campaign();
  EXPECT_EQ(removed.coupons_per_user(), 1);
  EXPECT_FALSE(removed.user_required());
  EXPECT_FALSE(removed.has_valid_duration());
  EXPECT_FALSE(removed.has_redeem_start_time());
  EXPECT_FALSE(removed.has_expire_time());
  EXPECT_FALSE(removed.redeem_by_holder_only());
  const connect::ReadDetails read = DetailsOf(SendUpdate(R"(,"validDuration":"0s")"), 400);
  EXPECT_EQ(read.reason, "VALID_DURATION_OUT_OF_RANGE");
  EXPECT_EQ(read.field, "campaign.valid_duration");
}

TEST_F(ChangeMethodsTest, AStarReplacesAllTerms) {
  EXPECT_TRUE(Update(R"(,"description":"text","endTime":"2030-01-01T00:00:00Z")").changed());
  const auto replaced =
      Update(R"(,"name":"new","totalCoupons":5,"startTime":"2024-01-01T00:00:00Z")",
             R"(,"updateMask":"*")");
  EXPECT_EQ(replaced.campaign().description(), "");
  EXPECT_FALSE(replaced.campaign().has_end_time());
  EXPECT_EQ(replaced.campaign().state(), coupon::v1::CAMPAIGN_STATE_SCHEDULED);
}

TEST_F(ChangeMethodsTest, ACampaignMayBeSentBackAsItWasReceived) {
  coupon::v1::UpdateCampaignRequest request;
  *request.mutable_campaign() = Get();
  request.set_if_revision(request.campaign().revision());
  std::string body;
  ASSERT_TRUE(google::protobuf::util::MessageToJsonString(request, &body).ok());
  const http::HeaderField json{"Content-Type", "application/json"};
  EXPECT_FALSE(
      Read<coupon::v1::UpdateCampaignResponse>(Post("UpdateCampaign", body, {&json, 1})).changed());
}

TEST_F(ChangeMethodsTest, RefusalsHaveTheirCodes) {
  const std::uint64_t revision = Get().revision();
  EXPECT_TRUE(Issue().success());
  EXPECT_TRUE(Issue().success());
  const struct {
    Exchange exchange;
    int status;
    const char* code;
    const char* message;
  } rows[] = {
      {SendUpdate(R"(,"totalCoupons":1)"), 400, "failed_precondition", "total_coupons: below"},
      {SendUpdate(R"(,"startTime":"2024-01-01T00:00:00Z")"), 400, "failed_precondition",
       "start_time: cannot be changed"},
      {SendUpdate(R"(,"endTime":"2023-11-14T22:13:20Z")"), 400, "failed_precondition",
       "end_time: not after the start"},
      {SendUpdate(R"(,"endTime":"2200-01-01T00:00:00Z")"), 400, "invalid_argument",
       "end_time: too late"},
      {SendUpdate(R"(,"totalCoupons":100000001)"), 400, "invalid_argument",
       "total_coupons: too large"},
      {SendUpdate(R"(,"totalCoupons":9)",
                  R"(,"ifRevision":")" + std::to_string(revision - 1) + '"'),
       409, "aborted", "if_revision:"},
      {SendFor("PauseCampaign"), 400, "invalid_argument", "scope: missing"},
      {SendFor("PauseCampaign",
               R"(,"scope":"PAUSE_SCOPE_BOTH","reason":")" + std::string(129, 'x') + '"'),
       400, "invalid_argument", "reason: too long"},
  };
  for (const auto& row : rows) {
    EXPECT_THAT(BodyOf(row.exchange, row.status),
                AllOf(HasSubstr(R"("code":")" + std::string(row.code) + '"'),
                      HasSubstr(R"("message":")" + std::string(row.message))));
  }
}

TEST_F(ChangeMethodsTest, ErrorsNameTheFieldByItsPathInTheRequest) {
  const struct {
    Exchange exchange;
    const char* reason;
    const char* field;
  } rows[] = {
      {SendUpdate(R"(,"totalCoupons":100000001)"), "TOTAL_TOO_LARGE", "campaign.total_coupons"},
      {SendUpdate(R"(,"name":"a\u200bb")"), "FIELD_INVALID", "campaign.name"},
      {SendUpdate(R"(,"startTime":"x")"), "FIELD_INVALID", "campaign.start_time"},
      {SendUpdate("", R"(,"updateMask":"issuedCoupons")"), "FIELD_INVALID", "update_mask"},
      {SendUpdate("", R"(,"updateMask":"startTime")"), "START_TIME_MISSING", "campaign.start_time"},
      {SendUpdate(R"(,"totalCoupons":9)", R"(,"ifRevision":"99")"), "CHANGED_MEANWHILE",
       "if_revision"},
      {SendUpdate(R"(,"metadata":[{"value":"x"}])"), "FIELD_INVALID", "campaign.metadata"},
      {SendUpdate(R"(,"endTime":"2023-11-14T22:13:20Z")"), "END_TIME_NOT_AFTER_START",
       "campaign.end_time"},
      {SendUpdate("", R"(,"IfRevision":"99")"), "FIELD_UNKNOWN", "IfRevision"},
      {SendFor("PauseCampaign"), "FIELD_INVALID", "scope"},
      {SendFor("PauseCampaign", R"(,"scope":1,"reason":")" + std::string(129, 'x') + '"'),
       "REASON_TOO_LONG", "reason"},
      {SendFor("ListCoupons", R"(,"pageSize":-1)"), "FIELD_INVALID", "page_size"},
      {SendFor("ListCoupons", R"(,"pageToken":"x")"), "FIELD_INVALID", "page_token"},
  };
  for (const auto& row : rows) {
    ASSERT_TRUE(executor_.RunUntil([&] { return row.exchange->answered(); }));
    const std::string& error = row.exchange->response().body;
    const connect::ReadDetails read = connect::DetailsInJson(error);
    EXPECT_EQ(read.reason, row.reason) << error;
    EXPECT_EQ(read.domain, "coupond");
    EXPECT_EQ(read.field, row.field) << error;
    EXPECT_FALSE(read.description.empty());
    EXPECT_FALSE(read.retry_delay);
  }
}

TEST_F(ChangeMethodsTest, AnErrorTellsWhatTheCampaignHas) {
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(Issue().success());
  const auto below = DetailsOf(SendUpdate(R"(,"totalCoupons":2)"), 400);
  EXPECT_EQ(below.reason, "TOTAL_BELOW_ISSUED");
  EXPECT_EQ(below.description, "below the 3 coupons already issued; give at least 3");
  EXPECT_THAT(below.facts, ElementsAre(Pair("issued", "3")));
  const auto revision = std::to_string(Update(R"(,"totalCoupons":3)").campaign().revision());
  const auto changed = DetailsOf(SendUpdate(R"(,"totalCoupons":9)", R"(,"ifRevision":"1")"), 409);
  EXPECT_EQ(changed.reason, "CHANGED_MEANWHILE");
  EXPECT_THAT(changed.facts, ElementsAre(Pair("revision", revision)));
  EXPECT_TRUE(Update(R"(,"totalCoupons":9)", R"(,"ifRevision":")" + revision + '"').changed());
}

TEST_F(ChangeMethodsTest, AnUnknownCampaignIsTheFaultOfItsId) {
  EXPECT_TRUE(Read<coupon::v1::DeleteCampaignResponse>(SendFor("DeleteCampaign")).success());
  for (const auto& [exchange, field] :
       {std::pair{SendUpdate(R"(,"totalCoupons":20)"), "campaign.id"},
        {SendFor("PauseCampaign", R"(,"scope":1)"), "campaign_id"},
        {SendFor("GetCampaignStatus"), "campaign_id"}}) {
    const connect::ReadDetails read = connect::DetailsInJson(BodyOf(exchange, 404));
    EXPECT_EQ(read.reason, "NO_SUCH_CAMPAIGN");
    EXPECT_EQ(read.field, field);
    EXPECT_EQ(read.description, "there is no such campaign");
  }
}

TEST_F(ChangeMethodsTest, UnknownCampaignsAreNotFound) {
  EXPECT_TRUE(Read<coupon::v1::DeleteCampaignResponse>(SendFor("DeleteCampaign")).success());
  for (const Exchange& exchange :
       {SendUpdate(R"(,"totalCoupons":20)"), SendFor("PauseCampaign", R"(,"scope":1)"),
        SendFor("ResumeCampaign", R"(,"scope":1)"), SendFor("ArchiveCampaign"),
        SendFor("UnarchiveCampaign"), SendFor("GetCampaignStatus")}) {
    EXPECT_THAT(BodyOf(exchange, 404), HasSubstr("there is no such campaign"));
  }
}

TEST_F(ChangeMethodsTest, APausedCampaignIssuesNothing) {
  const auto paused = Read<coupon::v1::PauseCampaignResponse>(
      SendFor("PauseCampaign", R"(,"scope":"PAUSE_SCOPE_ISSUING","reason":"too many")"));
  EXPECT_TRUE(paused.changed());
  EXPECT_TRUE(paused.campaign().issuing_paused());
  EXPECT_FALSE(paused.campaign().redeeming_paused());
  EXPECT_EQ(paused.campaign().state(), coupon::v1::CAMPAIGN_STATE_PAUSED);
  const auto refused = Issue();
  EXPECT_FALSE(refused.success());
  EXPECT_EQ(refused.refusal(), coupon::v1::REFUSAL_PAUSED);
  EXPECT_EQ(refused.sequence(), paused.sequence());
  EXPECT_GE(refused.retry_ms(), 1'000);
  EXPECT_TRUE(refused.has_server_time());

  const auto again = Read<coupon::v1::PauseCampaignResponse>(
      SendFor("PauseCampaign", R"(,"scope":"PAUSE_SCOPE_ISSUING")"));
  EXPECT_FALSE(again.changed());
  EXPECT_EQ(again.sequence(), paused.sequence());
  const auto both = Read<coupon::v1::PauseCampaignResponse>(
      SendFor("PauseCampaign", R"(,"scope":"PAUSE_SCOPE_BOTH")"));
  EXPECT_TRUE(both.changed());
  EXPECT_TRUE(both.campaign().redeeming_paused());

  const auto resumed = Read<coupon::v1::ResumeCampaignResponse>(
      SendFor("ResumeCampaign", R"(,"scope":"PAUSE_SCOPE_ISSUING")"));
  EXPECT_TRUE(resumed.changed());
  EXPECT_FALSE(resumed.campaign().issuing_paused());
  EXPECT_TRUE(resumed.campaign().redeeming_paused());
  EXPECT_TRUE(Issue().success());
}

TEST_F(ChangeMethodsTest, AnArchivedCampaignIsOverAndHidden) {
  const auto list = [&](std::string_view more) {
    const http::HeaderField json{"Content-Type", "application/json"};
    return Read<coupon::v1::ListCampaignsResponse>(
        Post("ListCampaigns", "{" + std::string(more) + "}", {&json, 1}));
  };
  EXPECT_EQ(list("").campaigns_size(), 1);
  clock_.Set(At(5));
  const auto archived = Read<coupon::v1::ArchiveCampaignResponse>(SendFor("ArchiveCampaign"));
  EXPECT_TRUE(archived.changed());
  EXPECT_EQ(archived.campaign().state(), coupon::v1::CAMPAIGN_STATE_ARCHIVED);
  EXPECT_EQ(list("").campaigns_size(), 0);
  ASSERT_EQ(list(R"("showArchived":true)").campaigns_size(), 1);
  EXPECT_EQ(list(R"("showArchived":true)").campaigns(0).id(), id_);
  EXPECT_TRUE(Get().has_archived_at());
  const auto refused = Issue();
  EXPECT_EQ(refused.refusal(), coupon::v1::REFUSAL_ENDED);
  EXPECT_EQ(refused.end_time().seconds(), At(5).unix_nanoseconds() / 1'000'000'000);
  for (const Exchange& exchange :
       {SendUpdate(R"(,"totalCoupons":20)"), SendFor("PauseCampaign", R"(,"scope":1)"),
        SendFor("ResumeCampaign", R"(,"scope":1)")}) {
    EXPECT_THAT(BodyOf(exchange, 400), HasSubstr(R"("code":"failed_precondition")"));
  }
  EXPECT_FALSE(Read<coupon::v1::ArchiveCampaignResponse>(SendFor("ArchiveCampaign")).changed());

  const auto back = Read<coupon::v1::UnarchiveCampaignResponse>(SendFor("UnarchiveCampaign"));
  EXPECT_TRUE(back.changed());
  EXPECT_FALSE(back.campaign().has_archived_at());
  EXPECT_FALSE(Read<coupon::v1::UnarchiveCampaignResponse>(SendFor("UnarchiveCampaign")).changed());
  EXPECT_EQ(list("").campaigns_size(), 1);
  EXPECT_TRUE(Issue().success());
}

TEST_F(ChangeMethodsTest, AnEndedCampaignIsReopenedByALaterEnd) {
  EXPECT_TRUE(Update(R"(,"endTime":"2023-11-14T22:13:30Z")").changed());
  clock_.Set(At(10));
  const auto refused = Issue();
  EXPECT_EQ(refused.refusal(), coupon::v1::REFUSAL_ENDED);
  EXPECT_EQ(refused.end_time().seconds(), At(10).unix_nanoseconds() / 1'000'000'000);
  EXPECT_FALSE(refused.has_retry_ms());
  EXPECT_EQ(Get().state(), coupon::v1::CAMPAIGN_STATE_ENDED);
  EXPECT_EQ(Update("", R"(,"updateMask":"endTime")").campaign().state(),
            coupon::v1::CAMPAIGN_STATE_OPEN);
  EXPECT_TRUE(Issue().success());
}

TEST_F(ChangeMethodsTest, ATotalMayCloseACampaignAndOpenItAgain) {
  const std::string first = Issue().coupon().code();
  clock_.Set(At(5));
  const auto closed = Update(R"(,"totalCoupons":1)");
  EXPECT_EQ(closed.campaign().state(), coupon::v1::CAMPAIGN_STATE_SOLD_OUT);
  EXPECT_EQ(closed.campaign().sold_out_at().seconds(), At(5).unix_nanoseconds() / 1'000'000'000);
  clock_.Set(At(6));
  const auto refused = Issue();
  EXPECT_EQ(refused.refusal(), coupon::v1::REFUSAL_SOLD_OUT);
  EXPECT_EQ(refused.sold_out_at().seconds(), At(5).unix_nanoseconds() / 1'000'000'000);
  const auto open = Update(R"(,"totalCoupons":2)");
  EXPECT_EQ(open.campaign().state(), coupon::v1::CAMPAIGN_STATE_OPEN);
  EXPECT_FALSE(open.campaign().has_sold_out_at());
  const auto issued = Issue();
  EXPECT_TRUE(issued.success());
  EXPECT_NE(issued.coupon().code(), first);
}

TEST_F(ChangeMethodsTest, ACampaignThatIsDeletedMeanwhileIsNotShown) {
  // Both in one group, so that the campaign is gone before it can be read.
  log_.HoldSyncs();
  const Exchange other = SendFor("IssueCoupon");
  log_.WaitUntilHeld();
  const Exchange updated = SendUpdate(R"(,"totalCoupons":20)");
  const Exchange deleted = SendFor("DeleteCampaign");
  log_.ReleaseSyncs();
  const auto response = Read<coupon::v1::UpdateCampaignResponse>(updated);
  EXPECT_TRUE(response.changed());
  EXPECT_GT(response.sequence(), 0U);
  EXPECT_FALSE(response.has_campaign());
  EXPECT_TRUE(Read<coupon::v1::DeleteCampaignResponse>(deleted).success());
}

TEST_F(ChangeMethodsTest, AChangeIsAnsweredAlthoughTheQueriesAreFull) {
  std::promise<void> end = FillQueries();
  const auto paused = Read<coupon::v1::PauseCampaignResponse>(
      SendFor("PauseCampaign", R"(,"scope":"PAUSE_SCOPE_BOTH")"));
  EXPECT_TRUE(paused.changed());
  EXPECT_GT(paused.sequence(), 0U);
  EXPECT_FALSE(paused.has_campaign());
  end.set_value();
}

TEST_F(ChangeMethodsTest, CreateCampaignAnswersWithAllTerms) {
  const http::HeaderField json{"Content-Type", "application/json"};
  const auto created = Read<coupon::v1::CreateCampaignResponse>(
      Post("CreateCampaign",
           R"({"name":"two","totalCoupons":5,"startIn":"60s","endTime":"2030-01-01T00:00:00Z",)"
           R"("description":"text","metadata":[{"key":"k","value":"v"}]})",
           {&json, 1}));
  EXPECT_EQ(created.campaign().revision(), created.sequence());
  EXPECT_EQ(created.campaign().state(), coupon::v1::CAMPAIGN_STATE_SCHEDULED);
  const std::string body = R"({"campaignId":")" + created.campaign().id() + R"("})";
  const auto got =
      Read<coupon::v1::GetCampaignResponse>(Post("GetCampaign", body, {&json, 1})).campaign();
  EXPECT_EQ(created.campaign().ShortDebugString(), got.ShortDebugString());
  EXPECT_EQ(got.metadata_size(), 1);
}

}  // namespace
}  // namespace coupond::api
