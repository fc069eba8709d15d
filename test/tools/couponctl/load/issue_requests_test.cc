#include "couponctl/load/issue_requests.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "coupon/v1/coupon_service.pb.h"

namespace coupond::ctl {
namespace {

/// Reads requests as a server does, by their Content-Length.
class IssueRequestsTest : public testing::Test {
 protected:
  coupon::v1::IssueCouponRequest Next(IssueRequests& requests) {
    user_ = requests.Next(bytes_);
    const std::size_t head = bytes_.find("\r\n\r\n") + 4;
    const std::size_t length = bytes_.find("Content-Length: ") + 16;
    EXPECT_EQ(std::stoul(bytes_.substr(length)), bytes_.size() - head);
    coupon::v1::IssueCouponRequest request;
    EXPECT_TRUE(request.ParseFromString(bytes_.substr(head)));
    EXPECT_EQ(request.campaign_id(), "c-1");
    return request;
  }
  static IssueRequests Make(RequestIdentity identity) {
    return {{.host = "127.0.0.1", .port = "8080"}, "c-1", identity};
  }

  std::string bytes_;
  std::uint64_t user_ = 0;
};

TEST_F(IssueRequestsTest, NameNobodyUnlessAsked) {
  IssueRequests requests = Make({});
  for (int i = 0; i < 2; ++i) {
    const auto request = Next(requests);
    EXPECT_EQ(request.request_id(), "");
    EXPECT_EQ(request.user_id(), "");
    EXPECT_EQ(user_, 0U);
  }
}

TEST_F(IssueRequestsTest, NoTwoRequestIdsAreEqual) {
  IssueRequests requests = Make({.request_ids = true});
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) ids.insert(Next(requests).request_id());
  EXPECT_EQ(ids.size(), 1000U);
  EXPECT_EQ(ids.begin()->size(), 32U);
}

TEST_F(IssueRequestsTest, UsersTakeTurns) {
  IssueRequests requests = Make({.users = 12});
  for (int round = 0; round < 2; ++round) {
    for (std::uint64_t user = 1; user <= 12; ++user) {
      const auto request = Next(requests);
      EXPECT_EQ(request.user_id(), "user-" + std::to_string(user));
      EXPECT_EQ(request.user_id(), UserName(user));
      EXPECT_EQ(request.request_id(), "");
      EXPECT_EQ(user_, user);
    }
  }
}

TEST_F(IssueRequestsTest, UsersWithRequestIdsHaveBoth) {
  IssueRequests requests = Make({.request_ids = true, .users = 12});
  std::set<std::string> ids;
  for (std::uint64_t i = 0; i < 24; ++i) {
    const auto request = Next(requests);
    EXPECT_EQ(request.user_id(), UserName(i % 12 + 1));
    EXPECT_EQ(request.request_id().size(), 32U);
    ids.insert(request.request_id());
  }
  EXPECT_EQ(ids.size(), 24U);
}

TEST(UserNumber, IsTheInverseOfUserName) {
  EXPECT_EQ(UserNumber("user-1"), 1U);
  EXPECT_EQ(UserNumber(UserName(kLoadUsersMax)), kLoadUsersMax);
  for (const char* other :
       {"", "user-", "user-0", "user-01", "user-1x", "kim", "user-99999999999999999999"}) {
    EXPECT_EQ(UserNumber(other), 0U) << other;
  }
}

}  // namespace
}  // namespace coupond::ctl
