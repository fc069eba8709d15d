#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "api/command_mapping.h"
#include "api/mapping_expectations.h"
#include "engine/rules/limits.h"

namespace coupond::api {
namespace {

constexpr const char* kId = "123e4567-e89b-42d3-a456-426614174000";

class IssueMappingTest : public testing::Test {
 protected:
  IssueMappingTest() { request_.set_campaign_id(kId); }
  Mapped<IssueCoupon> Map() { return MapIssueCoupon(request_, claims_); }

  ClaimDigest claims_{CodeKey{}};
  coupon::v1::IssueCouponRequest request_;
};

TEST_F(IssueMappingTest, EachCallerHasTheDigestsOfWhatIsGiven) {
  const CampaignId campaign = MapCampaignId(kId).value();
  const IssueCoupon anonymous = Map().value();
  EXPECT_EQ(anonymous.campaign_id, campaign);
  EXPECT_FALSE(anonymous.holder);
  EXPECT_FALSE(anonymous.request_key);
  EXPECT_EQ(anonymous.user_id, "");

  request_.set_request_id("7");
  const IssueCoupon by_request = Map().value();
  EXPECT_FALSE(by_request.holder);
  EXPECT_EQ(by_request.request_key, claims_.Of(campaign, ClaimKind::kRequest, "7"));
  EXPECT_EQ(by_request.user_id, "");

  request_.set_user_id("kim");
  const IssueCoupon by_both = Map().value();
  EXPECT_EQ(by_both.holder, claims_.Of(campaign, ClaimKind::kUser, "kim"));
  EXPECT_EQ(by_both.request_key, claims_.OfUserRequest(campaign, "kim", "7"));
  EXPECT_EQ(by_both.user_id, "kim");

  request_.clear_request_id();
  const IssueCoupon by_user = Map().value();
  EXPECT_EQ(by_user.holder, by_both.holder);
  EXPECT_FALSE(by_user.request_key);
  EXPECT_EQ(by_user.user_id, "kim");
}

TEST_F(IssueMappingTest, IdsMayHaveTheMaximumLengthAndNoMore) {
  request_.set_user_id(std::string(limits::kUserIdMaxBytes, 'u'));
  request_.set_request_id(std::string(limits::kRequestIdMaxBytes, 'r'));
  EXPECT_TRUE(Map());
  request_.set_user_id(std::string(limits::kUserIdMaxBytes + 1, 'u'));
  ExpectInvalid(Map(), "user_id:");
  request_.clear_user_id();
  request_.set_request_id(std::string(limits::kRequestIdMaxBytes + 1, 'r'));
  ExpectInvalid(Map(), "request_id:");
}

TEST_F(IssueMappingTest, IdsThatLookEqualAreOne) {
  const CampaignId campaign = MapCampaignId(kId).value();
  request_.set_user_id("김");
  const IssueCoupon composed = Map().value();
  EXPECT_FALSE(composed.holder_as_sent);
  request_.set_user_id("\u1100\u1175\u11B7");
  const IssueCoupon decomposed = Map().value();
  EXPECT_EQ(decomposed.holder, composed.holder);
  EXPECT_EQ(decomposed.user_id, "김");
  EXPECT_EQ(decomposed.holder_as_sent, claims_.Of(campaign, ClaimKind::kUser, request_.user_id()));
  EXPECT_FALSE(decomposed.request_key_as_sent);

  request_.clear_user_id();
  request_.set_request_id("ｏｒｄｅｒ １ ");
  const IssueCoupon wide = Map().value();
  EXPECT_EQ(wide.request_key, claims_.Of(campaign, ClaimKind::kRequest, "order 1"));
  EXPECT_EQ(wide.request_key_as_sent,
            claims_.Of(campaign, ClaimKind::kRequest, request_.request_id()));
  EXPECT_FALSE(wide.holder_as_sent);

  request_.set_user_id(" kim");
  const IssueCoupon both = Map().value();
  EXPECT_EQ(both.request_key, claims_.OfUserRequest(campaign, "kim", "order 1"));
  EXPECT_FALSE(both.request_key_as_sent) << "stores with other texts have no such keys";
}

TEST_F(IssueMappingTest, BlankIdsAreNotAnonymous) {
  for (const char* blanks : {" ", "\t\n", "\u3000"}) {
    request_.clear_request_id();
    request_.set_user_id(blanks);
    ExpectInvalid(Map(), "user_id: has only blanks");
    request_.clear_user_id();
    request_.set_request_id(blanks);
    ExpectInvalid(Map(), "request_id: has only blanks");
  }
  request_.set_user_id("kim");
  ExpectInvalid(Map(), "request_id: has only blanks");
}

TEST_F(IssueMappingTest, InvisibleCharactersAreRefusedByName) {
  request_.set_user_id("kim\u200B");
  ExpectInvalid(Map(), "user_id: U+200B at character 4 is invisible");
  request_.clear_user_id();
  request_.set_request_id("a\tb");
  ExpectInvalid(Map(), "request_id: U+0009 at character 2 is a control character");
}

TEST_F(IssueMappingTest, LimitsApplyToTheNormalForm) {
  std::string wide;
  for (std::size_t i = 0; i < limits::kUserIdMaxBytes; ++i) wide += "ａ";
  request_.set_user_id("  " + wide + std::string(60'000, ' '));
  EXPECT_EQ(Map().value().user_id, std::string(limits::kUserIdMaxBytes, 'a'));
  EXPECT_FALSE(Map().value().holder_as_sent) << "no store can hold anything that long";
  request_.set_user_id(wide + "a");
  ExpectInvalid(Map(), "user_id: too long (129 bytes); at most 128 bytes are allowed");
  request_.set_user_id(std::string(60'000, 'a'));
  ExpectInvalid(Map(), "user_id: too long (60000 bytes); at most 128 bytes are allowed");
}

TEST_F(IssueMappingTest, AnIdempotencyKeyIsARequestId) {
  const auto with_key = [this](std::optional<std::string> key) {
    return MapIssueCoupon(request_, claims_, key);
  };
  const auto of = [this](std::string_view id) {
    return claims_.Of(MapCampaignId(kId).value(), ClaimKind::kRequest, id);
  };
  for (const char* header : {"order-1", R"("order-1")", R"(" order-1 ")"}) {
    EXPECT_EQ(with_key(header).value().request_key, of("order-1")) << header;
  }
  EXPECT_EQ(with_key(R"(" order-1 ")").value().request_key_as_sent, of(" order-1 "));
  EXPECT_EQ(with_key(R"("a \"b\"")").value().request_key, of(R"(a "b")"));

  request_.set_request_id("ｏｒｄｅｒ-1");
  EXPECT_EQ(with_key("order-1").value().request_key, of("order-1")) << "the same in normal form";
  EXPECT_EQ(with_key("order-1").value().request_key_as_sent, of(request_.request_id()));
  const auto differs = with_key("order-2");
  ExpectInvalid(differs, "request_id: differs from the header Idempotency-Key");
  EXPECT_EQ(differs.error().field, "request_id");

  request_.clear_request_id();
  for (const auto& [header, beginning] :
       {std::pair{std::string(), "Idempotency-Key must be"},
        {"a b", "Idempotency-Key must be"},
        {R"(" ")", "Idempotency-Key: has only blanks"},
        {std::string(65, 'x'), "Idempotency-Key: too long (65 bytes); at most 64"}}) {
    const auto malformed = with_key(header);
    ExpectInvalid(malformed, beginning);
    EXPECT_EQ(malformed.error().reason, "HEADER_INVALID");
    EXPECT_EQ(malformed.error().field, "") << "a header is not a field";
  }
  EXPECT_TRUE(with_key(std::string(64, 'x')));

  request_.set_user_id("kim");
  EXPECT_EQ(with_key("order-1").value().request_key,
            claims_.OfUserRequest(MapCampaignId(kId).value(), "kim", "order-1"));
  EXPECT_FALSE(with_key("a b"));
}

}  // namespace
}  // namespace coupond::api
