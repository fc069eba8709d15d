// What callers with keys can do and see, besides which methods they may call
// (access_matrix_test.cc).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "api/keyed_service_fixture.h"

namespace coupond::api {
namespace {

using access::Role;
using testing::HasSubstr;
using testing::IsEmpty;

std::size_t CharactersOf(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

class AccessTest : public KeyedServiceFixture {
 protected:
  std::string ReasonOf(const Exchange& exchange, int status) {
    return DetailsOf(exchange, status).reason;
  }
  template <typename Response>
  Response Get(std::string_view method, std::string_view more = "",
               std::string_view campaign_id = "") {
    return Read<Response>(AskFor(method, more, campaign_id));
  }
};

TEST_F(AccessTest, SaysWhyAKeyIsRefused) {
  As("");
  EXPECT_EQ(ReasonOf(AskFor("GetCampaign"), 401), "KEY_MISSING");
  As("ck_admin");
  EXPECT_EQ(ReasonOf(AskFor("GetCampaign"), 401), "KEY_INVALID");
  As(Add({.role = Role::kAdmin, .revoked = test::At(0)}));
  EXPECT_EQ(ReasonOf(AskFor("GetCampaign"), 401), "KEY_REVOKED");
  As(Role::kIssuer);
  const Exchange refused = AskFor("GetCampaign");
  EXPECT_THAT(BodyOf(refused, 403), HasSubstr("these roles may: admin, operator, viewer"));
  EXPECT_EQ(ReasonOf(refused, 403), "ROLE_NOT_ALLOWED");
}

TEST_F(AccessTest, AKeyIsValidUntilItExpires) {
  As(Add({.role = Role::kViewer, .expires = clock_.Now().Plus(std::chrono::seconds(1))}));
  (void)BodyOf(AskFor("GetCampaign"));
  clock_.Set(clock_.Now().Plus(std::chrono::nanoseconds(999'999'999)));
  (void)BodyOf(AskFor("GetCampaign"));
  clock_.Set(clock_.Now().Plus(std::chrono::nanoseconds(1)));
  EXPECT_EQ(ReasonOf(AskFor("GetCampaign"), 401), "KEY_EXPIRED");
}

TEST_F(AccessTest, NewKeysCountFromTheNextRequestOn) {
  As(Role::kViewer);
  (void)BodyOf(AskFor("GetCampaign"));
  ring_.Replace({});
  EXPECT_EQ(ReasonOf(AskFor("GetCampaign"), 401), "KEY_INVALID");
  ring_.Replace(keys_);
  (void)BodyOf(AskFor("GetCampaign"));
}

TEST_F(AccessTest, TwoKeysAreNone) {
  const std::string authorization = "Bearer " + texts_.front();
  const std::vector<http::HeaderField> headers = {{"Authorization", authorization},
                                                  {"authorization", authorization},
                                                  {"Content-Type", "application/json"}};
  EXPECT_EQ(ReasonOf(Post("ListCampaigns", "{}", headers), 401), "KEY_INVALID");
}

TEST_F(AccessTest, TheSchemeIsReadInAnyCaseAndOthersAreRefused) {
  for (const auto& [scheme, status] :
       {std::pair{"bearer ", 200}, {"BEARER  ", 200}, {"Basic ", 401}, {"", 401}}) {
    const std::string authorization = scheme + texts_.front();
    const std::vector<http::HeaderField> headers = {{"Authorization", authorization},
                                                    {"Content-Type", "application/json"}};
    (void)BodyOf(Post("ListCampaigns", "{}", headers), status);
  }
}

TEST_F(AccessTest, AViewerSeesThreeCharactersOfACode) {
  const std::string code = IssueAsAdmin("", R"(,"userId":"kim")");
  const auto expect_codes = [&](bool whole) {
    const auto shown = Get<coupon::v1::GetCampaignResponse>("GetCampaign").coupons(0).code();
    const auto listed = Get<coupon::v1::ListCouponsResponse>("ListCoupons").coupons(0).code();
    const auto found = Get<coupon::v1::SearchCouponsResponse>("SearchCoupons", R"(,"userId":"kim")")
                           .coupons(0)
                           .code();
    for (const std::string& text : {shown, listed, found}) {
      EXPECT_EQ(CharactersOf(text), whole ? 10U : 3U);
      EXPECT_TRUE(code.starts_with(text));
    }
  };
  // In both orders, because answers are kept.
  for (const Role role : {Role::kOperator, Role::kViewer, Role::kOperator, Role::kViewer}) {
    As(role);
    expect_codes(role == Role::kOperator);
  }
}

TEST_F(AccessTest, AnIssuerSeesTheCouponThatItIsGiven) {
  As(Role::kIssuer);
  const auto issued = Get<coupon::v1::IssueCouponResponse>("IssueCoupon", R"(,"userId":"kim")");
  EXPECT_EQ(CharactersOf(issued.coupon().code()), 10U);
}

TEST_F(AccessTest, TheCampaignOfAKeyIsFilledIn) {
  const std::string other = CreateAsAdmin();
  const std::string own_code = IssueAsAdmin();
  const std::string other_code = IssueAsAdmin(other);
  As(Add({.role = Role::kOperator, .campaigns = {test::Id(1)}}));
  EXPECT_TRUE(Read<coupon::v1::IssueCouponResponse>(Ask("IssueCoupon", "{}")).success());
  const auto ask_about = [&](std::string_view method, const std::string& code,
                             std::string_view more = "") {
    return Ask(method, R"({"code":")" + code + '"' + std::string(more) + "}");
  };
  (void)BodyOf(ask_about("GetCoupon", own_code));
  EXPECT_EQ(ReasonOf(ask_about("GetCoupon", other_code), 404), "NO_SUCH_COUPON");
  const auto redeemed =
      Read<coupon::v1::RedeemCouponResponse>(ask_about("RedeemCoupon", other_code));
  EXPECT_EQ(redeemed.refusal(), coupon::v1::REFUSAL_NO_SUCH_COUPON);
  EXPECT_EQ(ReasonOf(ask_about("VoidCoupon", other_code), 404), "NO_SUCH_COUPON");
  EXPECT_EQ(
      ReasonOf(ask_about("CancelRedemption", other_code, R"(,"redemptionSequence":"1")"), 404),
      "NO_SUCH_COUPON");
  EXPECT_TRUE(
      Read<coupon::v1::RedeemCouponResponse>(ask_about("RedeemCoupon", own_code)).success());
  EXPECT_EQ(ReasonOf(AskFor("PauseCampaign", "", other), 403), "CAMPAIGN_NOT_ALLOWED");
  EXPECT_TRUE(Read<coupon::v1::UpdateCampaignResponse>(
                  Ask("UpdateCampaign", R"({"campaign":{"totalCoupons":11}})"))
                  .changed());
}

TEST_F(AccessTest, AKeyForSeveralCampaignsMustNameOne) {
  As(Add({.role = Role::kIssuer, .campaigns = {test::Id(1), test::Id(7)}}));
  const auto missing = DetailsOf(Ask("IssueCoupon", "{}"), 400);
  EXPECT_EQ(missing.field, "campaign_id");
  EXPECT_THAT(missing.description, HasSubstr("limited to 2 campaigns"));
  EXPECT_TRUE(Get<coupon::v1::IssueCouponResponse>("IssueCoupon").success());
  // Whether it exists is nobody's business before.
  EXPECT_EQ(ReasonOf(AskFor("IssueCoupon", "", "nonsense"), 403), "CAMPAIGN_NOT_ALLOWED");
  EXPECT_EQ(ReasonOf(AskFor("IssueCoupon", "", FormatUuid(test::Id(8).bytes)), 403),
            "CAMPAIGN_NOT_ALLOWED");
}

TEST_F(AccessTest, EventsAreOfAllowedCampaignsWhateverElseIsWrong) {
  const auto get = [&](std::string_view query) { return Send("GET", "/events", "", "", query); };
  As(Add({.role = Role::kOperator, .campaigns = {test::Id(1)}}));
  for (const std::string id : {"x", "00000000-0000-0000-0000-000000000009"}) {
    const Exchange refused = get("campaign_id=" + id + "&types=bad");
    EXPECT_EQ(ReasonOf(refused, 403), "CAMPAIGN_NOT_ALLOWED");
    EXPECT_THAT(BodyOf(refused, 403), HasSubstr(R"(\")" + id + R"(\" is none of them)"))
        << "the text that was sent";
  }
  EXPECT_EQ(DetailsOf(get("types=bad"), 400).field, "types");
  EXPECT_EQ(DetailsOf(get("types=bad&campaign_id=" + id_), 400).field, "types");
  (void)BodyOf(get("types=coupon.issued"));
}

TEST_F(AccessTest, TheListHasTheCampaignsOfTheKey) {
  const std::string other = CreateAsAdmin();
  const auto ids = [&](std::string_view request) {
    std::vector<std::string> listed;
    const auto page = Read<coupon::v1::ListCampaignsResponse>(Ask("ListCampaigns", request));
    for (const auto& campaign : page.campaigns()) listed.push_back(campaign.id());
    return listed;
  };
  As(Role::kViewer);
  EXPECT_THAT(ids("{}"), testing::ElementsAre(id_, other));
  As(Add({.role = Role::kViewer, .campaigns = {CampaignId{*ParseUuid(other)}}}));
  EXPECT_THAT(ids("{}"), testing::ElementsAre(other));
  As(Add({.role = Role::kViewer, .campaigns = {test::Id(8)}}));
  EXPECT_THAT(ids("{}"), IsEmpty());
  // A page at a time, too.
  std::vector<CampaignId> both = {test::Id(1), CampaignId{*ParseUuid(other)}};
  std::ranges::sort(both);
  As(Add({.role = Role::kViewer, .campaigns = both}));
  const auto first =
      Read<coupon::v1::ListCampaignsResponse>(Ask("ListCampaigns", R"({"pageSize":1})"));
  ASSERT_FALSE(first.next_page_token().empty());
  EXPECT_EQ(first.campaigns(0).id(), id_);
  EXPECT_THAT(ids(R"({"pageSize":1,"pageToken":")" + first.next_page_token() + R"("})"),
              testing::ElementsAre(other));
}

TEST_F(AccessTest, ARedeemerUndoesItsOwnRedemptionsAlone) {
  const std::string code = IssueAsAdmin();
  const std::string shop_a = Add({.role = Role::kRedeemer});
  const std::string shop_b = Add({.role = Role::kRedeemer});
  const auto redeem = [&](std::string_view more = "") {
    return Read<coupon::v1::RedeemCouponResponse>(
        Ask("RedeemCoupon", R"({"code":")" + code + '"' + std::string(more) + "}"));
  };
  const auto cancel = [&](std::string_view named) {
    return Ask("CancelRedemption", R"({"code":")" + code + R"(",)" + std::string(named) + "}");
  };
  As(shop_a);
  const auto redeemed = redeem(R"(,"requestId":"r1")");
  ASSERT_TRUE(redeemed.success());
  EXPECT_EQ(redeemed.coupon().redemption().key_id(), FormatKeyId(access::ParseKeyText(shop_a)->id));
  const std::string by_sequence =
      R"("redemptionSequence":")" + std::to_string(redeemed.sequence()) + '"';
  As(shop_b);
  EXPECT_EQ(ReasonOf(cancel(by_sequence), 403), "REDEMPTION_NOT_OWN");
  EXPECT_EQ(ReasonOf(cancel(R"("redemptionRequestId":"r1")"), 403), "REDEMPTION_NOT_OWN");
  EXPECT_EQ(ReasonOf(cancel(R"("redemptionSequence":"1")"), 400), "NOT_REDEEMED");
  const std::string long_reason = R"(,"reason":")" + std::string(129, 'x') + '"';
  EXPECT_EQ(ReasonOf(cancel(by_sequence + long_reason), 400), "REASON_TOO_LONG")
      << "a fault of the request comes before whose redemption it is";
  As(shop_a);
  const auto canceled = Read<coupon::v1::CancelRedemptionResponse>(
      cancel(R"("redemptionRequestId":"r1","requestId":"c1")"));
  EXPECT_EQ(canceled.coupon().state(), coupon::v1::COUPON_STATE_ISSUED);
  // The same request again.
  EXPECT_EQ(Read<coupon::v1::CancelRedemptionResponse>(
                cancel(R"("redemptionRequestId":"r1","requestId":"c1")"))
                .sequence(),
            canceled.sequence());
  EXPECT_EQ(ReasonOf(cancel(by_sequence), 400), "NOT_REDEEMED");
  // Of another campaign's coupon it learns nothing.
  As(shop_a);
  ASSERT_TRUE(redeem(R"(,"requestId":"r2")").success());
  As(Add({.role = Role::kRedeemer, .campaigns = {test::Id(7)}}));
  EXPECT_EQ(ReasonOf(cancel(R"("redemptionRequestId":"r2")"), 404), "NO_SUCH_COUPON");
  As(shop_a);
  (void)BodyOf(cancel(R"("redemptionRequestId":"r2")"));
  // An operator undoes anybody's.
  const auto again = redeem();
  As(Role::kOperator);
  (void)BodyOf(cancel(R"("redemptionSequence":")" + std::to_string(again.sequence()) + '"'));
}

TEST_F(AccessTest, APublicKeyIsForThePagesThatMayHaveIt) {
  As(Role::kPublic);
  EXPECT_EQ(ReasonOf(AskFor("GetCampaignStatus"), 403), "ORIGIN_MISSING");
  // The server's own origin is not enough: any name may be pointed at its address.
  for (const std::string_view page : {"https://evil.example", "https://coupons.example"}) {
    origin_ = page;
    EXPECT_EQ(ReasonOf(AskFor("GetCampaignStatus"), 403), "ORIGIN_NOT_ALLOWED") << page;
  }
  origin_ = kShop;
  (void)BodyOf(AskFor("GetCampaignStatus"));
}

TEST_F(AccessTest, APublicKeyDoesNotSayWhoTheUserIs) {
  As(Role::kPublic);
  origin_ = kShop;
  EXPECT_TRUE(Get<coupon::v1::IssueCouponResponse>("IssueCoupon").success());
  EXPECT_EQ(ReasonOf(AskFor("IssueCoupon", R"(,"userId":"kim")"), 403), "USER_ID_NOT_ALLOWED");
}

TEST_F(AccessTest, APublicKeyGetsNoCouponOfOthersRequests) {
  const std::string code = IssueAsAdmin("", R"(,"requestId":"order-17")");
  As(Role::kPublic);
  origin_ = kShop;
  const auto issued =
      Get<coupon::v1::IssueCouponResponse>("IssueCoupon", R"(,"requestId":"order-17")");
  EXPECT_FALSE(issued.already_issued());
  EXPECT_NE(issued.coupon().code(), code);
  // Its own requests are recognised.
  const auto again =
      Get<coupon::v1::IssueCouponResponse>("IssueCoupon", R"(,"requestId":"order-17")");
  EXPECT_TRUE(again.already_issued());
  EXPECT_EQ(again.coupon().code(), issued.coupon().code());
}

TEST_F(AccessTest, ALargeBodyIsNotReadWithoutAKeyThatMay) {
  constexpr std::size_t kUsual = 72 * 1'024;
  const auto head = [](std::vector<http::HeaderField>& headers) {
    return http::Request{.method = "POST",
                         .path = "/coupon.v1.CouponService/BatchIssueCoupons",
                         .query = {},
                         .body = {},
                         .headers = headers};
  };
  const http::Response plain{.status = 413, .content_type = {}, .headers = {}, .body = {}};
  for (const auto& [key, status] : {std::pair{std::string("nonsense"), 401},
                                    {texts_.at(static_cast<std::size_t>(Role::kIssuer)), 403}}) {
    const std::string authorization = "Bearer " + key;
    std::vector<http::HeaderField> headers = {{"Authorization", authorization},
                                              {"Content-Type", "application/json"}};
    EXPECT_EQ(handler_->BodyBytesMax(head(headers), kUsual), kUsual);
    EXPECT_EQ(handler_->BodyTooLarge(head(headers), plain, "too large").status, status);
  }
  const std::string authorization = "Bearer " + texts_.front();
  std::vector<http::HeaderField> headers = {{"Authorization", authorization},
                                            {"Content-Type", "application/json"}};
  EXPECT_GT(handler_->BodyBytesMax(head(headers), kUsual), 2'000'000U);
  EXPECT_EQ(handler_->BodyTooLarge(head(headers), plain, "too large").status, 413);
}

}  // namespace
}  // namespace coupond::api
