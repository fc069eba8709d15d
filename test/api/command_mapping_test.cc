#include "api/command_mapping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "api/time_mapping.h"
#include "engine/rules/limits.h"
#include "support/builders.h"

namespace coupond::api {
namespace {

using connect::Code;
using testing::ElementsAre;
using testing::StartsWith;

constexpr const char* kId = "123e4567-e89b-42d3-a456-426614174000";
constexpr std::int64_t kSecond = 1'000'000'000;

google::protobuf::Timestamp Message(std::int64_t seconds, std::int32_t nanos) {
  google::protobuf::Timestamp message;
  message.set_seconds(seconds);
  message.set_nanos(nanos);
  return message;
}

void AddMetadata(const char* key, const char* value, coupon::v1::CreateCampaignRequest& request) {
  coupon::v1::MetadataEntry& entry = *request.add_metadata();
  entry.set_key(key);
  entry.set_value(value);
}

/// Checks that the mapping failed as invalid, with a message that begins with `beginning`.
template <typename T>
void ExpectInvalid(const Mapped<T>& mapped, const char* beginning) {
  ASSERT_FALSE(mapped);
  EXPECT_EQ(mapped.error().code, Code::kInvalidArgument);
  EXPECT_THAT(mapped.error().message, StartsWith(beginning));
}

TEST(CommandMapping, ATimeKeepsItsNanoseconds) {
  EXPECT_FALSE(MapTime("end_time", false, Message(7, 7)).value());
  EXPECT_EQ(MapTime("end_time", true, Message(7, 999'999'999)).value()->unix_nanoseconds(),
            7 * kSecond + 999'999'999);
  EXPECT_EQ(MapTime("end_time", true, Message(-1, 999'999'999)).value()->unix_nanoseconds(), -1);
}

TEST(CommandMapping, NanosOutsideASecondAreInvalid) {
  for (const std::int32_t nanos : {-1, 1'000'000'000, std::numeric_limits<std::int32_t>::max(),
                                   std::numeric_limits<std::int32_t>::min()}) {
    ExpectInvalid(MapTime("end_time", true, Message(7, nanos)), "end_time: nanos");
  }
}

TEST(CommandMapping, UnrepresentableTimesStayOutOfRangeAndAreNotNever) {
  for (const std::int64_t seconds :
       {std::numeric_limits<std::int64_t>::max(), std::int64_t{9'223'372'037},
        std::int64_t{9'223'372'036}, std::int64_t{253'402'300'799}}) {
    const Timestamp time = *MapTime("end_time", true, Message(seconds, 999'999'999)).value();
    EXPECT_GE(time, limits::kStartTimeMax);
    EXPECT_LT(time, kNever);
  }
  for (const std::int64_t seconds : {std::numeric_limits<std::int64_t>::min(),
                                     std::int64_t{-9'223'372'037}, std::int64_t{-62'135'596'800}}) {
    EXPECT_LT(*MapTime("end_time", true, Message(seconds, 999'999'999)).value(), Timestamp());
  }
}

TEST(CommandMapping, EveryFieldOfACampaignIsMapped) {
  coupon::v1::CreateCampaignRequest request;
  request.set_name("설날");
  request.set_total_coupons(-5);  // for the rules to refuse
  *request.mutable_start_time() = Message(7, 8);
  EXPECT_EQ(MapCreateCampaign(request, test::Id(1))->end_time, kNever);
  request.set_description(" 한정\n\te\u0301\n");
  *request.mutable_end_time() = Message(9, 1);
  AddMetadata("b", "2", request);
  AddMetadata("a", "", request);
  const auto command = MapCreateCampaign(request, test::Id(1));
  ASSERT_TRUE(command);
  EXPECT_EQ(command->id, test::Id(1));
  EXPECT_EQ(command->name, "설날");
  EXPECT_EQ(command->total_coupons, -5);
  EXPECT_EQ(command->start_time.value(),
            StartTime(Timestamp::FromUnixNanoseconds(7 * kSecond + 8)));
  EXPECT_EQ(command->description, "한정\n\té");
  EXPECT_EQ(command->end_time, Timestamp::FromUnixNanoseconds(9 * kSecond + 1));
  EXPECT_THAT(command->metadata, ElementsAre(MetadataEntry{.key = "a", .value = ""},
                                             MetadataEntry{.key = "b", .value = "2"}));
}

TEST(CommandMapping, MetadataNeedsKeysOfItsOwn) {
  coupon::v1::CreateCampaignRequest request;
  AddMetadata("a", "1", request);
  AddMetadata("", "2", request);
  ExpectInvalid(MapCreateCampaign(request, test::Id(1)), "metadata: an entry has no key");
  request.mutable_metadata(1)->set_key("b");
  AddMetadata("a", "3", request);
  ExpectInvalid(MapCreateCampaign(request, test::Id(1)), "metadata: the key \"a\" occurs");
}

// Before they are copied into a command.
TEST(CommandMapping, TextsThatNoCampaignMayHaveAreRefusedAtOnce) {
  coupon::v1::CreateCampaignRequest request;
  request.set_description(std::string(18'001, 'x'));
  ExpectInvalid(MapCreateCampaign(request, test::Id(1)), "description: ");
  request.set_description(" " + std::string(18'000, 'x') + " ");
  EXPECT_TRUE(MapCreateCampaign(request, test::Id(1))) << "the rules count its characters";
  request.clear_description();
  for (int i = 0; i < 32; ++i) AddMetadata(std::to_string(i).c_str(), "", request);
  EXPECT_TRUE(MapCreateCampaign(request, test::Id(1)));
  AddMetadata("one more", "", request);
  ExpectInvalid(MapCreateCampaign(request, test::Id(1)), "metadata: ");
  request.clear_metadata();
  AddMetadata("large", std::string(4'092, 'x').c_str(), request);
  ExpectInvalid(MapCreateCampaign(request, test::Id(1)), "metadata: ");
}

TEST(CommandMapping, ADescriptionIsRefusedByItsCharacter) {
  coupon::v1::CreateCampaignRequest request;
  request.set_description("line one\nline\x1btwo");
  ExpectInvalid(MapCreateCampaign(request, test::Id(1)), "description: U+001B at character 14");
}

google::protobuf::Duration Duration(std::int64_t seconds, std::int32_t nanos) {
  google::protobuf::Duration message;
  message.set_seconds(seconds);
  message.set_nanos(nanos);
  return message;
}

TEST(CommandMapping, AStartInStaysRelative) {
  coupon::v1::CreateCampaignRequest request;
  *request.mutable_start_in() = Duration(7, 8);
  EXPECT_EQ(MapCreateCampaign(request, test::Id(1))->start_time.value(),
            StartTime(std::chrono::nanoseconds(7 * kSecond + 8)));
  *request.mutable_start_time() = Message(7, 8);
  ExpectInvalid(MapCreateCampaign(request, test::Id(1)), "start_time and start_in");
}

TEST(CommandMapping, UnrepresentableStartInsStayOutOfRange) {
  using std::chrono::nanoseconds;
  EXPECT_EQ(MapStartIn(Duration(-1, -5)).value(), nanoseconds(-kSecond - 5));
  EXPECT_EQ(MapStartIn(Duration(0, -5)).value(), nanoseconds(-5));
  EXPECT_GT(MapStartIn(Duration(std::numeric_limits<std::int64_t>::max(), 1)).value(),
            std::chrono::years(290));
  EXPECT_LT(MapStartIn(Duration(std::numeric_limits<std::int64_t>::min(), -1)).value(),
            -std::chrono::years(290));
  ExpectInvalid(MapStartIn(Duration(0, 1'000'000'000)), "start_in:");
  ExpectInvalid(MapStartIn(Duration(0, std::numeric_limits<std::int32_t>::min())), "start_in:");
  ExpectInvalid(MapStartIn(Duration(1, -1)), "start_in:");
  ExpectInvalid(MapStartIn(Duration(-1, 1)), "start_in:");
}

TEST(CommandMapping, AnIdIsMissingUnknownOrParsed) {
  ExpectInvalid(MapCampaignId(""), "campaign_id:");
  for (const char* text : {"x", "123e4567e89b42d3a456426614174000", "{123e4567-e89b-42d3}"}) {
    const auto mapped = MapCampaignId(text);
    ASSERT_FALSE(mapped) << text;
    EXPECT_EQ(mapped.error().code, Code::kNotFound);
    coupon::v1::RefusalDetail detail;
    ASSERT_EQ(mapped.error().details.size(), 1U);
    ASSERT_TRUE(detail.ParseFromString(mapped.error().details.front().value));
    EXPECT_EQ(detail.refusal(), coupon::v1::REFUSAL_NO_SUCH_CAMPAIGN);
    EXPECT_FALSE(detail.has_sequence())
        << "this rests on no event: no campaign can have such an id";
  }
  EXPECT_EQ(FormatUuid(MapCampaignId(kId).value().bytes), kId);
}

class IssueMappingTest : public testing::Test {
 protected:
  IssueMappingTest() { request_.set_campaign_id(kId); }
  Mapped<IssueCoupon> Map() { return MapIssueCoupon(request_, claims_); }

  ClaimDigest claims_{CodeKey{}};
  coupon::v1::IssueCouponRequest request_;
};

TEST_F(IssueMappingTest, WithoutIdsTheCouponIsAnonymous) {
  EXPECT_FALSE(Map().value().claim);
  EXPECT_EQ(Map().value().user_id, "");
}

TEST_F(IssueMappingTest, UsersAndRequestsAreDifferentClaims) {
  request_.set_request_id("7");
  const auto by_request = Map().value();
  EXPECT_TRUE(by_request.claim);
  EXPECT_EQ(by_request.user_id, "");
  request_.clear_request_id();
  request_.set_user_id("7");
  const auto by_user = Map().value();
  EXPECT_TRUE(by_user.claim);
  EXPECT_EQ(by_user.user_id, "7");
  EXPECT_NE(by_user.claim, by_request.claim);
}

TEST_F(IssueMappingTest, AUserIsRecognisedWhateverTheRequestId) {
  request_.set_user_id("7");
  const auto alone = Map().value();
  request_.set_request_id("first");
  EXPECT_EQ(Map().value().claim, alone.claim);
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

TEST_F(IssueMappingTest, IdsThatLookEqualAreOneClaim) {
  request_.set_user_id("김");
  const auto composed = Map().value();
  EXPECT_FALSE(composed.claim_as_sent);
  request_.set_user_id("\u1100\u1175\u11B7");
  const auto decomposed = Map().value();
  EXPECT_EQ(decomposed.claim, composed.claim);
  EXPECT_EQ(decomposed.user_id, "김");
  EXPECT_EQ(decomposed.claim_as_sent,
            claims_.Of(decomposed.campaign_id, ClaimKind::kUser, request_.user_id()));
  request_.clear_user_id();
  request_.set_request_id("ｏｒｄｅｒ １ ");
  const auto wide = Map().value();
  EXPECT_EQ(wide.claim, claims_.Of(wide.campaign_id, ClaimKind::kRequest, "order 1"));
  EXPECT_EQ(wide.claim_as_sent,
            claims_.Of(wide.campaign_id, ClaimKind::kRequest, request_.request_id()));
}

TEST_F(IssueMappingTest, BlankIdsAreNotAnonymous) {
  for (const char* blanks : {" ", "\t\n", "\u3000"}) {
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
  EXPECT_FALSE(Map().value().claim_as_sent) << "no store can hold anything that long";
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
    EXPECT_EQ(with_key(header).value().claim, of("order-1")) << header;
  }
  EXPECT_EQ(with_key(R"(" order-1 ")").value().claim_as_sent, of(" order-1 "));
  EXPECT_EQ(with_key(R"("a \"b\"")").value().claim, of(R"(a "b")"));

  request_.set_request_id("ｏｒｄｅｒ-1");
  EXPECT_EQ(with_key("order-1").value().claim, of("order-1")) << "the same in normal form";
  EXPECT_EQ(with_key("order-1").value().claim_as_sent, of(request_.request_id()));
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
  EXPECT_EQ(with_key("order-1").value().claim, Map().value().claim) << "the user is the key";
  EXPECT_FALSE(with_key("a b"));
}

TEST(CommandMapping, ANameIsMappedToItsNormalForm) {
  coupon::v1::CreateCampaignRequest request;
  request.set_name(" \u1107\u1169\u11B7 ");
  const auto command = MapCreateCampaign(request, test::Id(1));
  ASSERT_TRUE(command);
  EXPECT_EQ(command->name, "봄");
  EXPECT_EQ(command->name_as_sent, request.name());
  request.set_name("봄");
  EXPECT_EQ(MapCreateCampaign(request, test::Id(1)).value().name_as_sent, std::nullopt);
  request.set_name(" \u3000");
  EXPECT_EQ(MapCreateCampaign(request, test::Id(1)).value().name, "") << "for the rules to refuse";
  request.set_name("a\u202Eb");
  ExpectInvalid(MapCreateCampaign(request, test::Id(1)), "name: U+202E at character 2");
  std::string decomposed;
  for (int i = 0; i < 200; ++i) decomposed += "\u1107\u1169\u11B7";
  request.set_name(decomposed);
  EXPECT_EQ(MapCreateCampaign(request, test::Id(1)).value().name.size(), 600U);
  request.set_name(decomposed + "x");
  ExpectInvalid(MapCreateCampaign(request, test::Id(1)),
                "name: too long (1801 bytes); at most 200 characters are allowed");
}

TEST(CommandMapping, ADeletionHasTheNormalFormAndTheSentName) {
  coupon::v1::DeleteCampaignRequest request;
  request.set_campaign_name("\u1107\u1169\u11B7 ");
  const auto command = MapDeleteCampaign(request);
  ASSERT_TRUE(command && *command);
  EXPECT_EQ((*command)->name, "봄");
  EXPECT_EQ((*command)->name_as_sent, request.campaign_name());
  request.set_campaign_name(" ");
  ExpectInvalid(MapDeleteCampaign(request), "campaign_name: has only blanks");
  request.set_campaign_id(kId);
  ExpectInvalid(MapDeleteCampaign(request), "campaign_name: has only blanks");
  request.set_campaign_name("a\x01");
  ExpectInvalid(MapDeleteCampaign(request), "campaign_name: U+0001 at character 2");
  request.set_campaign_name(std::string(1'801, 'x'));
  EXPECT_FALSE(MapDeleteCampaign(request).value()) << "no campaign can have it";
}

TEST(CommandMapping, ADeletionNeedsANameOrAnId) {
  coupon::v1::DeleteCampaignRequest request;
  EXPECT_EQ(MapDeleteCampaign(request).error().code, Code::kInvalidArgument);
  request.set_campaign_name("설날");
  const auto by_name = MapDeleteCampaign(request);
  ASSERT_TRUE(by_name && *by_name);
  EXPECT_EQ((*by_name)->name.value_or(""), "설날");
  EXPECT_FALSE((*by_name)->campaign_id.has_value());
  request.set_campaign_id(kId);
  const auto by_both = MapDeleteCampaign(request);
  ASSERT_TRUE(by_both && *by_both);
  EXPECT_EQ((*by_both)->name.value_or(""), "설날");
  EXPECT_TRUE((*by_both)->campaign_id.has_value());
  request.set_campaign_id("no id");
  EXPECT_FALSE(MapDeleteCampaign(request).value()) << "there is no such campaign";
}

TEST(CommandMapping, PageSizesAreWithinTheirLimits) {
  EXPECT_EQ(MapPageSize(0), static_cast<std::size_t>(limits::kPageSizeDefault));
  EXPECT_EQ(MapPageSize(1), 1U);
  EXPECT_EQ(MapPageSize(limits::kPageSizeMax), static_cast<std::size_t>(limits::kPageSizeMax));
  ExpectInvalid(MapPageSize(-1), "page_size:");
  ExpectInvalid(MapPageSize(std::numeric_limits<std::int32_t>::min()), "page_size:");
  for (const std::int32_t above :
       {limits::kPageSizeMax + 1, std::numeric_limits<std::int32_t>::max()}) {
    EXPECT_EQ(MapPageSize(above), static_cast<std::size_t>(limits::kPageSizeMax));
  }
}

}  // namespace
}  // namespace coupond::api
