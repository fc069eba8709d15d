#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "system/program/coupon_client.h"
#include "system/program/process.h"
#include "system/program/server_process.h"

// The built couponctl changes a campaign on the real server.
namespace coupond::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr std::chrono::seconds kPatience{60};

class ChangeProgram : public testing::Test {
 protected:
  /// Runs couponctl, which must exit with this status, and returns what it printed.
  std::string Run(const std::vector<std::string>& arguments, int status = 0) const {
    std::vector<std::string> command = {COUPONCTL_PATH, "--server",
                                        "http://127.0.0.1:" + std::to_string(server_.port())};
    command.insert(command.end(), arguments.begin(), arguments.end());
    Process process(command);
    EXPECT_EQ(process.WaitForExit(kPatience), status) << process.output();
    return process.output();
  }

  const ServerProcess server_;
  CouponClient client_{server_.port()};
};

TEST_F(ChangeProgram, ACampaignIsChangedFromItsCreationToItsArchive) {
  Run({"create", "--name", "summer", "--total", "1", "--start-in", "0s", "--end",
       "2100-01-01T00:00:00Z", "--description", "weekdays only"});
  const api::Campaign created = client_.ListCampaigns(1, "").response.campaigns(0);
  const std::string id = created.id();
  EXPECT_TRUE(created.has_end_time());
  EXPECT_EQ(created.description(), "weekdays only");
  EXPECT_THAT(Run({"status", id}), AllOf(HasSubstr("open"), HasSubstr("0 issued of 1")));

  const std::string revision = std::to_string(created.revision());
  EXPECT_THAT(
      Run({"update", id, "--total", "5", "--end", "none", "--no-description", "--if-revision",
           revision}),
      AllOf(HasSubstr("0 issued of 5"), Not(HasSubstr("ends")), Not(HasSubstr("weekdays"))));
  EXPECT_THAT(Run({"update", id, "--name", "autumn", "--if-revision", revision}, 1),
              HasSubstr("`couponctl get` shows the revision"));

  EXPECT_THAT(Run({"pause", id, "--issuing", "--reason", "wrong price"}),
              AllOf(HasSubstr("paused"), HasSubstr("issuing")));
  EXPECT_THAT(Run({"issue", id}, 1), HasSubstr("campaign is paused; ask again in "));
  EXPECT_THAT(Run({"pause", id, "--issuing"}), HasSubstr("nothing changed"));
  EXPECT_THAT(Run({"resume", id, "--json"}), HasSubstr(R"("changed":true)"));
  Run({"issue", id});

  Run({"archive", id});
  EXPECT_THAT(Run({"list"}), Not(HasSubstr("summer")));
  EXPECT_THAT(Run({"list", "--archived"}), AllOf(HasSubstr("summer"), HasSubstr("archived")));
  EXPECT_THAT(Run({"issue", id}, 1), HasSubstr("campaign has ended; it ended at "));
  EXPECT_THAT(Run({"update", id, "--total", "6"}, 1), HasSubstr("unarchive it first"));
  Run({"unarchive", id});
  EXPECT_THAT(Run({"get", id}), AllOf(HasSubstr("1 issued of 5"), HasSubstr("open")));
}

}  // namespace
}  // namespace coupond::test
