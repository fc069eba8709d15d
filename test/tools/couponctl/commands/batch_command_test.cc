#include "couponctl/commands/commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "coupon/v1/coupon_service.pb.h"
#include "couponctl/commands/user_list.h"
#include "engine/rules/ids.h"
#include "tools/couponctl/one_answer_fixture.h"

namespace coupond::ctl {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

using BatchCommandTest = OneAnswerFixture;

coupon::v1::BatchIssueCouponsResponse TwoCoupons() {
  coupon::v1::BatchIssueCouponsResponse response;
  response.set_sequence(52);
  response.set_issued_coupons(2);
  response.add_coupons()->set_code("됴큐허뎌댜시햐추무6");
  response.add_coupons()->set_code("누벼처5도시햐료개무");
  return response;
}

/// kim got a coupon, lee had one, and park got none.
coupon::v1::BatchIssueCouponsResponse ThreeUsers() {
  coupon::v1::BatchIssueCouponsResponse response;
  response.set_sequence(52);
  response.set_issued_coupons(1);
  coupon::v1::BatchIssueResult& kim = *response.add_results();
  kim.set_success(true);
  kim.mutable_coupon()->set_code("됴큐허뎌댜시햐추무6");
  kim.mutable_coupon()->set_state(coupon::v1::COUPON_STATE_ISSUED);
  coupon::v1::BatchIssueResult& lee = *response.add_results();
  lee.set_success(true);
  lee.set_already_issued(true);
  lee.mutable_coupon()->set_code("누벼처5도시햐료개무");
  lee.mutable_coupon()->set_state(coupon::v1::COUPON_STATE_REDEEMED);
  coupon::v1::BatchIssueResult& park = *response.add_results();
  park.set_error("no more coupons available");
  park.set_refusal(coupon::v1::REFUSAL_SOLD_OUT);
  return response;
}

BatchPlan PlanFor(std::vector<std::string> user_ids) {
  return {.campaign_id = "some-id", .user_ids = std::move(user_ids), .request_id = "r1"};
}

TEST_F(BatchCommandTest, ANumberOfCouponsIsPrintedAsCodesAlone) {
  EXPECT_EQ(BatchIssueCoupons(Against(TwoCoupons()), {.campaign_id = "some-id", .count = 2}),
            ExitCode::kDone);
  EXPECT_EQ(Method(), "BatchIssueCoupons");
  EXPECT_EQ(out_.str(), "됴큐허뎌댜시햐추무6\n누벼처5도시햐료개무\n");
  EXPECT_THAT(err_.str(), EndsWith("couponctl: 2 coupons were issued (sequence 52)\n"));
  EXPECT_EQ(done_, "2 coupons were issued (sequence 52)");
}

TEST_F(BatchCommandTest, ARequestIdIsDrawnAndPrintedBeforehand) {
  std::string ids[2];
  for (std::string& id : ids) {
    err_.str("");
    EXPECT_EQ(BatchIssueCoupons(Against(Refuse(503, "unavailable")),
                                {.campaign_id = "some-id", .count = 2}),
              ExitCode::kFailed);
    id = Received<coupon::v1::BatchIssueCouponsRequest>().request_id();
    EXPECT_TRUE(ParseUuid(id)) << id;
    EXPECT_THAT(err_.str(), StartsWith("couponctl: the request id is " + id + "\n"));
    EXPECT_THAT(err_.str(), HasSubstr("try again with --request-id " + id));
  }
  EXPECT_NE(ids[0], ids[1]);
}

TEST_F(BatchCommandTest, UsersAreShownWithWhatCameOfThem) {
  BatchPlan plan = PlanFor({"kim", "lee", "park"});
  plan.allow_partial = true;
  EXPECT_EQ(BatchIssueCoupons(Against(ThreeUsers()), plan), ExitCode::kRefused);
  const auto request = Received<coupon::v1::BatchIssueCouponsRequest>();
  EXPECT_EQ(request.campaign_id(), "some-id");
  EXPECT_THAT(request.user_ids(), ElementsAre("kim", "lee", "park"));
  EXPECT_TRUE(request.allow_partial());
  EXPECT_EQ(request.count(), 0);
  EXPECT_EQ(request.request_id(), "r1");
  EXPECT_EQ(out_.str(),
            "CODE                  USER  OUTCOME\n"
            "됴큐허뎌댜시햐추무6   kim   issued\n"
            "누벼처5도시햐료개무   lee   had it before, now redeemed\n"
            "                      park  no more coupons available\n");
  EXPECT_EQ(err_.str(),
            "couponctl: the request id is r1\n"
            "couponctl: 1 coupon was issued (sequence 52); 1 could not be issued\n");
}

TEST_F(BatchCommandTest, FewerThanWereAskedForAreNotAll) {
  const BatchPlan plan{
      .campaign_id = "some-id", .count = 5, .allow_partial = true, .request_id = "r1"};
  EXPECT_EQ(BatchIssueCoupons(Against(TwoCoupons()), plan), ExitCode::kRefused);
  EXPECT_THAT(err_.str(), HasSubstr("2 coupons were issued (sequence 52); 3 could not be issued"));
}

TEST_F(BatchCommandTest, ARepeatedRequestSaysSo) {
  auto response = TwoCoupons();
  response.set_already_issued(true);
  EXPECT_EQ(BatchIssueCoupons(Against(response), {.count = 2, .request_id = "r1"}),
            ExitCode::kDone);
  EXPECT_THAT(err_.str(),
              HasSubstr("this request was carried out before, and issued 2 coupons (sequence 52)"));
}

TEST_F(BatchCommandTest, ProgramsGetTheWholeAnswer) {
  EXPECT_EQ(BatchIssueCoupons(Against(TwoCoupons(), /*json=*/true), {.count = 2}), ExitCode::kDone);
  EXPECT_THAT(out_.str(), StartsWith(R"({"coupons":[{"code":"됴큐허뎌댜시햐추무6")"));
  EXPECT_THAT(out_.str(), EndsWith("}\n"));
  EXPECT_THAT(err_.str(), StartsWith("couponctl: the request id is ")) << "so that a retry is safe";
}

TEST_F(BatchCommandTest, AnAnswerThatDoesNotSayWhatBecameOfAllIsNone) {
  for (coupon::v1::BatchIssueCouponsResponse response :
       {coupon::v1::BatchIssueCouponsResponse(), ThreeUsers()}) {
    EXPECT_EQ(BatchIssueCoupons(Against(response), PlanFor({"kim", "lee"})), ExitCode::kFailed);
    EXPECT_THAT(err_.str(), HasSubstr("try again with --request-id r1"));
    err_.str("");
  }
  auto one_is_lost = TwoCoupons();
  one_is_lost.mutable_coupons()->RemoveLast();
  EXPECT_EQ(BatchIssueCoupons(Against(one_is_lost), {.count = 2}), ExitCode::kFailed);
}

TEST_F(BatchCommandTest, ARefusalIsPrintedWithItsMessage) {
  EXPECT_EQ(BatchIssueCoupons(Against(Refuse(429, "resource_exhausted")), PlanFor({"kim"})),
            ExitCode::kRefused);
  EXPECT_THAT(err_.str(), EndsWith("couponctl: resource_exhausted: because\n"));
}

TEST(UserList, HasAUserOnEachLine) {
  std::istringstream lines("\xEF\xBB\xBFkim\r\n\n  \nlee \n김");
  EXPECT_THAT(ReadUsers(lines, 3).value(), ElementsAre("kim", "lee ", "김"));
}

TEST(UserList, MustNotBeEmptyOrTooLong) {
  std::istringstream none("\n\n");
  EXPECT_THAT(ReadUsers(none, 3).error(), StartsWith("has no users"));
  std::istringstream four("a\nb\nc\nd\n");
  EXPECT_THAT(ReadUsers(four, 3).error(),
              StartsWith("has 4 users, but a batch has at most 3; split the file"));
  EXPECT_THAT(ReadUsersFile("/nowhere/users.txt", 3).error(),
              StartsWith("cannot read /nowhere/users.txt: No such file"));
  EXPECT_EQ(ReadUsersFile("/", 3).error(), "cannot read /: Is a directory");
}

TEST(UserList, NamesALineThatIsNotUtf8) {
  std::istringstream lines("kim\n\n\xb1\xe8\n");
  EXPECT_THAT(ReadUsers(lines, 3).error(), StartsWith("is not UTF-8 in line 3; "));
}

}  // namespace
}  // namespace coupond::ctl
