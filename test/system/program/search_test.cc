#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <string>
#include <vector>

#include "system/program/coupon_client.h"
#include "system/program/server_process.h"

// Coupons of several campaigns and users are found on the real server, before and after it is
// killed.
namespace coupond::test {
namespace {

using testing::ElementsAreArray;

class SearchTest : public testing::TestWithParam<Form> {
 protected:
  static constexpr int kCampaigns = 3;
  static constexpr int kCoupons = 40;  // of each campaign

  struct Known {
    std::string campaign_id;
    std::string user_id;  // empty: nobody's
    api::CouponState state = api::COUPON_STATE_ISSUED;
  };

  /// Issues coupons of all campaigns in turn, to four users and to nobody, and changes some.
  void IssueAndChange() {
    for (int i = 0; i < kCampaigns; ++i) {
      api::CreateCampaignRequest request;
      request.set_name("campaign " + std::to_string(i));
      request.set_total_coupons(1'000);
      request.mutable_start_in();
      request.set_coupons_per_user(1'000);
      campaigns_.push_back(client_.Create(request).response.campaign().id());
    }
    for (int i = 0; i < kCampaigns * kCoupons; ++i) {
      api::IssueCouponRequest request;
      request.set_campaign_id(campaigns_[i % kCampaigns]);
      request.set_request_id("request " + std::to_string(i));
      if (i % 5 > 0) request.set_user_id("user " + std::to_string(i % 5));
      const std::string code = client_.Issue(request).response.coupon().code();
      codes_.push_back(code);
      Known& coupon = known_[code];
      coupon = {.campaign_id = request.campaign_id(), .user_id = request.user_id()};
      if (i % 7 == 1) {
        EXPECT_TRUE(client_.Redeem(code).response.success());
        coupon.state = api::COUPON_STATE_REDEEMED;
      } else if (i % 7 == 2) {
        EXPECT_TRUE(client_.Void(code).response.changed());
        coupon.state = api::COUPON_STATE_VOIDED;
      } else if (i % 7 == 3) {
        EXPECT_TRUE(client_.Void(code, /*return_to_pool=*/true).response.changed());
        coupon.state = api::COUPON_STATE_RETURNED;
      }
    }
  }

  /// Searches by everything and compares what is found with what is known. Returns all answers.
  std::string ExpectAllFound() {
    std::string answers;
    for (const int campaign : {-1, 0, 1, 2}) {
      for (const char* const user : {"", "user 1", "user 4", "nobody"}) {
        for (const int state : {0, 1, 2, 4, 5}) {
          api::SearchCouponsRequest request;
          if (campaign >= 0)
            request.set_campaign_id(campaigns_[static_cast<std::size_t>(campaign)]);
          request.set_user_id(user);
          if (state > 0) request.add_states(static_cast<api::CouponState>(state));
          if (campaign >= 0 || !request.user_id().empty()) answers += ExpectFound(request);
        }
      }
    }
    return answers;
  }
  std::string ExpectFound(api::SearchCouponsRequest request) {
    SCOPED_TRACE(request.ShortDebugString());
    std::vector<std::string> expected;
    for (const std::string& code : codes_) {
      const Known& coupon = known_.at(code);
      if ((request.campaign_id().empty() || request.campaign_id() == coupon.campaign_id) &&
          (request.user_id().empty() || request.user_id() == coupon.user_id) &&
          (request.states().empty() || request.states(0) == coupon.state)) {
        expected.push_back(code);
      }
    }
    std::string answers;
    for (const api::CouponOrder order :
         {api::COUPON_ORDER_OLDEST_FIRST, api::COUPON_ORDER_NEWEST_FIRST}) {
      request.set_order(order);
      request.set_page_size(7);
      request.clear_page_token();
      std::vector<std::string> found;
      do {
        const auto page = client_.Search(request);
        EXPECT_TRUE(page.ok()) << page.raw_body;
        if (!page.ok()) return answers;
        for (const api::Coupon& coupon : page.response.coupons()) found.push_back(coupon.code());
        for (const api::Coupon& coupon : page.response.coupons()) {
          answers += coupon.ShortDebugString() + "\n";
        }
        request.set_page_token(page.response.next_page_token());
      } while (!request.page_token().empty());
      if (order == api::COUPON_ORDER_OLDEST_FIRST) {
        EXPECT_THAT(found, ElementsAreArray(expected));
      } else {
        EXPECT_THAT(found, ElementsAreArray(expected.rbegin(), expected.rend()));
      }
    }
    return answers;
  }

  ServerProcess server_;
  CouponClient client_{server_.port(), GetParam()};
  std::vector<std::string> campaigns_;
  std::vector<std::string> codes_;  // in order of issue
  std::map<std::string, Known> known_;
};

TEST_P(SearchTest, FindsTheSameAfterACrash) {
  IssueAndChange();
  const std::string before = ExpectAllFound();
  EXPECT_FALSE(before.empty());
  server_.Kill();
  server_.Start();
  client_ = CouponClient(server_.port(), GetParam());
  EXPECT_EQ(ExpectAllFound(), before);

  EXPECT_TRUE(client_.Delete(campaigns_[1]).ok());
  std::erase_if(codes_, [&](const std::string& code) {
    return known_.at(code).campaign_id == campaigns_[1];
  });
  api::SearchCouponsRequest request;
  request.set_campaign_id(campaigns_[1]);
  EXPECT_EQ(client_.Search(request).code, "not_found");
  request.Clear();
  request.set_user_id("user 1");
  ExpectFound(request);
}

INSTANTIATE_TEST_SUITE_P(Forms, SearchTest,
                         testing::Values(Form::kConnectJson, Form::kConnectProto), NameOfForm);

}  // namespace
}  // namespace coupond::test
