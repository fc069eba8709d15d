#include "couponctl/commands/commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "coupon/v1/admin_service.pb.h"
#include "tools/couponctl/one_answer_fixture.h"

namespace coupond::ctl {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

using EraseCommandTest = OneAnswerFixture;

coupon::v1::EraseUserResponse Erased(std::int64_t coupons) {
  coupon::v1::EraseUserResponse response;
  response.set_erased_coupons(coupons);
  response.set_sequence(42);
  return response;
}

TEST_F(EraseCommandTest, SaysHowManyCouponsLostTheirUserId) {
  EXPECT_EQ(EraseUser(Against(Erased(3)),
                      {.user_id = "kim", .forget_claims = true, .request_id = "ticket-1"}),
            ExitCode::kDone);
  EXPECT_EQ(out_.str(), "erased the user_id of 3 coupons, at sequence 42\n");
  EXPECT_EQ(done_, "the user_id of 3 coupons was erased anyway");
  const auto request = Received<coupon::v1::EraseUserRequest>();
  EXPECT_EQ(method_, "EraseUser");
  EXPECT_EQ(request.user_id(), "kim");
  EXPECT_TRUE(request.forget_claims());
  EXPECT_EQ(request.request_id(), "ticket-1");
}

TEST_F(EraseCommandTest, SaysIfThereWasNothingToErase) {
  EXPECT_EQ(EraseUser(Against(Erased(0)), {.user_id = "kim"}), ExitCode::kDone);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("no coupon has this user_id"), Not(HasSubstr("copies"))));
  EXPECT_FALSE(Received<coupon::v1::EraseUserRequest>().forget_claims());
}

TEST_F(EraseCommandTest, SaysIfTheRequestWasCarriedOutBefore) {
  auto response = Erased(0);
  response.set_already_erased(true);
  EXPECT_EQ(EraseUser(Against(response), {.user_id = "kim"}), ExitCode::kDone);
  EXPECT_EQ(out_.str(), "this request erased the user before, at sequence 42\n");
}

TEST_F(EraseCommandTest, SaysWhatStillHasTheUserId) {
  auto response = Erased(1);
  response.set_pending(true);
  response.add_copies("/backups/monday");
  response.add_copies("/backups/evil\x1b[2J");
  EXPECT_EQ(EraseUser(Against(response), {.user_id = "kim"}), ExitCode::kDone);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("of 1 coupon, at"), HasSubstr("couponctl info"),
                                HasSubstr("may still have it"), HasSubstr("  /backups/monday\n"),
                                Not(HasSubstr("\x1b"))));
}

TEST_F(EraseCommandTest, PrintsTheAnswerAsJson) {
  EXPECT_EQ(EraseUser(Against(Erased(3), true), {.user_id = "kim"}), ExitCode::kDone);
  const auto json = boost::json::parse(out_.str());
  EXPECT_EQ(json.at("erasedCoupons"), "3");
  EXPECT_EQ(json.at("pending"), false);
}

TEST_F(EraseCommandTest, AnErrorOrAnEmptyAnswerLeavesItOpen) {
  EXPECT_EQ(EraseUser(Against(Refuse(503, "unavailable")), {.user_id = "kim"}), ExitCode::kFailed);
  EXPECT_THAT(err_.str(), HasSubstr("trying again is safe"));
  EXPECT_EQ(EraseUser(Against(coupon::v1::EraseUserResponse()), {.user_id = "kim"}),
            ExitCode::kFailed);
  EXPECT_EQ(out_.str(), "");
}

}  // namespace
}  // namespace coupond::ctl
