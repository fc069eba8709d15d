#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "system/program/coupon_client.h"
#include "system/program/server_process.h"

namespace coupond::test {
namespace {

/// More pages than any list here has, so that an endless list fails.
constexpr int kPagesMax = 1'000;

/// Returns the codes on all pages of this size, in order. Calls `between` after each page.
template <typename Between>
std::vector<std::string> WalkCoupons(CouponClient& client, const std::string& campaign,
                                     int page_size, Between between) {
  std::vector<std::string> codes;
  std::string token;
  int pages = 0;
  do {
    const auto page = client.ListCoupons(campaign, page_size, token);
    EXPECT_TRUE(page.ok()) << page.message;
    if (!page.ok()) break;
    EXPECT_LE(page.response.coupons_size(), page_size == 0 ? 100 : page_size);
    for (const api::Coupon& coupon : page.response.coupons()) codes.push_back(coupon.code());
    token = page.response.next_page_token();
    between();
  } while (!token.empty() && ++pages < kPagesMax);
  return codes;
}

class PagesTest : public testing::TestWithParam<Form> {
 protected:
  ServerProcess server_;
  CouponClient client_{server_.port(), GetParam()};
};

TEST_P(PagesTest, EveryCampaignIsListedOnceInOrderOfCreation) {
  std::vector<std::string> names;
  for (int i = 0; i < 23; ++i) {
    names.push_back("campaign " + std::to_string(i));
    const auto created = client_.Create(names.back(), 10, Now() + 3'600'000'000'000);
    ASSERT_TRUE(created.ok()) << created.message;
  }
  // A deleted one leaves no gap.
  ASSERT_TRUE(client_.Delete("", names[7]).response.success());
  names.erase(names.begin() + 7);
  for (const int page_size : {1, 2, 11, 22, 23, 1'000, 0}) {
    std::vector<std::string> walked;
    std::string token;
    int pages = 0;
    do {
      const auto page = client_.ListCampaigns(page_size, token);
      ASSERT_TRUE(page.ok()) << page.message;
      for (const api::Campaign& campaign : page.response.campaigns()) {
        walked.push_back(campaign.name());
      }
      token = page.response.next_page_token();
    } while (!token.empty() && ++pages < kPagesMax);
    EXPECT_EQ(walked, names) << "in pages of " << page_size;
  }
}

TEST_P(PagesTest, EveryCouponIsListedOnceInOrderOfIssue) {
  const std::string campaign = client_.CreateStarted("walk", 1'000);
  std::vector<std::string> issued;
  for (int i = 0; i < 205; ++i) {
    issued.push_back(client_.Issue(campaign).response.coupon().code());
  }
  for (const int page_size : {1, 7, 100, 204, 205, 206, 1'000, 0}) {
    EXPECT_EQ(WalkCoupons(client_, campaign, page_size, [] {}), issued)
        << "in pages of " << page_size;
  }
  EXPECT_EQ(client_.Codes(campaign), issued);
}

TEST_P(PagesTest, PagesMissAndRepeatNothingWhileMoreAreIssued) {
  constexpr int kTotal = 600;
  const std::string campaign = client_.CreateStarted("busy", kTotal);
  std::vector<std::string> issued;
  const auto issue = [&] {
    const auto answer = client_.Issue(campaign);
    if (answer.response.success()) issued.push_back(answer.response.coupon().code());
  };
  for (int i = 0; i < 50; ++i) issue();
  // Two coupons are issued for every page of three, until they run out.
  const auto walked = WalkCoupons(client_, campaign, 3, [&] {
    issue();
    issue();
  });
  ASSERT_LE(walked.size(), issued.size());
  EXPECT_GE(walked.size(), 50U);
  issued.resize(walked.size());
  EXPECT_EQ(walked, issued);
}

INSTANTIATE_TEST_SUITE_P(Forms, PagesTest, testing::Values(Form::kConnectJson, Form::kConnectProto),
                         NameOfForm);

}  // namespace
}  // namespace coupond::test
