#include "api/batches/batch_mapping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "api/command_mapping.h"
#include "api/mapping_expectations.h"
#include "api/refusal_mapping.h"
#include "api/request_keys.h"
#include "engine/rules/limits.h"
#include "rpc/connect/standard_details.h"

namespace coupond::api {
namespace {

constexpr const char* kId = "123e4567-e89b-42d3-a456-426614174000";

class BatchMappingTest : public testing::Test {
 protected:
  BatchMappingTest() { request_.set_campaign_id(kId); }

  Mapped<MappedBatch> Map(const std::optional<std::string>& key = std::nullopt) {
    return MapBatchIssueCoupons(request_, claims_, key);
  }
  void AskFor(const std::vector<std::string>& user_ids) {
    request_.clear_user_ids();
    for (const std::string& user_id : user_ids) request_.add_user_ids(user_id);
  }

  ClaimDigest claims_{CodeKey{}};
  const CampaignId campaign_ = MapCampaignId(kId).value();
  coupon::v1::BatchIssueCouponsRequest request_;
};

TEST_F(BatchMappingTest, ANumberOfCouponsIsNobodys) {
  request_.set_count(7);
  const MappedBatch batch = Map().value();
  EXPECT_EQ(batch.command.campaign_id, campaign_);
  EXPECT_EQ(batch.command.anonymous, 7U);
  EXPECT_TRUE(batch.command.users.empty());
  EXPECT_FALSE(batch.command.allow_partial);
  EXPECT_FALSE(batch.command.request);
  EXPECT_TRUE(batch.command.results);
  EXPECT_TRUE(batch.users.empty());
}

TEST_F(BatchMappingTest, EachUserIsMappedAsByIssueCoupon) {
  AskFor({"kim", " ｌｅｅ", "\u1100\u1175\u11B7"});
  request_.set_allow_partial(true);
  const MappedBatch batch = Map().value();
  EXPECT_TRUE(batch.command.allow_partial);
  EXPECT_EQ(batch.command.anonymous, 0U);
  ASSERT_EQ(batch.command.users.size(), 3U);
  ASSERT_EQ(batch.users.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    coupon::v1::IssueCouponRequest one;
    one.set_campaign_id(kId);
    one.set_user_id(request_.user_ids(static_cast<int>(i)));
    const IssueCoupon alone = MapIssueCoupon(one, claims_).value();
    const IssueCoupon& user = batch.command.users[i];
    EXPECT_EQ(user.campaign_id, alone.campaign_id);
    EXPECT_EQ(user.holder, alone.holder);
    EXPECT_EQ(user.holder_as_sent, alone.holder_as_sent);
    EXPECT_EQ(user.request_key, std::nullopt);
    EXPECT_EQ(user.user_id, alone.user_id);
    EXPECT_EQ(batch.users[i].user_id, alone.user_id);
    EXPECT_EQ(batch.users[i].holder, alone.holder);
  }
  EXPECT_EQ(batch.users[0].user_id_as_sent, std::nullopt);
  EXPECT_EQ(batch.users[1].user_id_as_sent, " ｌｅｅ");
}

TEST_F(BatchMappingTest, ARequestIdGivesEachNamingOfAUserAKey) {
  AskFor({"kim", "lee", "ｋｉｍ", "kim"});
  request_.set_request_id("b1");
  const MappedBatch batch = Map().value();
  const auto key = [&](const char* user_id, std::uint32_t occurrence) {
    return std::optional(claims_.OfUserBatch(campaign_, user_id, "b1", occurrence));
  };
  EXPECT_EQ(batch.command.users[0].request_key, key("kim", 1));
  EXPECT_EQ(batch.command.users[1].request_key, key("lee", 1));
  EXPECT_EQ(batch.command.users[2].request_key, key("kim", 2)) << "in normal form";
  EXPECT_EQ(batch.command.users[3].request_key, key("kim", 3));
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(batch.users[i].request_key, batch.command.users[i].request_key);
  }
}

TEST_F(BatchMappingTest, TheWholeHasOneKeyOfAllThatItAsksFor) {
  AskFor({"kim", "lee"});
  request_.set_request_id("b1");
  const RequestKey key = Map().value().command.request.value();
  EXPECT_EQ(key.digest, claims_.OfRequestId("b1"));
  AskFor({" kim", "ｌｅｅ"});
  EXPECT_EQ(Map().value().command.request, key) << "texts that look the same";
  std::set<std::uint64_t> contents = {key.content};
  const auto differs = [&] { return contents.insert(Map()->command.request->content).second; };
  AskFor({"lee", "kim"});
  EXPECT_TRUE(differs());
  AskFor({"kim"});
  EXPECT_TRUE(differs());
  AskFor({"kiml", "ee"});
  EXPECT_TRUE(differs());
  request_.set_allow_partial(true);
  EXPECT_TRUE(differs());
  AskFor({});
  request_.set_count(2);
  EXPECT_TRUE(differs());
  request_.set_count(3);
  EXPECT_TRUE(differs());
  request_.set_campaign_id("123e4567-e89b-42d3-a456-426614174001");
  EXPECT_TRUE(differs());
}

TEST_F(BatchMappingTest, TheHeaderIsAnotherWayToGiveTheRequestId) {
  AskFor({"kim"});
  const auto by_header = Map("\"b1\"").value();
  request_.set_request_id("b1");
  const auto by_field = Map().value();
  EXPECT_EQ(by_header.command.request, by_field.command.request);
  EXPECT_EQ(by_header.command.users[0].request_key, by_field.command.users[0].request_key);
  EXPECT_TRUE(Map("b1"));
  ExpectInvalid(Map("b2"), "request_id: differs from the header Idempotency-Key");
}

TEST_F(BatchMappingTest, EitherANumberOrUsersMustBeGiven) {
  ExpectInvalid(Map(), "count and user_ids are both missing");
  AskFor({"kim"});
  request_.set_count(1);
  ExpectInvalid(Map(), "count and user_ids are both given");
  AskFor({});
  request_.set_count(-5);
  ExpectInvalid(Map(), "count: -5 is negative; give 1 to 10000");
  EXPECT_EQ(connect::DetailsOf(Map().error(), kErrorDomain).field, "count");
}

TEST_F(BatchMappingTest, AnErrorNamesThePlaceOfTheUser) {
  AskFor({"kim", std::string(limits::kUserIdMaxBytes + 1, 'u')});
  ExpectInvalid(Map(), "user_ids[1]: too long (129 bytes); at most 128 bytes are allowed");
  EXPECT_EQ(connect::DetailsOf(Map().error(), kErrorDomain).field, "user_ids[1]");
  AskFor({""});
  ExpectInvalid(Map(), "user_ids[0]: empty");
  AskFor({"kim", "lee", "  "});
  ExpectInvalid(Map(), "user_ids[2]: has only blanks");
  AskFor({"kim", "a\u0007"});
  request_.set_request_id(std::string(limits::kRequestIdMaxBytes + 1, 'r'));
  ExpectInvalid(Map(), "user_ids[1]: U+0007");
  AskFor({"kim"});
  ExpectInvalid(Map(), "request_id: too long");
  request_.set_campaign_id("");
  ExpectInvalid(Map(), "campaign_id: missing");
}

TEST_F(BatchMappingTest, MappingSomeUsersAtATimeGivesTheSame) {
  AskFor({"kim", "lee", "kim", "park", "kim"});
  request_.set_request_id("b1");
  const MappedBatch whole = Map().value();
  BatchMapping mapping = BatchMapping::Begin(request_, std::nullopt).value();
  EXPECT_EQ(mapping.coupons(), 5U);
  request_.Clear();  // of which the mapping has what it needs
  EXPECT_FALSE(mapping.MapSome(claims_, 2).value());
  EXPECT_FALSE(mapping.MapSome(claims_, 2).value());
  EXPECT_TRUE(mapping.MapSome(claims_, 2).value());
  const MappedBatch batch = mapping.Take(claims_);
  EXPECT_EQ(batch.command.request, whole.command.request);
  ASSERT_EQ(batch.users.size(), whole.users.size());
  for (std::size_t i = 0; i < batch.users.size(); ++i) {
    EXPECT_EQ(batch.command.users[i].user_id, whole.command.users[i].user_id);
    EXPECT_EQ(batch.command.users[i].request_key, whole.command.users[i].request_key);
    EXPECT_EQ(batch.users[i].holder, whole.users[i].holder);
  }
}

TEST_F(BatchMappingTest, TooManyUsersAreRefusedBeforeTheyAreLookedAt) {
  AskFor(std::vector<std::string>(limits::kCouponsPerBatchMax + 1, "\u0007"));
  ExpectInvalid(Map(), "user_ids: too many");
  const connect::ReadDetails read = connect::DetailsOf(Map().error(), kErrorDomain);
  EXPECT_EQ(read.reason, "BATCH_TOO_LARGE");
  EXPECT_EQ(read.field, "user_ids");
  AskFor(std::vector<std::string>(limits::kCouponsPerBatchMax, "kim"));
  EXPECT_TRUE(Map());
}

}  // namespace
}  // namespace coupond::api
