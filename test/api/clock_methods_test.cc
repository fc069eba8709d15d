#include "api/clock_methods.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "api/json_service_fixture.h"
#include "coupon/v1/admin_service.pb.h"
#include "rpc/connect/fake_exchange.h"

namespace coupond::api {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr std::int64_t kDay = 24 * 60 * 60;
constexpr int kConflict = 409;
constexpr int kUnavailable = 503;

// At(0), as texts show it, and 400 days later.
constexpr std::string_view kNow = "2023-11-14T22:13:20Z";
constexpr std::string_view kAhead = "2024-12-18T22:13:20Z";

class ClockMethodsTest : public JsonServiceFixture {
 protected:
  Exchange Admin(std::string_view method, std::string_view body) {
    auto exchange = std::make_shared<connect::FakeExchange>();
    const http::HeaderField json{"Content-Type", "application/json"};
    const std::string path = "/coupon.v1.AdminService/" + std::string(method);
    handler_->Handle(
        {.method = "POST", .path = path, .query = {}, .body = body, .headers = {&json, 1}},
        exchange);
    executor_.RunWaiting();
    return exchange;
  }
  coupon::v1::GetServerInfoResponse Info() {
    return Read<coupon::v1::GetServerInfoResponse>(Admin("GetServerInfo", "{}"));
  }
  Exchange Accept(std::string_view time) {
    return Admin("AcceptClock", R"({"machineTime":")" + std::string(time) + R"("})");
  }
  static std::string TextOf(const google::protobuf::Timestamp& time) {
    std::string text;
    EXPECT_TRUE(google::protobuf::util::MessageToJsonString(time, &text).ok());
    return text.substr(1, text.size() - 2);
  }
  int Ready() {
    auto exchange = std::make_shared<connect::FakeExchange>();
    handler_->Handle({.method = "GET", .path = "/readyz", .query = {}, .body = {}, .headers = {}},
                     exchange);
    return exchange->response().status;
  }
};

TEST_F(ClockMethodsTest, BothTimesAreShownWhileTheyDiffer) {
  EXPECT_EQ(TextOf(Info().server_time()), kNow);
  EXPECT_FALSE(Info().has_machine_time());
  clock_.Dispute(test::At(400 * kDay));
  EXPECT_EQ(TextOf(Info().server_time()), kNow);
  EXPECT_EQ(TextOf(Info().machine_time()), kAhead);
  EXPECT_FALSE(Info().read_only());
  EXPECT_EQ(Ready(), 200);
}

TEST_F(ClockMethodsTest, EveryMethodAnswersWithBothTimes) {
  Issue();
  clock_.Dispute(test::At(400 * kDay));
  EXPECT_TRUE(Issue().success()) << "it does not depend on the time";
  const std::string body = BodyOf(
      SendJson("CreateCampaign", R"({"name":"x","totalCoupons":1,"startIn":"60s"})"), kUnavailable);
  EXPECT_THAT(body, AllOf(HasSubstr(R"("code":"unavailable")"), HasSubstr(kNow), HasSubstr(kAhead),
                          HasSubstr("REFUSAL_CLOCK_AHEAD"), HasSubstr("couponctl clock")));
  const auto details = DetailsOf(
      SendJson("CreateCampaign", R"({"name":"x","totalCoupons":1,"startIn":"60s"})"), kUnavailable);
  EXPECT_EQ(details.reason, "CLOCK_AHEAD");
  EXPECT_TRUE(details.retry_delay);
}

TEST_F(ClockMethodsTest, OnlyTheTimeThatWasSeenIsAccepted) {
  clock_.Dispute(test::At(400 * kDay));
  EXPECT_THAT(BodyOf(Admin("AcceptClock", "{}"), 400), HasSubstr("machine_time: missing"));
  for (const std::string_view other :
       {kNow, std::string_view("2024-12-18T22:03:19Z"), std::string_view("0001-01-01T00:00:00Z"),
        std::string_view("9999-01-01T00:00:00Z")}) {
    EXPECT_THAT(BodyOf(Accept(other), kConflict),
                AllOf(HasSubstr(R"("code":"aborted")"), HasSubstr(kAhead)));
  }
  EXPECT_TRUE(Info().has_machine_time());
  const auto accepted = Read<coupon::v1::AcceptClockResponse>(Accept("2024-12-18T22:03:20Z"));
  EXPECT_TRUE(accepted.changed());
  EXPECT_EQ(TextOf(accepted.server_time()), kAhead);
  EXPECT_FALSE(Info().has_machine_time());
  EXPECT_EQ(TextOf(Info().server_time()), kAhead);
  EXPECT_FALSE(Read<coupon::v1::AcceptClockResponse>(Accept(kAhead)).changed());
}

TEST_F(ClockMethodsTest, TimeIsPutBackWithAnEvent) {
  clock_.Set(test::At(400 * kDay));
  Issue();
  clock_.Dispute(test::At(0));
  const auto accepted = Read<coupon::v1::AcceptClockResponse>(Accept(kNow));
  EXPECT_EQ(accepted.sequence(), log_.Tip().sequence.value());
  EXPECT_EQ(log_.Tip().time, test::At(0));
  EXPECT_EQ(TextOf(Info().server_time()), kNow) << "queries go back too";
}

TEST_F(ClockMethodsTest, AServerWhoseLogEndsAheadAnswersOnlyReads) {
  clock_.Set(test::At(400 * kDay));
  Issue();
  clock_.Set(test::At(0));
  clock_slack_ = kClockSlack;
  Restart();
  EXPECT_TRUE(Info().read_only());
  EXPECT_EQ(TextOf(Info().server_time()), kAhead);
  EXPECT_EQ(TextOf(Info().machine_time()), kNow);
  EXPECT_EQ(Ready(), kUnavailable);
  EXPECT_THAT(BodyOf(SendFor("IssueCoupon"), kUnavailable),
              AllOf(HasSubstr("the log ends at"), HasSubstr(kNow), HasSubstr(kAhead)));
  EXPECT_THAT(BodyOf(SendFor("DeleteCampaign"), kUnavailable), HasSubstr("CLOCK_AHEAD"));
  EXPECT_THAT(BodyOf(SendFor("GetCampaign")), HasSubstr("open"));
  EXPECT_THAT(BodyOf(Accept("2023-11-14T23:13:20Z"), kConflict),
              AllOf(HasSubstr("CLOCK_CHANGED"), HasSubstr(kNow)));
  EXPECT_TRUE(Read<coupon::v1::AcceptClockResponse>(Accept(kNow)).changed());
  EXPECT_FALSE(Info().read_only());
  EXPECT_EQ(Ready(), 200);
  EXPECT_TRUE(Issue().success());
}

}  // namespace
}  // namespace coupond::api
