#include "couponctl/commands/commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "common/moment_text.h"
#include "coupon/v1/admin_service.pb.h"
#include "tools/couponctl/one_answer_fixture.h"

namespace coupond::ctl {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

using ClockCommandTest = OneAnswerFixture;

coupon::v1::GetServerInfoResponse Info() {
  coupon::v1::GetServerInfoResponse info;
  info.set_store_id("some-store");
  info.mutable_server_time()->set_seconds(1'800'000'000);
  return info;
}

TEST_F(ClockCommandTest, SaysThatTheClocksAgree) {
  EXPECT_EQ(ShowClock(Against(Info())), ExitCode::kDone);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("the server goes by      2027-01-15T08:00:00Z\n"),
                                HasSubstr("clock agrees"), Not(HasSubstr("clock accept"))));
  EXPECT_EQ(Method(), "GetServerInfo");
}

TEST_F(ClockCommandTest, ShowsBothTimesAndHowToAcceptTheOther) {
  auto info = Info();
  info.mutable_machine_time()->set_seconds(1'900'000'000);
  EXPECT_EQ(ShowClock(Against(info)), ExitCode::kDone);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("2027-01-15T08:00:00Z"), HasSubstr("CLOCK_AHEAD"),
                                HasSubstr("  couponctl clock accept 2030-03-17T17:46:40Z\n")));
}

TEST_F(ClockCommandTest, SaysThatOnlyReadsAreAnswered) {
  auto info = Info();
  info.mutable_machine_time()->set_seconds(1'700'000'000);
  info.set_read_only(true);
  EXPECT_EQ(ShowClock(Against(info)), ExitCode::kDone);
  EXPECT_THAT(out_.str(),
              AllOf(HasSubstr("the log ends at         2027-01-15T08:00:00Z\n"),
                    HasSubstr("only reads"), HasSubstr("clock accept 2023-11-14T22:13:20Z\n")));
}

TEST_F(ClockCommandTest, AcceptsWhatWasSeen) {
  coupon::v1::AcceptClockResponse response;
  response.set_changed(true);
  response.mutable_server_time()->set_seconds(1'900'000'001);
  const Timestamp seen = Timestamp::FromUnixNanoseconds(1'900'000'000'000'000'000);
  EXPECT_EQ(AcceptClock(Against(response), seen), ExitCode::kDone);
  EXPECT_EQ(out_.str(), "the server goes on from 2030-03-17T17:46:41Z\n");
  EXPECT_EQ(done_, "the server goes by its machine's clock");
  EXPECT_EQ(Received<coupon::v1::AcceptClockRequest>().machine_time().seconds(), 1'900'000'000);
  EXPECT_EQ(method_, "AcceptClock");
}

TEST_F(ClockCommandTest, SaysIfThereWasNothingToAccept) {
  coupon::v1::AcceptClockResponse response;
  response.mutable_server_time()->set_seconds(1'900'000'001);
  EXPECT_EQ(AcceptClock(Against(response), {}), ExitCode::kDone);
  EXPECT_THAT(out_.str(), HasSubstr("nothing to accept"));
  EXPECT_EQ(AcceptClock(Against(response, true), {}), ExitCode::kDone);
  EXPECT_THAT(out_.str(), HasSubstr(R"("changed":false)"));
}

TEST_F(ClockCommandTest, AnotherAnswerIsAnError) {
  EXPECT_EQ(ShowClock(Against(coupon::v1::GetServerInfoResponse())), ExitCode::kFailed);
  EXPECT_EQ(AcceptClock(Against(coupon::v1::AcceptClockResponse()), {}), ExitCode::kFailed);
  EXPECT_EQ(AcceptClock(Against(Refuse(409, "aborted")), {}), ExitCode::kRefused);
  EXPECT_EQ(out_.str(), "");
}

}  // namespace
}  // namespace coupond::ctl
