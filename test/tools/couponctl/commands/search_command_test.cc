#include "couponctl/commands/commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "coupon/v1/coupon_service.pb.h"
#include "support/fake_server.h"
#include "tools/couponctl/one_answer_fixture.h"
#include "tools/couponctl/run_couponctl.h"

namespace coupond::ctl {
namespace {

using coupon::v1::SearchCouponsRequest;
using coupon::v1::SearchCouponsResponse;
using test::FakeAnswer;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

/// A coupon that was redeemed for an order.
coupon::v1::Coupon Redeemed(const std::string& code) {
  coupon::v1::Coupon coupon;
  coupon.set_code(code);
  coupon.set_campaign_id("some-id");
  coupon.set_state(coupon::v1::COUPON_STATE_REDEEMED);
  coupon.mutable_issued_at()->set_seconds(1);
  coupon.mutable_expire_time()->set_seconds(9);
  coupon.set_user_id("kim");
  coupon.mutable_redemption()->set_order_ref("4711\x1b[2J");
  return coupon;
}

class SearchCommandTest : public OneAnswerFixture {
 protected:
  /// Makes the server answer with these pages, one after another; each has the next one's number as
  /// its token.
  CommandContext AgainstPages(std::vector<SearchCouponsResponse> pages, bool json = false) {
    for (std::size_t i = 0; i + 1 < pages.size(); ++i) {
      pages[i].set_next_page_token(std::to_string(i + 1));
    }
    server_ = std::make_unique<test::FakeServer>([this, pages = std::move(pages)](
                                                     std::string_view, std::string_view body) {
      SearchCouponsRequest& request = requests_.emplace_back();
      request.ParseFromArray(body.data(), static_cast<int>(body.size()));
      const std::string& token = request.page_token();
      return FakeAnswer{.body = pages[token.empty() ? 0 : std::stoul(token)].SerializeAsString()};
    });
    client_ =
        std::make_unique<rpc_client::ConnectClient>(server_->address(), std::chrono::seconds(60));
    return {.client = *client_, .json = json, .out = out_, .err = err_};
  }
  static SearchCouponsResponse PageOf(const std::vector<std::string>& codes) {
    SearchCouponsResponse page;
    for (const std::string& code : codes) *page.add_coupons() = Redeemed(code);
    return page;
  }

  std::vector<SearchCouponsRequest> requests_;  // on the server's thread, until it has ended
};

TEST_F(SearchCommandTest, SendsAllThatIsAskedFor) {
  EXPECT_EQ(SearchCoupons(
                Against(SearchCouponsResponse()),
                {.user_id = "kim",
                 .campaign_id = "some-id",
                 .states = {coupon::v1::COUPON_STATE_REDEEMED, coupon::v1::COUPON_STATE_EXPIRED},
                 .newest_first = true,
                 .limit = 7}),
            ExitCode::kDone);
  const auto request = Received<SearchCouponsRequest>();
  EXPECT_EQ(Method(), "SearchCoupons");
  EXPECT_EQ(request.user_id(), "kim");
  EXPECT_EQ(request.campaign_id(), "some-id");
  EXPECT_THAT(request.states(),
              ElementsAre(coupon::v1::COUPON_STATE_REDEEMED, coupon::v1::COUPON_STATE_EXPIRED));
  EXPECT_EQ(request.order(), coupon::v1::COUPON_ORDER_NEWEST_FIRST);
  EXPECT_EQ(request.page_size(), 7);
  EXPECT_EQ(out_.str(), "no coupons were found\n");
}

TEST_F(SearchCommandTest, ShowsWhatBecameOfEachCoupon) {
  SearchCouponsResponse page = PageOf({"됴큐허뎌댜시햐추무6"});
  EXPECT_EQ(SearchCoupons(Against(page), {.user_id = "kim"}), ExitCode::kDone);
  EXPECT_THAT(out_.str(),
              AllOf(HasSubstr("됴큐허뎌댜시햐추무6   redeemed  1970-01-01T00:00:01Z"),
                    HasSubstr("1970-01-01T00:00:09Z"), HasSubstr("some-id   kim   4711?[2J\n")));
  EXPECT_THAT(out_.str(),
              AllOf(HasSubstr("EXPIRES AT"), HasSubstr("CAMPAIGN"), HasSubstr("ORDER")));
  out_.str("");
  EXPECT_EQ(SearchCoupons(Against(page), {.campaign_id = "some-id"}), ExitCode::kDone);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("EXPIRES AT"), Not(HasSubstr("some-id"))));
  out_.str("");
  page.mutable_coupons(0)->clear_expire_time();
  EXPECT_EQ(SearchCoupons(Against(page), {.campaign_id = "some-id"}), ExitCode::kDone);
  EXPECT_THAT(out_.str(), Not(HasSubstr("EXPIRES AT"))) << "none of the campaign's does";
}

TEST_F(SearchCommandTest, FollowsThePagesEvenPastEmptyOnes) {
  std::vector<SearchCouponsResponse> pages(300);
  pages[1] = PageOf({"가", "나"});
  pages[299] = PageOf({"다"});
  EXPECT_EQ(SearchCoupons(AgainstPages(pages), {.user_id = "kim"}), ExitCode::kDone) << err_.str();
  const std::string text = out_.str();
  EXPECT_THAT(text, AllOf(HasSubstr("가"), HasSubstr("나"), HasSubstr("다")));
  EXPECT_EQ(text.find("CODE"), text.rfind("CODE")) << "one line of titles";
  server_.reset();
  EXPECT_EQ(requests_.size(), 300U);
  EXPECT_EQ(requests_.back().user_id(), "kim") << "all fields come with each page token";
}

TEST_F(SearchCommandTest, StopsAtTheLimit) {
  EXPECT_EQ(SearchCoupons(AgainstPages({PageOf({"가", "나"}), PageOf({"다"}), PageOf({"라"})}),
                          {.user_id = "kim", .limit = 3}),
            ExitCode::kDone);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("다"), Not(HasSubstr("라"))));
  server_.reset();
  ASSERT_EQ(requests_.size(), 2U);
  EXPECT_EQ(requests_.back().page_size(), 1);
}

TEST_F(SearchCommandTest, JsonIsALineForEachCoupon) {
  EXPECT_EQ(SearchCoupons(AgainstPages({PageOf({"가", "나"}), PageOf({"다"})}, /*json=*/true),
                          {.user_id = "kim"}),
            ExitCode::kDone);
  std::istringstream lines(out_.str());
  std::vector<std::string> codes;
  for (std::string line; std::getline(lines, line);) {
    codes.push_back(line.substr(0, line.find(',')));
  }
  EXPECT_THAT(codes, ElementsAre(R"({"code":"가")", R"({"code":"나")", R"({"code":"다")"));
  out_.str("");
  EXPECT_EQ(SearchCoupons(Against(SearchCouponsResponse(), /*json=*/true), {.user_id = "kim"}),
            ExitCode::kDone);
  EXPECT_EQ(out_.str(), "");
}

TEST_F(SearchCommandTest, AnUnknownCampaignIsRefused) {
  EXPECT_EQ(SearchCoupons(Against(Refuse(404, "not_found")), {.campaign_id = "x"}),
            ExitCode::kRefused);
  EXPECT_THAT(err_.str(), HasSubstr("`couponctl list` shows the campaigns"));
}

TEST(SearchOptions, SayWhatIsMissingOrWrong) {
  const Ran nothing = RunCouponctl("search --newest-first");
  EXPECT_EQ(nothing.exit_code, 2);
  EXPECT_THAT(nothing.output, HasSubstr("nothing to search by; give --user, --campaign or both"));
  const Ran unknown = RunCouponctl("search --user kim --state used");
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_THAT(unknown.output, HasSubstr("--state: \"used\" is not a state; give one or more of "
                                        "issued, redeemed, expired, voided, returned"));
  EXPECT_THAT(RunCouponctl("search --help").output, HasSubstr("  couponctl search --user kim\n"));
}

}  // namespace
}  // namespace coupond::ctl
