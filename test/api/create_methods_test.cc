#include "api/create_methods.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/json_service_fixture.h"
#include "coupon/v1/coupon_service.pb.h"
#include "support/builders.h"

namespace coupond::api {
namespace {

using test::At;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// Creates campaigns beside campaign 1.
class CreateMethodsTest : public JsonServiceFixture {
 protected:
  static std::string Body(std::string_view more, std::string_view name = "two",
                          int total_coupons = 5) {
    return R"({"name":")" + std::string(name) + R"(","totalCoupons":)" +
           std::to_string(total_coupons) + R"(,"startTime":"2023-11-14T22:13:20Z")" +
           std::string(more) + "}";
  }
  Exchange SendCreate(std::string_view more, std::string_view name = "two", int total_coupons = 5) {
    return SendJson("CreateCampaign", Body(more, name, total_coupons));
  }
  coupon::v1::CreateCampaignResponse Create(std::string_view more, std::string_view name = "two") {
    return Read<coupon::v1::CreateCampaignResponse>(SendCreate(more, name));
  }
  /// Sends a request to the short route.
  Exchange SendShort(std::string_view body, std::string_view idempotency_key = "") {
    const auto exchange = std::make_shared<connect::FakeExchange>();
    std::vector<http::HeaderField> headers = {{"Content-Type", "application/json"}};
    if (!idempotency_key.empty()) headers.push_back({"Idempotency-Key", idempotency_key});
    handler_->Handle({.method = "POST",
                      .path = "/CreateCampaign",
                      .query = {},
                      .body = body,
                      .headers = headers},
                     exchange);
    executor_.RunWaiting();
    return exchange;
  }
  coupon::v1::ListCampaignsResponse List() {
    return Read<coupon::v1::ListCampaignsResponse>(SendJson("ListCampaigns", "{}"));
  }
  coupon::v1::Campaign Get(const std::string& id) {
    return Read<coupon::v1::GetCampaignResponse>(SendFor("GetCampaign", "", id)).campaign();
  }
};

constexpr std::string_view kTerms =
    R"(,"couponsPerUser":3,"userRequired":true,"redeemStartTime":"2023-11-15T00:00:00Z",)"
    R"("expireTime":"2024-01-01T00:00:00Z","validDuration":"86400.5s","redeemByHolderOnly":true)";

void ExpectTerms(const coupon::v1::Campaign& campaign) {
  EXPECT_EQ(campaign.coupons_per_user(), 3);
  EXPECT_TRUE(campaign.user_required());
  EXPECT_EQ(campaign.redeem_start_time().seconds(), 1'700'006'400);
  EXPECT_EQ(campaign.expire_time().seconds(), 1'704'067'200);
  EXPECT_EQ(campaign.valid_duration().seconds(), 86'400);
  EXPECT_EQ(campaign.valid_duration().nanos(), 500'000'000);
  EXPECT_TRUE(campaign.redeem_by_holder_only());
}

TEST_F(CreateMethodsTest, ACampaignIsAnsweredAsTheViewsShowIt) {
  const auto created = Create(kTerms).campaign();
  ExpectTerms(created);
  EXPECT_EQ(created.ShortDebugString(), Get(created.id()).ShortDebugString());
  const auto plain = Create("", "three").campaign();
  EXPECT_EQ(plain.coupons_per_user(), 1);
  EXPECT_EQ(plain.ShortDebugString(), Get(plain.id()).ShortDebugString());
}

TEST_F(CreateMethodsTest, TheShortRouteHasTheTerms) {
  const auto created = Read<coupon::v1::Campaign>(SendShort(Body(kTerms)));
  ExpectTerms(created);
  EXPECT_EQ(created.ShortDebugString(), Get(created.id()).ShortDebugString());
}

TEST_F(CreateMethodsTest, ARepeatedRequestFindsItsCampaign) {
  const auto first = Create(R"(,"requestId":"c1")");
  EXPECT_TRUE(ParseUuid(first.campaign().id()));
  clock_.Set(At(60));  // the start is in the past by now
  const auto again = Create(R"(,"requestId":" ｃ1")");
  EXPECT_EQ(again.campaign().ShortDebugString(), first.campaign().ShortDebugString());
  EXPECT_EQ(again.sequence(), first.sequence());

  Restart();
  const auto after_restart = Create(R"(,"requestId":"c1")");
  EXPECT_EQ(after_restart.campaign().ShortDebugString(), first.campaign().ShortDebugString());
  EXPECT_EQ(after_restart.sequence(), first.sequence());
  const auto shortened = Read<coupon::v1::Campaign>(SendShort(Body(R"(,"requestId":"c1")")));
  EXPECT_EQ(shortened.id(), first.campaign().id());
  EXPECT_EQ(List().campaigns_size(), 2);
}

TEST_F(CreateMethodsTest, ARepeatedRequestShowsTheCampaignAsItIs) {
  const auto first = Create(R"(,"requestId":"c1")");
  BodyOf(SendJson("UpdateCampaign", R"({"campaign":{"id":")" + first.campaign().id() +
                                        R"(","name":"renamed","totalCoupons":6}})"));
  const auto again = Create(R"(,"requestId":"c1")");
  EXPECT_EQ(again.campaign().name(), "renamed");
  EXPECT_EQ(again.campaign().total_coupons(), 6);
  EXPECT_EQ(again.sequence(), first.sequence());
}

TEST_F(CreateMethodsTest, TheCampaignOfARepeatedRequestMayBeDeleted) {
  const auto first = Create(R"(,"requestId":"c1")");
  BodyOf(SendJson("DeleteCampaign", R"({"campaignName":"two"})"));
  const auto again = Create(R"(,"requestId":"c1")");
  EXPECT_FALSE(again.has_campaign());
  EXPECT_EQ(again.sequence(), first.sequence());
  EXPECT_EQ(DetailsOf(SendShort(Body(R"(,"requestId":"c1")")), 404).reason, "CAMPAIGN_DELETED");
  EXPECT_EQ(List().campaigns_size(), 1);
}

TEST_F(CreateMethodsTest, ARequestIdIsForOneRequest) {
  const auto first = Create(R"(,"requestId":"c1")");
  for (const Exchange& other : {SendCreate(R"(,"requestId":"c1")", "two", 6),
                                SendCreate(R"(,"requestId":"c1","couponsPerUser":2)"),
                                SendCreate(R"(,"requestId":"c1","validDuration":"9s")")}) {
    const connect::ReadDetails read = DetailsOf(other, 409);
    EXPECT_EQ(read.reason, "REQUEST_ID_REUSED");
    EXPECT_EQ(read.field, "request_id");
  }
  EXPECT_EQ(DetailsOf(SendUpdate(R"(,"totalCoupons":6)", R"(,"requestId":"c1")"), 409).reason,
            "REQUEST_ID_REUSED")
      << "the same all over the store";
  EXPECT_NE(Create(R"(,"requestId":"c2")", "three").campaign().id(), first.campaign().id());
}

TEST_F(CreateMethodsTest, ARefusalUsesNoRequestIdUp) {
  EXPECT_EQ(DetailsOf(SendCreate(R"(,"requestId":"c1")", "two", 0), 400).reason, "TOTAL_TOO_SMALL");
  EXPECT_EQ(DetailsOf(SendCreate(R"(,"requestId":"c1")", "open"), 409).reason, "NAME_TAKEN");
  EXPECT_TRUE(Create(R"(,"requestId":"c1")").has_campaign());
}

TEST_F(CreateMethodsTest, TheHeaderIdempotencyKeyIsTheRequestId) {
  const http::HeaderField headers[] = {{"Content-Type", "application/json"},
                                       {"Idempotency-Key", "\"c1\""}};
  const auto first =
      Read<coupon::v1::CreateCampaignResponse>(Post("CreateCampaign", Body(""), headers));
  EXPECT_EQ(Create(R"(,"requestId":"c1")").campaign().id(), first.campaign().id());
  EXPECT_EQ(Read<coupon::v1::Campaign>(SendShort(Body(""), "c1")).id(), first.campaign().id());
  EXPECT_EQ(DetailsOf(Post("CreateCampaign", Body(R"(,"requestId":"c2")"), headers), 400).field,
            "request_id");
}

TEST_F(CreateMethodsTest, ACheckIsAnsweredAsACreationWouldBe) {
  const std::string checked_body =
      BodyOf(SendCreate(std::string(kTerms) + R"(,"requestId":"c1","validateOnly":true)"));
  EXPECT_THAT(checked_body, Not(HasSubstr("sequence")));
  const auto checked =
      Create(std::string(kTerms) + R"(,"requestId":"c1","validateOnly":true)").campaign();
  EXPECT_EQ(checked.id(), "");
  EXPECT_FALSE(checked.has_created_at());
  EXPECT_EQ(checked.revision(), 0U);
  EXPECT_EQ(List().campaigns_size(), 1) << "nothing is created";
  EXPECT_EQ(Issue().sequence(), 2U) << "and nothing is logged";

  // Nor is the name or the request_id taken.
  auto created = Create(std::string(kTerms) + R"(,"requestId":"c1")").campaign();
  created.clear_id();
  created.clear_created_at();
  created.clear_revision();
  EXPECT_EQ(checked.ShortDebugString(), created.ShortDebugString());
}

TEST_F(CreateMethodsTest, ARelativeStartIsCheckedFromNow) {
  const std::string request =
      R"({"name":"two","totalCoupons":5,"startIn":"90s","validateOnly":true})";
  clock_.Set(At(10));
  const auto checked =
      Read<coupon::v1::CreateCampaignResponse>(SendJson("CreateCampaign", request)).campaign();
  EXPECT_EQ(checked.start_time().seconds(), 1'700'000'100);
  EXPECT_EQ(checked.state(), coupon::v1::CAMPAIGN_STATE_SCHEDULED);
  const auto shortened = Read<coupon::v1::Campaign>(SendShort(request));
  EXPECT_EQ(shortened.ShortDebugString(), checked.ShortDebugString());
}

TEST_F(CreateMethodsTest, WhatIsCheckedIsRefusedAsItWouldBe) {
  EXPECT_EQ(DetailsOf(SendCreate(R"(,"validateOnly":true)", "open"), 409).reason, "NAME_TAKEN");
}

TEST_F(CreateMethodsTest, ACheckOfACreationIsAnsweredAsThat) {
  const auto created = Create(R"(,"requestId":"c1")");
  const std::string check = R"(,"requestId":"c1","validateOnly":true)";
  EXPECT_EQ(Create(check).ShortDebugString(), created.ShortDebugString());
  BodyOf(SendFor("DeleteCampaign", "", created.campaign().id()));
  EXPECT_EQ(Create(check).sequence(), created.sequence());
  EXPECT_FALSE(Create(check).has_campaign());
}

TEST_F(CreateMethodsTest, TermsThatCannotBeAreRefusedByName) {
  const struct {
    const char* more;
    int status;
    const char* reason;
    const char* field;
  } rows[] = {
      {R"(,"couponsPerUser":-1)", 400, "COUPONS_PER_USER_OUT_OF_RANGE", "coupons_per_user"},
      {R"(,"couponsPerUser":1001)", 400, "COUPONS_PER_USER_OUT_OF_RANGE", "coupons_per_user"},
      {R"(,"redeemStartTime":"2200-01-01T00:00:00Z")", 400, "REDEEM_START_TIME_TOO_LATE",
       "redeem_start_time"},
      {R"(,"expireTime":"2200-01-01T00:00:00Z")", 400, "EXPIRE_TIME_TOO_LATE", "expire_time"},
      {R"(,"validDuration":"0s")", 400, "VALID_DURATION_OUT_OF_RANGE", "valid_duration"},
      {R"(,"validDuration":"-1s")", 400, "VALID_DURATION_OUT_OF_RANGE", "valid_duration"},
      {R"(,"validDuration":"6324480000.000000001s")", 400, "VALID_DURATION_OUT_OF_RANGE",
       "valid_duration"},
      {R"(,"endTime":"2023-11-14T22:13:20Z")", 400, "END_TIME_NOT_AFTER_START", "end_time"},
      {R"(,"expireTime":"2023-11-14T22:13:20Z")", 400, "EXPIRE_TIME_TOO_EARLY", ""},
      {R"(,"validDuration":"60s","redeemStartTime":"2100-01-01T00:00:00Z")", 400,
       "EXPIRE_TIME_TOO_EARLY", ""},
  };
  for (const auto& row : rows) {
    const Exchange exchange = SendCreate(row.more);
    const connect::ReadDetails read = DetailsOf(exchange, row.status);
    EXPECT_EQ(read.reason, row.reason);
    EXPECT_EQ(read.field, row.field) << row.more;
  }
  EXPECT_THAT(
      BodyOf(SendCreate(R"(,"expireTime":"2023-11-14T22:13:20Z")"), 400),
      AllOf(HasSubstr(R"("code":"failed_precondition")"), HasSubstr("give a later expire_time")));
  EXPECT_THAT(BodyOf(SendCreate(R"(,"endTime":"2023-11-14T22:13:20Z")"), 400),
              HasSubstr(R"("code":"invalid_argument")"))
      << "unlike the change of a campaign that has a start";
  EXPECT_EQ(Create(R"(,"couponsPerUser":1000,"validDuration":"6324480000s")")
                .campaign()
                .valid_duration()
                .seconds(),
            6'324'480'000);
}

}  // namespace
}  // namespace coupond::api
