#include "couponctl/commands/commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "common/moment_text.h"
#include "coupon/v1/admin_service.pb.h"
#include "couponctl/commands/clock_difference.h"
#include "tools/couponctl/one_answer_fixture.h"

namespace coupond::ctl {
namespace {

using testing::AllOf;
using testing::HasSubstr;

using InfoCommandTest = OneAnswerFixture;

coupon::v1::GetServerInfoResponse Info() {
  coupon::v1::GetServerInfoResponse info;
  info.set_version("1.2.3\x1b[2J");
  info.set_store_id("some-store");
  info.set_head_sequence(42);
  info.set_head_hash("abcd");
  *info.mutable_server_time() = tools::ToMessage(NowHere());
  info.mutable_started_at()->set_seconds(1);
  info.mutable_limits()->set_watchers_max(5'000);
  info.mutable_limits()->set_exports_max(16);
  info.mutable_limits()->set_event_readers_max(2'000);
  return info;
}

TEST_F(InfoCommandTest, ShowsATable) {
  EXPECT_EQ(ShowServerInfo(Against(Info())), ExitCode::kDone);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("version                1.2.3?[2J\n"),
                                HasSubstr("store                  some-store\n"),
                                HasSubstr("events                 42\n"),
                                HasSubstr("head hash              abcd\n"),
                                HasSubstr("started                1970-01-01T00:00:01Z\n"),
                                HasSubstr("watchers               up to 5000\n"),
                                HasSubstr("exports                up to 16\n"),
                                HasSubstr("event readers          up to 2000\n")));
  EXPECT_EQ(err_.str(), "");
  EXPECT_EQ(Method(), "GetServerInfo");
}

TEST_F(InfoCommandTest, ShowsTheAnswerAsJson) {
  EXPECT_EQ(ShowServerInfo(Against(Info(), true)), ExitCode::kDone);
  const auto json = boost::json::parse(out_.str());
  EXPECT_EQ(json.at("storeId"), "some-store");
  EXPECT_EQ(json.at("headSequence"), "42");
  EXPECT_EQ(json.at("limits").at("exportsMax"), "16");
}

TEST_F(InfoCommandTest, SaysIfTheClocksDiffer) {
  auto info = Info();
  info.mutable_server_time()->set_seconds(info.server_time().seconds() - 3'600);
  EXPECT_EQ(ShowServerInfo(Against(info)), ExitCode::kDone);
  EXPECT_THAT(err_.str(), HasSubstr("this machine's clock is "));
}

TEST_F(InfoCommandTest, ShowsTheMachinesClockIfItDiffers) {
  auto info = Info();
  info.mutable_machine_time()->set_seconds(1'900'000'000);
  EXPECT_EQ(ShowServerInfo(Against(info)), ExitCode::kDone);
  EXPECT_THAT(out_.str(),
              HasSubstr("machine's clock        2030-03-17T17:46:40Z (couponctl clock)"));
}

TEST_F(InfoCommandTest, ShowsHowFarAnErasureIs) {
  auto info = Info();
  info.mutable_erasure()->set_unfinished_coupons(2);
  EXPECT_EQ(ShowServerInfo(Against(info)), ExitCode::kDone);
  EXPECT_THAT(out_.str(), HasSubstr("erasing                2 coupons are hidden"));
  info.mutable_erasure()->set_groups_read(7);
  info.mutable_erasure()->set_groups(9);
  EXPECT_EQ(ShowServerInfo(Against(info)), ExitCode::kDone);
  EXPECT_THAT(out_.str(), HasSubstr("searching the log: group 7 of 9"));
}

TEST_F(InfoCommandTest, AnotherAnswerIsAnError) {
  EXPECT_EQ(ShowServerInfo(Against(coupon::v1::GetServerInfoResponse())), ExitCode::kFailed);
  EXPECT_EQ(ShowServerInfo(Against(Refuse(404, "unimplemented"))), ExitCode::kRefused);
  EXPECT_EQ(out_.str(), "");
}

}  // namespace
}  // namespace coupond::ctl
