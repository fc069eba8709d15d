// The request succeeds, but its result cannot be printed.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

#include "coupon/v1/admin_service.pb.h"
#include "support/fake_server.h"
#include "tools/couponctl/fake_campaign.h"
#include "tools/couponctl/run_couponctl.h"

namespace coupond::ctl {
namespace {

using test::FakeAnswer;
using test::FakeServer;
using testing::HasSubstr;
using testing::StartsWith;

/// Answers every method of the two services with success.
FakeAnswer Succeed(FakeCampaign& campaign, std::string_view method, std::string_view body) {
  if (method == "CreateCampaign") {
    coupon::v1::CreateCampaignResponse response;
    response.mutable_campaign()->set_id(FakeCampaign::kId);
    return {.body = response.SerializeAsString()};
  }
  if (method == "DeleteCampaign") {
    coupon::v1::DeleteCampaignResponse response;
    response.set_success(true);
    return {.body = response.SerializeAsString()};
  }
  if (method == "PauseCampaign") {
    coupon::v1::PauseCampaignResponse response;
    response.set_changed(true);
    response.set_sequence(7);
    return {.body = response.SerializeAsString()};
  }
  if (method == "ListCampaigns") return {.body = {}};
  if (method == "CreateBackup") {
    coupon::v1::CreateBackupResponse response;
    response.set_path("/backups/monday");
    return {.body = response.SerializeAsString()};
  }
  return campaign.Handle(method, body);
}

class UnwritableOutput : public testing::Test {
 protected:
  /// Runs couponctl with standard output redirected. Its output is what it prints to standard
  /// error.
  Ran Run(const std::string& arguments, const std::string& redirection) {
    // The # turns what RunCouponctl appends into a comment, so only standard output is redirected.
    return RunCouponctl(
        "--server " + server_.address().Url() + " " + arguments + redirection + " 2>&3 #",
        "exec 3>&1;");
  }

  FakeCampaign campaign_{100};
  FakeServer server_{[this](auto method, auto body) { return Succeed(campaign_, method, body); }};
};

TEST_F(UnwritableOutput, IsReportedWithWhatWasDone) {
  const std::string id = FakeCampaign::kId;
  const struct {
    std::string arguments;
    std::string done;
  } cases[] = {
      {"create --name x --total 5 --start-in 1h", "the campaign was created anyway: " + id},
      {"issue " + id, "the coupon was issued anyway: 가나10000000"},
      {"issue --json " + id, "the coupon was issued anyway: 가나10000001"},
      {"delete " + id, "the campaign was deleted anyway"},
      {"pause " + id, "the campaign was changed anyway"},
      {"backup monday", "the backup was made anyway: /backups/monday"},
      {"get " + id, "nothing was changed on the server"},
      {"list", "nothing was changed on the server"},
      {"coupons " + id, "nothing was changed on the server"},
      {"load --rate 100 --duration 20ms --skip-check " + id,
       "the load was run anyway: 2 coupons were issued"},
  };
  for (const auto& [arguments, done] : cases) {
    const Ran ran = Run(arguments, " >/dev/full");
    EXPECT_EQ(ran.exit_code, 3) << arguments;
    EXPECT_EQ(ran.output, "couponctl: cannot write to standard output (No space left on device); " +
                              done + "\n");
  }
}

TEST_F(UnwritableOutput, MayBeAPipeWithoutAReader) {
  // A shell takes descriptors of one digit only, and most of them may be in use here.
  int pipe[2];
  ASSERT_EQ(::pipe(pipe), 0);
  const int writer = ::fcntl(pipe[1], F_DUPFD, 10);
  ASSERT_GE(writer, 10);
  ::close(pipe[0]);
  ::close(pipe[1]);
  int digit = 9;
  while (digit > 2 && ::fcntl(digit, F_GETFD) >= 0) --digit;
  ASSERT_GT(digit, 2) << "all descriptors of one digit are in use";
  ASSERT_EQ(::dup2(writer, digit), digit);
  ::close(writer);
  const Ran ran = Run("issue " + std::string(FakeCampaign::kId), " >&" + std::to_string(digit));
  ::close(digit);
  EXPECT_EQ(ran.exit_code, 3);
  EXPECT_EQ(ran.output,
            "couponctl: cannot write to standard output (Broken pipe); the coupon was issued "
            "anyway: 가나10000000\n");
}

TEST_F(UnwritableOutput, MayBeClosed) {
  const Ran ran = Run("issue " + std::string(FakeCampaign::kId), " >&-");
  EXPECT_EQ(ran.exit_code, 3);
  EXPECT_THAT(ran.output, StartsWith("couponctl: cannot write to standard output ("));
  EXPECT_THAT(ran.output, HasSubstr("the coupon was issued anyway: 가나10000000"));
  EXPECT_EQ(campaign_.issued(), 1);
}

TEST_F(UnwritableOutput, StandardErrorMayBeClosed) {
  EXPECT_EQ(RunCouponctl("--server " + server_.address().Url() + " issue none >/dev/null 2>&- #")
                .exit_code,
            0);
  EXPECT_EQ(
      RunCouponctl("--server " + server_.address().Url() + " get none 2>/dev/full #").exit_code, 1);
}

TEST_F(UnwritableOutput, HelpIsOutputToo) { EXPECT_EQ(Run("--help", " >/dev/full").exit_code, 3); }

}  // namespace
}  // namespace coupond::ctl
