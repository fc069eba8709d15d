#include "api/command_mapping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "api/mapping_expectations.h"
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

Mapped<CreateCampaign> MapCreate(const coupon::v1::CreateCampaignRequest& request,
                                 const std::optional<std::string>& key = std::nullopt) {
  ClaimDigest claims{CodeKey{}};
  return MapCreateCampaign(request, claims, {}, key);
}

/// Returns a request whose first fields, which come before all others, have no fault.
coupon::v1::CreateCampaignRequest Begun() {
  coupon::v1::CreateCampaignRequest request;
  request.set_name("봄");
  request.set_total_coupons(1);
  *request.mutable_start_time() = TimeMessage(7, 8);
  return request;
}

void AddMetadata(const char* key, const char* value, coupon::v1::CreateCampaignRequest& request) {
  coupon::v1::MetadataEntry& entry = *request.add_metadata();
  entry.set_key(key);
  entry.set_value(value);
}

TEST(CommandMapping, ATimeKeepsItsNanoseconds) {
  EXPECT_FALSE(MapTime("end_time", false, TimeMessage(7, 7)).value());
  EXPECT_EQ(MapTime("end_time", true, TimeMessage(7, 999'999'999)).value()->unix_nanoseconds(),
            7 * kSecond + 999'999'999);
  EXPECT_EQ(MapTime("end_time", true, TimeMessage(-1, 999'999'999)).value()->unix_nanoseconds(),
            -1);
}

TEST(CommandMapping, NanosOutsideASecondAreInvalid) {
  for (const std::int32_t nanos : {-1, 1'000'000'000, std::numeric_limits<std::int32_t>::max(),
                                   std::numeric_limits<std::int32_t>::min()}) {
    ExpectInvalid(MapTime("end_time", true, TimeMessage(7, nanos)), "end_time: nanos");
  }
}

TEST(CommandMapping, TimesOutOfRangeAreNotNever) {
  for (const std::int64_t seconds :
       {std::numeric_limits<std::int64_t>::max(), std::int64_t{9'223'372'037},
        std::int64_t{9'223'372'036}, std::int64_t{253'402'300'799}}) {
    const Timestamp time = *MapTime("end_time", true, TimeMessage(seconds, 999'999'999)).value();
    EXPECT_GE(time, limits::kStartTimeMax);
    EXPECT_LT(time, kNever);
  }
  for (const std::int64_t seconds : {std::numeric_limits<std::int64_t>::min(),
                                     std::int64_t{-9'223'372'037}, std::int64_t{-62'135'596'800}}) {
    EXPECT_LT(*MapTime("end_time", true, TimeMessage(seconds, 999'999'999)).value(), Timestamp());
  }
}

TEST(CommandMapping, EveryFieldOfACampaignIsMapped) {
  coupon::v1::CreateCampaignRequest request;
  request.set_name("설날");
  request.set_total_coupons(-5);  // for the rules to refuse
  *request.mutable_start_time() = TimeMessage(7, 8);
  const auto without_terms = MapCreate(request);
  ASSERT_TRUE(without_terms);
  EXPECT_EQ(without_terms->end_time, kNever);
  EXPECT_EQ(without_terms->coupons_per_user, 1U);
  EXPECT_FALSE(without_terms->user_required);
  EXPECT_EQ(without_terms->redeem_start_time, kAlways);
  EXPECT_EQ(without_terms->expire_time, kNever);
  EXPECT_EQ(without_terms->valid_duration, kUnlimited);
  EXPECT_FALSE(without_terms->redeem_by_holder_only);
  EXPECT_FALSE(without_terms->request);
  EXPECT_FALSE(without_terms->validate_only);
  request.set_description(" 한정\n\te\u0301\n");
  *request.mutable_end_time() = TimeMessage(9, 1);
  request.set_coupons_per_user(3);
  request.set_user_required(true);
  *request.mutable_redeem_start_time() = TimeMessage(10, 1);
  *request.mutable_expire_time() = TimeMessage(11, 1);
  *request.mutable_valid_duration() = DurationMessage(12, 1);
  request.set_redeem_by_holder_only(true);
  request.set_validate_only(true);
  AddMetadata("b", "2", request);
  AddMetadata("a", "", request);
  const auto command = MapCreate(request);
  ASSERT_TRUE(command);
  EXPECT_EQ(command->name, "설날");
  EXPECT_EQ(command->total_coupons, -5);
  EXPECT_EQ(command->start_time.value(),
            StartTime(Timestamp::FromUnixNanoseconds(7 * kSecond + 8)));
  EXPECT_EQ(command->description, "한정\n\té");
  EXPECT_EQ(command->end_time, Timestamp::FromUnixNanoseconds(9 * kSecond + 1));
  EXPECT_EQ(command->coupons_per_user, 3U);
  EXPECT_TRUE(command->user_required);
  EXPECT_EQ(command->redeem_start_time, Timestamp::FromUnixNanoseconds(10 * kSecond + 1));
  EXPECT_EQ(command->expire_time, Timestamp::FromUnixNanoseconds(11 * kSecond + 1));
  EXPECT_EQ(command->valid_duration, std::chrono::nanoseconds(12 * kSecond + 1));
  EXPECT_TRUE(command->redeem_by_holder_only);
  EXPECT_TRUE(command->validate_only);
  EXPECT_THAT(command->metadata, ElementsAre(MetadataEntry{.key = "a", .value = ""},
                                             MetadataEntry{.key = "b", .value = "2"}));
}

TEST(CommandMapping, TermsThatCannotBeAreRefusedByTheirField) {
  coupon::v1::CreateCampaignRequest request = Begun();
  request.set_coupons_per_user(-1);
  EXPECT_GT(MapCreate(request)->coupons_per_user, limits::kCouponsPerUserMax) << "for the rules";
  request.clear_coupons_per_user();
  *request.mutable_redeem_start_time() = TimeMessage(1, -1);
  ExpectInvalid(MapCreate(request), "redeem_start_time: nanos");
  request.clear_redeem_start_time();
  *request.mutable_expire_time() = TimeMessage(1, -1);
  ExpectInvalid(MapCreate(request), "expire_time: nanos");
  request.clear_expire_time();
  *request.mutable_valid_duration() = DurationMessage(1, -1);
  ExpectInvalid(MapCreate(request), "valid_duration: nanos");
}

TEST(CommandMapping, MetadataNeedsKeysOfItsOwn) {
  coupon::v1::CreateCampaignRequest request = Begun();
  AddMetadata("a", "1", request);
  AddMetadata("", "2", request);
  ExpectInvalid(MapCreate(request), "metadata: an entry has no key");
  request.mutable_metadata(1)->set_key("b");
  AddMetadata("a", "3", request);
  ExpectInvalid(MapCreate(request), "metadata: the key \"a\" occurs");
}

// Before they are copied into a command.
TEST(CommandMapping, TextsThatNoCampaignMayHaveAreRefusedAtOnce) {
  coupon::v1::CreateCampaignRequest request = Begun();
  request.set_description(std::string(18'001, 'x'));
  ExpectInvalid(MapCreate(request), "description: ");
  request.set_description(" " + std::string(18'000, 'x') + " ");
  EXPECT_TRUE(MapCreate(request)) << "the rules count its characters";
  request.clear_description();
  for (int i = 0; i < 32; ++i) AddMetadata(std::to_string(i).c_str(), "", request);
  EXPECT_TRUE(MapCreate(request));
  AddMetadata("one more", "", request);
  ExpectInvalid(MapCreate(request), "metadata: ");
  request.clear_metadata();
  AddMetadata("large", std::string(4'092, 'x').c_str(), request);
  ExpectInvalid(MapCreate(request), "metadata: ");
}

TEST(CommandMapping, ADescriptionIsRefusedByItsCharacter) {
  coupon::v1::CreateCampaignRequest request = Begun();
  request.set_description("line one\nline\x1btwo");
  ExpectInvalid(MapCreate(request), "description: U+001B at character 14");
}

TEST(CommandMapping, AStartInStaysRelative) {
  coupon::v1::CreateCampaignRequest request = Begun();
  request.clear_start_time();
  *request.mutable_start_in() = DurationMessage(7, 8);
  EXPECT_EQ(MapCreate(request)->start_time.value(),
            StartTime(std::chrono::nanoseconds(7 * kSecond + 8)));
  *request.mutable_start_time() = TimeMessage(7, 8);
  ExpectInvalid(MapCreate(request), "start_time and start_in");
}

TEST(CommandMapping, UnrepresentableStartInsStayOutOfRange) {
  using std::chrono::nanoseconds;
  EXPECT_EQ(MapDuration("start_in", DurationMessage(-1, -5)).value(), nanoseconds(-kSecond - 5));
  EXPECT_EQ(MapDuration("start_in", DurationMessage(0, -5)).value(), nanoseconds(-5));
  EXPECT_GT(
      MapDuration("start_in", DurationMessage(std::numeric_limits<std::int64_t>::max(), 1)).value(),
      std::chrono::years(290));
  EXPECT_LT(MapDuration("start_in", DurationMessage(std::numeric_limits<std::int64_t>::min(), -1))
                .value(),
            -std::chrono::years(290));
  ExpectInvalid(MapDuration("start_in", DurationMessage(0, 1'000'000'000)), "start_in:");
  ExpectInvalid(
      MapDuration("start_in", DurationMessage(0, std::numeric_limits<std::int32_t>::min())),
      "start_in:");
  ExpectInvalid(MapDuration("start_in", DurationMessage(1, -1)), "start_in:");
  ExpectInvalid(MapDuration("start_in", DurationMessage(-1, 1)), "start_in:");
}

TEST(CommandMapping, AnIdIsMissingImpossibleOrParsed) {
  ExpectInvalid(MapCampaignId(""), "campaign_id:");
  for (const char* text : {"x", "123e4567e89b42d3a456426614174000", "{123e4567-e89b-42d3}"}) {
    EXPECT_EQ(MapCampaignId(text), kNoCampaign) << text << " is for the rules to refuse";
  }
  EXPECT_EQ(FormatUuid(MapCampaignId(kId).value().bytes), kId);
}

TEST(CommandMapping, ANameIsMappedToItsNormalForm) {
  coupon::v1::CreateCampaignRequest request;
  request.set_name(" \u1107\u1169\u11B7 ");
  const auto command = MapCreate(request);
  ASSERT_TRUE(command);
  EXPECT_EQ(command->name, "봄");
  EXPECT_EQ(command->name_as_sent, request.name());
  request.set_name("봄");
  EXPECT_EQ(MapCreate(request).value().name_as_sent, std::nullopt);
  request.set_name(" \u3000");
  EXPECT_EQ(MapCreate(request).value().name, "") << "for the rules to refuse";
  request.set_name("a\u202Eb");
  ExpectInvalid(MapCreate(request), "name: U+202E at character 2");
  std::string decomposed;
  for (int i = 0; i < 200; ++i) decomposed += "\u1107\u1169\u11B7";
  request.set_name(decomposed);
  EXPECT_EQ(MapCreate(request).value().name.size(), 600U);
  request.set_name(decomposed + "x");
  ExpectInvalid(MapCreate(request),
                "name: too long (1801 bytes); at most 200 characters are allowed");
}

TEST(CommandMapping, ADeletionHasTheNormalFormAndTheSentName) {
  coupon::v1::DeleteCampaignRequest request;
  request.set_campaign_name("\u1107\u1169\u11B7 ");
  const auto command = MapDeleteCampaign(request);
  ASSERT_TRUE(command);
  EXPECT_EQ(command->name, "봄");
  EXPECT_EQ(command->name_as_sent, request.campaign_name());
  request.set_campaign_name(" ");
  ExpectInvalid(MapDeleteCampaign(request), "campaign_name: has only blanks");
  request.set_campaign_id(kId);
  ExpectInvalid(MapDeleteCampaign(request), "campaign_name: has only blanks");
  request.set_campaign_name("a\x01");
  ExpectInvalid(MapDeleteCampaign(request), "campaign_name: U+0001 at character 2");
  request.set_campaign_name(std::string(1'801, 'x'));
  for (const char* id : {"", kId}) {
    request.set_campaign_id(id);
    EXPECT_EQ(MapDeleteCampaign(request).value().campaign_id, kNoCampaign) << "none can have it";
  }
}

TEST(CommandMapping, ADeletionNeedsANameOrAnId) {
  coupon::v1::DeleteCampaignRequest request;
  EXPECT_EQ(MapDeleteCampaign(request).error().code, Code::kInvalidArgument);
  request.set_campaign_name("설날");
  const auto by_name = MapDeleteCampaign(request);
  ASSERT_TRUE(by_name);
  EXPECT_EQ(by_name->name.value_or(""), "설날");
  EXPECT_FALSE(by_name->campaign_id.has_value());
  request.set_campaign_id(kId);
  const auto by_both = MapDeleteCampaign(request);
  ASSERT_TRUE(by_both);
  EXPECT_EQ(by_both->name.value_or(""), "설날");
  EXPECT_TRUE(by_both->campaign_id.has_value());
  request.set_campaign_id("no id");
  EXPECT_EQ(MapDeleteCampaign(request).value().campaign_id, kNoCampaign);
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
