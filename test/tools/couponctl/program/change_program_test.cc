#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tools/couponctl/program/program_fixture.h"

// The built couponctl changes a campaign on the real server.
namespace coupond::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

using ChangeProgram = ProgramFixture;

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
              AllOf(HasSubstr("if_revision: the campaign now has revision "),
                    HasSubstr("`couponctl get` shows the campaign as it is now")));

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

TEST_F(ChangeProgram, TermsAboutCouponsAreSetShownAndTakenBack) {
  const std::vector<std::string> create = {"create",
                                           "--name",
                                           "vip",
                                           "--total",
                                           "10",
                                           "--start-in",
                                           "0s",
                                           "--request-id",
                                           "c1",
                                           "--coupons-per-user",
                                           "2",
                                           "--user-required",
                                           "--redeem-start",
                                           "2099-01-01T00:00:00Z",
                                           "--expire",
                                           "2100-01-01T00:00:00Z",
                                           "--valid-for",
                                           "36500d",
                                           "--redeem-by-holder-only"};
  std::vector<std::string> check = create;
  check.emplace_back("--validate-only");
  EXPECT_THAT(Run(check), AllOf(HasSubstr("checked only: the campaign would be created"),
                                Not(HasSubstr("revision"))));
  EXPECT_THAT(Run({"list"}), HasSubstr("no campaigns"));
  EXPECT_THAT(
      Run(create),
      AllOf(HasSubstr("2 coupons; a user is required"), HasSubstr("from 2099-01-01T00:00:00Z (in "),
            HasSubstr("2100-01-01T00:00:00Z (in "), HasSubstr("36500d"),
            HasSubstr("the user who has the coupon only"), Not(HasSubstr("clock"))));
  const std::string id = client_.ListCampaigns(1, "").response.campaigns(0).id();
  EXPECT_THAT(Run(create), HasSubstr(id)) << "repeated, it is the same campaign";
  EXPECT_THAT(Run(check), AllOf(HasSubstr("checked only: an earlier request"), HasSubstr(id)));
  EXPECT_THAT(
      Run({"create", "--name", "vip", "--total", "11", "--start-in", "0s", "--request-id", "c1"},
          1),
      HasSubstr("request_id: used for something else"));

  EXPECT_THAT(Run({"update", id, "--coupons-per-user", "1", "--validate-only"}),
              HasSubstr("checked only: the campaign would change"));
  EXPECT_THAT(Run({"update", id, "--coupons-per-user", "2", "--validate-only"}),
              HasSubstr("checked only: nothing would change"));
  const std::vector<std::string> update = {"update",
                                           id,
                                           "--coupons-per-user",
                                           "1",
                                           "--no-user-required",
                                           "--redeem-start",
                                           "none",
                                           "--expire",
                                           "none",
                                           "--valid-for",
                                           "none",
                                           "--no-redeem-by-holder-only",
                                           "--request-id",
                                           "u1"};
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(Run(update), AllOf(Not(HasSubstr("per user")), Not(HasSubstr("redeem")),
                                   Not(HasSubstr("expire")), Not(HasSubstr("valid for"))));
  }
}

}  // namespace
}  // namespace coupond::test
