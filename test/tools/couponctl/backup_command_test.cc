#include "couponctl/commands/commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <sstream>
#include <string>

#include "coupon/v1/admin_service.pb.h"
#include "support/fake_server.h"

namespace coupond::ctl {
namespace {

using testing::HasSubstr;

/// What a run of the command came to.
struct Ran {
  ExitCode exit_code = ExitCode::kFailed;
  std::string out;
  std::string err;
};

Ran RunBackup(FakeServer::Handler handler, bool json) {
  const FakeServer server(std::move(handler));
  ConnectClient client(server.address(), std::chrono::seconds(60));
  std::ostringstream out;
  std::ostringstream err;
  const ExitCode exit_code =
      CreateBackup({.client = client, .json = json, .out = out, .err = err}, "nightly");
  return {exit_code, out.str(), err.str()};
}

FakeAnswer MadeBackup(std::string_view method, std::string_view body) {
  EXPECT_EQ(method, "CreateBackup");
  coupon::v1::CreateBackupRequest request;
  EXPECT_TRUE(request.ParseFromArray(body.data(), static_cast<int>(body.size())));
  coupon::v1::CreateBackupResponse response;
  response.set_name(request.name());
  response.set_path("/backups/" + request.name());
  response.set_groups(7);
  response.set_events(70);
  return {.body = response.SerializeAsString()};
}

TEST(BackupCommand, SaysWhereItIsAndHowToCheckIt) {
  const Ran ran = RunBackup(MadeBackup, false);
  EXPECT_EQ(ran.exit_code, ExitCode::kDone) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("/backups/nightly: 70 events in 7 groups"));
  EXPECT_THAT(ran.out, HasSubstr("coupon-audit verify /backups/nightly\n"));
}

TEST(BackupCommand, JsonHasAllOfTheAnswer) {
  const Ran ran = RunBackup(MadeBackup, true);
  EXPECT_EQ(ran.exit_code, ExitCode::kDone);
  const auto json = boost::json::parse(ran.out).as_object();
  EXPECT_EQ(json.at("path"), "/backups/nightly");
  EXPECT_EQ(json.at("events"), "70");
  EXPECT_EQ(json.at("bytes"), "0");
}

TEST(BackupCommand, ARefusalIsTold) {
  const Ran ran = RunBackup(
      [](auto, auto) {
        return FakeAnswer{.status = 400,
                          .content_type = "application/json",
                          .body = R"({"code":"failed_precondition","message":"start it so"})"};
      },
      false);
  EXPECT_EQ(ran.exit_code, ExitCode::kRefused);
  EXPECT_THAT(ran.err, HasSubstr("failed_precondition: start it so"));
}

TEST(BackupCommand, ALostAnswerSaysWhereToLook) {
  const Ran ran = RunBackup([](auto, auto) { return FakeAnswer{.drop = true}; }, false);
  EXPECT_EQ(ran.exit_code, ExitCode::kFailed);
  EXPECT_THAT(ran.err, HasSubstr("look into the server's --backup-dir"));
}

}  // namespace
}  // namespace coupond::ctl
