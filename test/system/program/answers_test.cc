#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "system/program/coupon_client.h"
#include "system/program/server_process.h"

// Requests and their exact answers, in every form of the API.
namespace coupond::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr UnixNanoseconds kSecond = 1'000'000'000;
constexpr const char* kUnknownId = "123e4567-e89b-42d3-a456-426614174000";
constexpr int kBadRequest = 400;
constexpr int kNotFound = 404;
constexpr int kConflict = 409;

class AnswersTest : public testing::TestWithParam<Form> {
 protected:
  std::string CreateFuture(const std::string& name) {
    const auto created = client_.Create(name, 5, Now() + 3'600 * kSecond);
    EXPECT_TRUE(created.ok()) << created.message;
    return created.response.campaign().id();
  }
  /// Sends a body that the client itself would not send.
  HttpReply PostJson(const std::string& method, const std::string& body) {
    auto reply =
        client_.http().Ask(PostRequest(PathOf(GetParam(), method), "application/json", body));
    return reply ? *std::move(reply) : HttpReply{};
  }

  ServerProcess server_;
  CouponClient client_{server_.port(), GetParam()};
};

TEST_P(AnswersTest, ACampaignIsCreatedAsRequested) {
  const UnixNanoseconds before = Now();
  const UnixNanoseconds start = before + 60 * kSecond + 123'456'789;
  const auto created = client_.Create("설날 한정", 100'000'000, start);
  ASSERT_TRUE(created.ok()) << created.message;
  const api::Campaign& campaign = created.response.campaign();
  EXPECT_EQ(campaign.id().size(), 36U);
  EXPECT_EQ(campaign.name(), "설날 한정");
  EXPECT_EQ(campaign.total_coupons(), 100'000'000);
  EXPECT_EQ(campaign.issued_coupons(), 0);
  EXPECT_EQ(NanosecondsOf(campaign.start_time()), start);
  EXPECT_GE(NanosecondsOf(campaign.created_at()), before);
  EXPECT_LE(NanosecondsOf(campaign.created_at()), Now());

  const auto got = client_.Get(campaign.id());
  EXPECT_EQ(got.response.campaign().ShortDebugString(), campaign.ShortDebugString());
  EXPECT_EQ(got.response.coupons_size(), 0);
}

TEST_P(AnswersTest, AnInvalidCampaignIsRefusedByField) {
  const UnixNanoseconds start = Now() + 60 * kSecond;
  const std::string name_of_200 = [] {
    std::string name;
    for (int i = 0; i < 200; ++i) name += "쿠";
    return name;
  }();
  const struct {
    std::string name;
    std::int32_t total;
    std::optional<UnixNanoseconds> start;
    const char* field;
  } rows[] = {
      {"", 10, start, "name:"},
      {std::string(300, 'x'), 10, start, "name:"},
      {name_of_200 + "!", 10, start, "name:"},
      {"a", 0, start, "total_coupons:"},
      {"a", -1, start, "total_coupons:"},
      {"a", 100'000'001, start, "total_coupons:"},
      {"a", 10, {}, "start_time:"},
      {"a", 10, Now() - kSecond, "start_time:"},
      {"a", 10, 0, "start_time:"},
      {"a", 10, 7'258'118'400 * kSecond, "start_time:"},
  };
  for (const auto& row : rows) {
    const auto answer = client_.Create(row.name, row.total, row.start);
    EXPECT_EQ(answer.status, kBadRequest) << row.field;
    EXPECT_EQ(answer.code, "invalid_argument");
    EXPECT_THAT(answer.message, StartsWith(row.field));
  }
  EXPECT_TRUE(client_.Create(name_of_200, 10, start).ok()) << "200 characters are no more than 200";
}

TEST_P(AnswersTest, ANameInUseIsRefusedUntilItsCampaignIsDeleted) {
  const std::string first = CreateFuture("spring");
  const auto second = client_.Create("spring", 5, Now() + 60 * kSecond);
  EXPECT_EQ(second.status, kConflict);
  EXPECT_EQ(second.code, "already_exists");
  EXPECT_THAT(second.message, StartsWith("name:"));

  const auto deleted = client_.Delete("", "spring");
  ASSERT_TRUE(deleted.ok());
  EXPECT_TRUE(deleted.response.success());
  EXPECT_FALSE(deleted.response.has_refusal());
  EXPECT_NE(CreateFuture("spring"), first);
}

TEST_P(AnswersTest, UnknownAndDeletedCampaignsAreNotFound) {
  const std::string deleted = client_.CreateStarted("gone", 5);
  EXPECT_TRUE(client_.Issue(deleted).response.success());
  EXPECT_TRUE(client_.Delete(deleted).response.success());
  for (const std::string& id : {std::string(kUnknownId), deleted, std::string("no id at all")}) {
    const auto got = client_.Get(id);
    EXPECT_EQ(got.status, kNotFound) << id;
    EXPECT_EQ(got.code, "not_found");
    const auto issued = client_.Issue(id);
    EXPECT_EQ(issued.status, kNotFound) << id;
    EXPECT_EQ(issued.code, "not_found");
    EXPECT_THAT(issued.message, HasSubstr("there is no such campaign"));
  }
}

TEST_P(AnswersTest, AnIssueBeforeTheStartNamesTheStart) {
  const UnixNanoseconds start = Now() + 3'600 * kSecond + 1;
  const auto created = client_.Create("later", 5, start);
  const auto answer = client_.Issue(created.response.campaign().id());
  EXPECT_EQ(answer.status, 200);
  EXPECT_FALSE(answer.response.success());
  EXPECT_FALSE(answer.response.has_coupon());
  EXPECT_EQ(answer.response.error(), "campaign has not started yet");
  EXPECT_EQ(answer.response.refusal(), api::REFUSAL_NOT_STARTED);
  EXPECT_EQ(NanosecondsOf(answer.response.start_time()), start);
  EXPECT_GT(answer.response.wait_ms(), 3'500'000);
  EXPECT_LE(answer.response.wait_ms(), 3'600'001);
}

TEST_P(AnswersTest, AnIssueAfterTheLastCouponIsRefused) {
  const std::string campaign = client_.CreateStarted("small", 1);
  const auto issued = client_.Issue(campaign);
  ASSERT_TRUE(issued.ok() && issued.response.success()) << issued.raw_body;
  EXPECT_EQ(issued.response.coupon().campaign_id(), campaign);
  EXPECT_FALSE(issued.response.has_error());
  EXPECT_FALSE(issued.response.has_refusal());
  EXPECT_FALSE(issued.response.already_issued());

  const auto refused = client_.Issue(campaign);
  EXPECT_EQ(refused.status, 200);
  EXPECT_FALSE(refused.response.success());
  EXPECT_FALSE(refused.response.has_coupon());
  EXPECT_EQ(refused.response.error(), "no more coupons available");
  EXPECT_EQ(refused.response.refusal(), api::REFUSAL_SOLD_OUT);
  EXPECT_FALSE(refused.response.has_wait_ms());
}

TEST_P(AnswersTest, AStatusHasTheFiguresOfACampaign) {
  const UnixNanoseconds before = Now();
  const std::string campaign = client_.CreateStarted("small", 2);
  const auto issued = client_.Issue(campaign);
  for (int again = 0; again < 2; ++again) {
    const auto answer = client_.Status(campaign);
    ASSERT_TRUE(answer.ok()) << answer.message;
    const api::GetCampaignStatusResponse& status = answer.response;
    EXPECT_EQ(status.campaign_id(), campaign);
    EXPECT_EQ(status.state(), api::CAMPAIGN_STATE_OPEN);
    EXPECT_EQ(status.total_coupons(), 2);
    EXPECT_EQ(status.issued_coupons(), 1);
    EXPECT_GE(NanosecondsOf(status.start_time()), before);
    EXPECT_GE(NanosecondsOf(status.server_time()), NanosecondsOf(status.start_time()));
    EXPECT_LE(NanosecondsOf(status.server_time()), Now());
    EXPECT_FALSE(status.has_end_time());
    EXPECT_FALSE(status.has_sold_out_at());
    EXPECT_EQ(status.sequence(), issued.response.sequence());
  }
  EXPECT_TRUE(client_.Issue(campaign).response.success());
  EXPECT_EQ(client_.Status(campaign).response.state(), api::CAMPAIGN_STATE_SOLD_OUT);
  EXPECT_TRUE(client_.Status(campaign).response.has_sold_out_at());
  EXPECT_EQ(client_.Status(kUnknownId).code, "not_found");
  EXPECT_EQ(client_.Status("").code, "invalid_argument");
}

TEST_P(AnswersTest, DeletingAnUnknownCampaignIsNoError) {
  const std::string there = CreateFuture("there");
  const struct {
    const char* id;
    const char* name;
  } rows[] = {{kUnknownId, ""}, {"no id at all", ""}, {"", "nobody"}, {there.c_str(), "nobody"}};
  for (const auto& row : rows) {
    const auto answer = client_.Delete(row.id, row.name);
    EXPECT_EQ(answer.status, 200);
    EXPECT_FALSE(answer.response.success());
    EXPECT_EQ(answer.response.message(), "No such campaign exists");
    EXPECT_EQ(answer.response.refusal(), api::REFUSAL_NO_SUCH_CAMPAIGN);
  }
  EXPECT_TRUE(client_.Get(there).ok());
  EXPECT_TRUE(client_.Delete(there, "there").response.success());
  EXPECT_FALSE(client_.Delete(there).response.success());
  EXPECT_EQ(client_.Delete("", "").code, "invalid_argument");
}

TEST_P(AnswersTest, MissingIdsAreInvalid) {
  EXPECT_EQ(client_.Get("").code, "invalid_argument");
  EXPECT_EQ(client_.Issue("").code, "invalid_argument");
  EXPECT_THAT(client_.Issue("").message, StartsWith("campaign_id:"));
}

TEST_P(AnswersTest, TextsThatAreTooLongAreRefusedByField) {
  const std::string campaign = client_.CreateStarted("claims", 5);
  const auto user = client_.IssueForUser(campaign, std::string(129, 'u'));
  EXPECT_EQ(user.status, kBadRequest);
  EXPECT_EQ(user.code, "invalid_argument");
  EXPECT_THAT(user.message, StartsWith("user_id:"));
  const auto request = client_.IssueForRequest(campaign, std::string(65, 'r'));
  EXPECT_EQ(request.status, kBadRequest);
  EXPECT_EQ(request.code, "invalid_argument");
  EXPECT_THAT(request.message, StartsWith("request_id:"));
  EXPECT_TRUE(client_.IssueForUser(campaign, std::string(128, 'u')).response.success());
  EXPECT_TRUE(client_.IssueForRequest(campaign, std::string(64, 'r')).response.success());
}

TEST_P(AnswersTest, CodesAreNeverReused) {
  std::set<std::string> codes;
  for (int round = 0; round < 3; ++round) {
    const std::string campaign = client_.CreateStarted("again and again", 20);
    for (int i = 0; i < 20; ++i) {
      const auto issued = client_.Issue(campaign);
      ASSERT_TRUE(issued.response.success()) << issued.raw_body;
      EXPECT_TRUE(codes.insert(issued.response.coupon().code()).second);
    }
    EXPECT_TRUE(client_.Delete("", "again and again").response.success());
    server_.Kill();
    server_.Start();
    client_ = CouponClient(server_.port(), GetParam());
  }
}

INSTANTIATE_TEST_SUITE_P(Forms, AnswersTest,
                         testing::Values(Form::kConnectJson, Form::kConnectProto, Form::kShortJson),
                         NameOfForm);

using JsonAnswersTest = AnswersTest;

TEST_P(JsonAnswersTest, RequestsMayUseEitherNameOfAField) {
  for (const char* body :
       {R"({"name":"camel","totalCoupons":2,"startTime":"2199-12-31T23:59:59.999999999Z"})",
        R"({"name":"snake","total_coupons":2,"start_time":"2199-12-31T23:59:59.999999999Z"})"}) {
    const HttpReply reply = PostJson("CreateCampaign", body);
    EXPECT_EQ(reply.status, 200) << reply.body;
    EXPECT_THAT(reply.body, HasSubstr(R"("totalCoupons":2)"));
    EXPECT_THAT(reply.body, HasSubstr(R"("startTime":"2199-12-31T23:59:59.999999999Z")"));
    EXPECT_THAT(reply.body, HasSubstr(R"("createdAt":")"));
  }
  const std::string campaign = client_.CreateStarted("claims", 5);
  EXPECT_EQ(PostJson("IssueCoupon", R"({"campaignId":")" + campaign + R"("})").status, 200);
  EXPECT_EQ(PostJson("IssueCoupon", R"({"campaign_id":")" + campaign + R"("})").status, 200);
  EXPECT_EQ(client_.Codes(campaign).size(), 2U);
}

TEST_P(JsonAnswersTest, AStartTimeMayHaveAnOffset) {
  const HttpReply reply = PostJson(
      "CreateCampaign",
      R"({"name":"Seoul","totalCoupons":2,"startTime":"2100-01-01T00:30:00.000000001+09:00"})");
  EXPECT_EQ(reply.status, 200) << reply.body;
  EXPECT_THAT(reply.body, HasSubstr(R"("startTime":"2099-12-31T15:30:00.000000001Z")"));
}

TEST_P(JsonAnswersTest, RefusalsReadAsTheApiSays) {
  const std::string campaign = client_.CreateStarted("small", 1);
  EXPECT_TRUE(client_.Issue(campaign).response.success());
  const HttpReply sold_out = PostJson("IssueCoupon", R"({"campaignId":")" + campaign + R"("})");
  EXPECT_EQ(sold_out.status, 200);
  EXPECT_THAT(sold_out.body, HasSubstr(R"("error":"no more coupons available")"));
  EXPECT_THAT(sold_out.body, HasSubstr(R"("refusal":"REFUSAL_SOLD_OUT")"));
  const HttpReply nothing = PostJson("DeleteCampaign", R"({"campaignName":"nobody"})");
  EXPECT_EQ(nothing.status, 200);
  EXPECT_THAT(nothing.body, HasSubstr(R"("message":"No such campaign exists")"));
}

INSTANTIATE_TEST_SUITE_P(Forms, JsonAnswersTest,
                         testing::Values(Form::kConnectJson, Form::kShortJson), NameOfForm);

/// Calls the short route and parses the JSON, which has the campaign's fields at the top level.
TEST(ShortRoutes, CreateCampaignAnswersTheCampaignItself) {
  const ServerProcess server;
  HttpClient http(server.port());
  const auto reply = http.Ask(
      PostRequest("/CreateCampaign", "application/json",
                  R"({"name":"short","coupon_count":7,"start_time":"2100-01-01T09:00:00+09:00"})"));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 200);
  for (const char* field : {R"({"id":")", R"("name":"short")", R"("totalCoupons":7)",
                            R"("startTime":"2100-01-01T00:00:00Z")", R"("createdAt":")"}) {
    EXPECT_THAT(reply->body, HasSubstr(field));
  }
  const auto both = http.Ask(PostRequest(
      "/CreateCampaign", "application/json",
      R"({"name":"b","couponCount":7,"totalCoupons":8,"startTime":"2100-01-01T00:00:00Z"})"));
  ASSERT_TRUE(both);
  EXPECT_EQ(both->status, kBadRequest);
  const auto none = http.Ask(PostRequest("/CreateCampaign", "application/json",
                                         R"({"name":"b","startTime":"2100-01-01T00:00:00Z"})"));
  ASSERT_TRUE(none);
  EXPECT_EQ(none->status, kBadRequest);
  EXPECT_THAT(none->body, HasSubstr("total_coupons:"));
}

}  // namespace
}  // namespace coupond::test
