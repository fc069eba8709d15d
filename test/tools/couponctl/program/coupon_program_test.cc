#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tools/couponctl/program/program_fixture.h"

// The built couponctl redeems, undoes and voids coupons on the real server.
namespace coupond::test {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

class CouponProgram : public ProgramFixture {
 protected:
  const std::string campaign_ = client_.CreateStarted("summer", 5);
};

TEST_F(CouponProgram, ACouponIsRedeemedUndoneAndVoided) {
  const std::string code = client_.Issue(campaign_).response.coupon().code();
  EXPECT_THAT(Run({"coupon", code}), HasSubstr("issued"));
  EXPECT_THAT(Run({"redeem", code, "--order", "4711", "--by", "till 3", "--request-id", "r1"}),
              AllOf(HasSubstr("redeemed"), HasSubstr("4711"), HasSubstr("till 3")));
  EXPECT_THAT(Run({"redeem", code, "--order", "4712"}, 1),
              HasSubstr("not redeemed: coupon is already redeemed; redeemed at "));
  EXPECT_THAT(Run({"redeem", code, "--order", "4711", "--request-id", "r1"}),
              HasSubstr("this request redeemed the coupon before"));
  EXPECT_THAT(Run({"get", campaign_}), HasSubstr("1 redeemed"));
  EXPECT_THAT(Run({"coupons", campaign_}), HasSubstr("redeemed"));
  EXPECT_THAT(Run({"void", code}, 1),
              HasSubstr("failed_precondition: coupon is already redeemed (redemption "));

  EXPECT_THAT(Run({"undo-redeem", code, "--redemption", "1"}, 1),
              HasSubstr("not redeemed by the redemption that is named, but by redemption "));
  EXPECT_THAT(Run({"undo-redeem", code, "--request-id-of", "r1", "--reason", "returned"}),
              HasSubstr("issued"));
  const auto redeemed = client_.Redeem(code);
  EXPECT_THAT(Run({"undo-redeem", code, "--redemption",
                   std::to_string(redeemed.response.sequence()), "--json"}),
              HasSubstr(R"("changed":true)"));

  EXPECT_THAT(Run({"void", code, "--reason", "lost"}), AllOf(HasSubstr("void"), HasSubstr("lost")));
  EXPECT_THAT(Run({"void", code}), HasSubstr("nothing changed"));
  EXPECT_THAT(Run({"void", code, "--return"}), HasSubstr("returned"));
  EXPECT_THAT(Run({"redeem", code}, 1), HasSubstr("coupon is void; void since "));
  EXPECT_THAT(Run({"get", campaign_}), HasSubstr("0 issued of 5"));
  EXPECT_THAT(Run({"coupon", "x"}, 1), HasSubstr("not_found: code: there is no such coupon"));
}

TEST_F(CouponProgram, APersonsCouponsAreLimitedAndExpire) {
  Run({"update", campaign_, "--coupons-per-user", "2", "--valid-for", "1d"});
  EXPECT_THAT(Run({"issue", campaign_, "--user-id", "kim"}, 1), HasSubstr("request_id: missing"));
  Run({"issue", campaign_, "--user-id", "kim", "--request-id", "r1"});
  std::string code = Run({"issue", campaign_, "--user-id", "kim", "--request-id", "r2"});
  code.pop_back();  // the end of the line
  EXPECT_THAT(
      Run({"issue", campaign_, "--user-id", "kim", "--request-id", "r3"}, 1),
      HasSubstr("no coupon: user has as many coupons as the campaign allows; the last one is " +
                code + ", which is issued\n"));
  EXPECT_THAT(Run({"coupon", code}), HasSubstr("expires   20"));
  EXPECT_THAT(Run({"coupons", campaign_}), HasSubstr("EXPIRES AT"));

  EXPECT_THAT(Run({"redeem", code, "--user-id", "lee"}, 1),
              HasSubstr("not redeemed: user_id: missing, or not the user"));
  EXPECT_THAT(Run({"redeem", code, "--user-id", "kim", "--validate-only"}),
              HasSubstr("checked only: the coupon can be redeemed"));
  EXPECT_THAT(Run({"coupon", code}), HasSubstr("issued"));
  EXPECT_THAT(Run({"void", code, "--free-claim"}), HasSubstr("void"));
  EXPECT_THAT(Run({"issue", campaign_, "--user-id", "kim", "--request-id", "r3"}),
              Not(HasSubstr(code)));
}

TEST_F(CouponProgram, CouponsAreFoundByUserCampaignAndState) {
  const std::string other = client_.CreateStarted("winter", 5);
  const std::string first = client_.IssueForUser(campaign_, "kim").response.coupon().code();
  const std::string second = client_.IssueForUser(other, "kim").response.coupon().code();
  const std::string lees = client_.IssueForUser(campaign_, "lee").response.coupon().code();
  Run({"redeem", first, "--order", "4711"});
  Run({"void", second});
  EXPECT_THAT(Run({"search", "--user", "kim"}),
              AllOf(ContainsRegex(first + " +redeemed"), ContainsRegex(second + " +void"),
                    HasSubstr("4711"), Not(HasSubstr(lees))));
  EXPECT_THAT(Run({"search", "--campaign", campaign_, "--state", "issued"}),
              AllOf(HasSubstr(lees), Not(HasSubstr(first))));
  const std::string newest =
      Run({"search", "--user", "kim", "--newest-first", "--limit", "1", "--json"});
  EXPECT_THAT(newest, AllOf(HasSubstr(second), HasSubstr(R"("state":"COUPON_STATE_VOIDED")")));
  EXPECT_THAT(newest, Not(HasSubstr(first)));
  EXPECT_EQ(Run({"search", "--user", "park"}), "no coupons were found\n");
  EXPECT_THAT(Run({"search", "--campaign", "x"}, 1), HasSubstr("not_found: "));
}

TEST_F(CouponProgram, ALoadIsCheckedThoughPlacesWereReturned) {
  for (int i = 0; i < 2; ++i) {
    const std::string code = client_.Issue(campaign_).response.coupon().code();
    EXPECT_TRUE(client_.Void(code, /*return_to_pool=*/true).ok());
  }
  EXPECT_THAT(Run({"load", campaign_, "--rate", "200", "--duration", "100ms"}),
              HasSubstr("consistency: ok (7 of 7 issued"));
}

}  // namespace
}  // namespace coupond::test
