#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tools/couponctl/program/program_fixture.h"

// The built couponctl reads events of the real server.
namespace coupond::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

using EventsProgram = ProgramFixture;

TEST_F(EventsProgram, ShowsWhatHasHappened) {
  const std::string campaign = client_.CreateStarted("summer", 1);
  const std::string code = client_.IssueForUser(campaign, "kim").response.coupon().code();
  EXPECT_THAT(Run({"events"}),
              AllOf(MatchesRegex("2  [^ ]*Z  campaign.created  " + campaign +
                                 "  1 coupons of summer\n(.|\n)*"),
                    HasSubstr("coupon.issued  " + campaign + "  " + code + "  user kim\n"),
                    HasSubstr("campaign.sold_out  " + campaign + "\n")));
  EXPECT_THAT(Run({"--json", "events", "--from", "3", "--campaign", campaign, "--types",
                   "coupon.issued,coupon.voided"}),
              AllOf(HasSubstr("\"code\":\"" + code + "\""), Not(HasSubstr("sold_out"))));
}

TEST_F(EventsProgram, WhatIsWrongIsRefused) {
  EXPECT_THAT(Run({"events", "--from", "9"}, 1), HasSubstr("out_of_range"));
  EXPECT_THAT(Run({"events", "--types", "coupon.lost"}, 1), HasSubstr("coupon.lost"));
  EXPECT_THAT(Run({"events", "--from", "0"}, 2), HasSubstr("--from"));
}

}  // namespace
}  // namespace coupond::test
