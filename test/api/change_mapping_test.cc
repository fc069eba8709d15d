#include "api/change_mapping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/mapping_expectations.h"
#include "base/error.h"
#include "engine/rules/limits.h"
#include "support/builders.h"

namespace coupond::api {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

class UpdateMappingTest : public testing::Test {
 protected:
  UpdateMappingTest() { campaign_.set_id(FormatUuid(test::Id(1).bytes)); }

  void SetEveryTerm() {
    campaign_.set_name("여름");
    campaign_.set_total_coupons(7);
    campaign_.mutable_start_time()->set_seconds(10);
    campaign_.mutable_end_time()->set_seconds(20);
    campaign_.set_description("text");
    campaign_.set_coupons_per_user(3);
    campaign_.set_user_required(true);
    *campaign_.mutable_redeem_start_time() = TimeMessage(12, 0);
    *campaign_.mutable_expire_time() = TimeMessage(30, 0);
    *campaign_.mutable_valid_duration() = DurationMessage(5, 1);
    campaign_.set_redeem_by_holder_only(true);
    coupon::v1::MetadataEntry& entry = *campaign_.add_metadata();
    entry.set_key("k");
    entry.set_value("v");
  }
  static TermChanges EveryChange() {
    return {.name = "여름",
            .total_coupons = 7,
            .start_time = Timestamp::FromUnixNanoseconds(10'000'000'000),
            .end_time = Timestamp::FromUnixNanoseconds(20'000'000'000),
            .description = "text",
            .metadata = std::vector<MetadataEntry>{{.key = "k", .value = "v"}},
            .coupons_per_user = 3,
            .user_required = true,
            .redeem_start_time = Timestamp::FromUnixNanoseconds(12'000'000'000),
            .expire_time = Timestamp::FromUnixNanoseconds(30'000'000'000),
            .valid_duration = std::chrono::nanoseconds(5'000'000'001),
            .redeem_by_holder_only = true};
  }
  Mapped<UpdateCampaign> Map(const std::optional<std::string>& key = std::nullopt) {
    return MapChange(request_, claims_, {}, key);
  }
  /// Returns the changes that a mask with these paths makes.
  Mapped<TermChanges> Changes(std::initializer_list<const char*> paths) {
    request_.clear_update_mask();
    for (const char* path : paths) request_.mutable_update_mask()->add_paths(path);
    UpdateCampaign command = TRY(Map());
    return std::move(command.changes);
  }

  ClaimDigest claims_{CodeKey{}};
  coupon::v1::UpdateCampaignRequest request_;
  coupon::v1::Campaign& campaign_ = *request_.mutable_campaign();
};

TEST_F(UpdateMappingTest, WithoutAMaskWhatIsSetChanges) {
  EXPECT_TRUE(Map().value().changes.empty());
  campaign_.set_total_coupons(7);
  EXPECT_EQ(Map().value().changes, TermChanges{.total_coupons = 7});
  SetEveryTerm();
  EXPECT_EQ(Map().value().changes, EveryChange());
  EXPECT_EQ(Map().value().campaign_id, test::Id(1));
  EXPECT_FALSE(Map().value().if_revision);
  EXPECT_EQ(Changes({}).value(), EveryChange()) << "an empty mask is none";
}

TEST_F(UpdateMappingTest, WhatIsNoTermIsIgnored) {
  campaign_.set_issued_coupons(5);
  campaign_.set_state(coupon::v1::CAMPAIGN_STATE_ENDED);
  campaign_.set_revision(5);
  campaign_.set_issuing_paused(true);
  campaign_.mutable_archived_at();
  EXPECT_TRUE(Map().value().changes.empty());
}

TEST_F(UpdateMappingTest, NumbersThatCannotBeAreForTheRulesToRefuse) {
  for (const std::int32_t number : {-1, std::numeric_limits<std::int32_t>::min()}) {
    campaign_.set_coupons_per_user(number);
    EXPECT_GT(Map().value().changes.coupons_per_user, limits::kCouponsPerUserMax);
  }
  campaign_.clear_coupons_per_user();
  campaign_.mutable_valid_duration();
  EXPECT_EQ(Map().value().changes, TermChanges{.valid_duration = std::chrono::nanoseconds(0)});
  *campaign_.mutable_valid_duration() = DurationMessage(1, -1);
  ExpectInvalid(Map(), "valid_duration: nanos");
}

TEST_F(UpdateMappingTest, ARequestMayHaveAnIdAndMayOnlyBeChecked) {
  SetEveryTerm();
  EXPECT_FALSE(Map().value().request);
  EXPECT_FALSE(Map().value().validate_only);
  request_.set_request_id("u1");
  request_.set_validate_only(true);
  const UpdateCampaign checked = Map().value();
  EXPECT_EQ(checked.request.value().digest, claims_.OfRequestId("u1"));
  EXPECT_TRUE(checked.validate_only);
  request_.set_validate_only(false);
  EXPECT_EQ(Map().value().request, checked.request);
  request_.clear_request_id();
  EXPECT_EQ(Map("\"u1\"").value().request, checked.request) << "in the header";
  request_.set_request_id("u2");
  ExpectInvalid(Map("\"u1\""), "request_id: differs from the header Idempotency-Key");
}

TEST_F(UpdateMappingTest, AMaskChoosesTheTerms) {
  SetEveryTerm();
  EXPECT_EQ(Changes({"name"}).value(), TermChanges{.name = "여름"});
  EXPECT_EQ(Changes({"metadata", "total_coupons"}).value(),
            (TermChanges{.total_coupons = 7, .metadata = EveryChange().metadata}));
  EXPECT_EQ(Changes({"*"}).value(), EveryChange());
  EXPECT_EQ(Changes({"name", "*", "name"}).value(), EveryChange());
}

TEST_F(UpdateMappingTest, WhatAMaskNamesButIsNotSetBecomesEmpty) {
  EXPECT_EQ(Changes({"end_time"}).value(), TermChanges{.end_time = kNever});
  EXPECT_EQ(Changes({"description"}).value(), TermChanges{.description = ""});
  EXPECT_EQ(Changes({"metadata"}).value(), TermChanges{.metadata = std::vector<MetadataEntry>()});
  EXPECT_EQ(Changes({"name"}).value(), TermChanges{.name = ""}) << "for the rules to refuse";
  EXPECT_EQ(Changes({"coupons_per_user"}).value(), TermChanges{.coupons_per_user = 1});
  EXPECT_EQ(Changes({"user_required"}).value(), TermChanges{.user_required = false});
  EXPECT_EQ(Changes({"redeem_start_time"}).value(), TermChanges{.redeem_start_time = kAlways});
  EXPECT_EQ(Changes({"expire_time"}).value(), TermChanges{.expire_time = kNever});
  EXPECT_EQ(Changes({"valid_duration"}).value(), TermChanges{.valid_duration = kUnlimited});
  EXPECT_EQ(Changes({"redeem_by_holder_only"}).value(),
            TermChanges{.redeem_by_holder_only = false});
  EXPECT_EQ(Changes({"total_coupons"}).value(), TermChanges{.total_coupons = 0});
  campaign_.set_name("여름");
  campaign_.set_total_coupons(7);
  for (const char* path : {"start_time", "*"}) {
    const auto without_start = Changes({path});
    ExpectInvalid(without_start, "start_time: named by update_mask but not set");
    coupon::v1::RefusalDetail detail;
    ASSERT_EQ(without_start.error().details.size(), 1U);
    ASSERT_TRUE(detail.ParseFromString(without_start.error().details.front().value));
    EXPECT_EQ(detail.refusal(), coupon::v1::REFUSAL_START_TIME_MISSING);
  }
}

TEST_F(UpdateMappingTest, ARefusalOfAPathNamesTheAllowedOnes) {
  SetEveryTerm();
  for (const char* path : {"id", "issued_coupons", "state", "totalCoupons", "start_time.seconds",
                           "", "name,total_coupons", "no_such_field"}) {
    const auto changes = Changes({"name", path});
    ExpectInvalid(changes, "update_mask: \"");
    EXPECT_THAT(
        changes.error().message,
        AllOf(HasSubstr("\"" + std::string(path) + "\" cannot be updated"),
              HasSubstr(
                  "name, total_coupons, start_time, description, end_time, coupons_per_user, ")));
  }
}

TEST_F(UpdateMappingTest, TextsAreMappedAsOnCreation) {
  campaign_.set_name(" \u1107\u1169\u11B7 ");
  campaign_.set_description("e\u0301\n");
  const auto command = Map().value();
  EXPECT_EQ(command.changes.name, "봄");
  EXPECT_EQ(command.name_as_sent, campaign_.name());
  EXPECT_EQ(command.changes.description, "é");
  campaign_.set_name("a\x01");
  ExpectInvalid(Map(), "name: U+0001");
  campaign_.clear_name();
  campaign_.set_description("a\x01");
  ExpectInvalid(Map(), "description: U+0001");
  ASSERT_TRUE(Changes({"end_time"})) << "what is not meant is not looked at";
  campaign_.mutable_end_time()->set_nanos(-1);
  ExpectInvalid(Map(), "end_time: nanos");
}

TEST_F(UpdateMappingTest, ARevisionMayBeZero) {
  request_.set_if_revision(0);
  EXPECT_EQ(Map().value().if_revision, Sequence(0));
  request_.set_if_revision(41);
  EXPECT_EQ(Map().value().if_revision, Sequence(41));
}

TEST_F(UpdateMappingTest, AnIdIsMissingOrImpossible) {
  campaign_.set_id("x");
  EXPECT_EQ(Map().value().campaign_id, kNoCampaign) << "for the rules to refuse";
  campaign_.clear_id();
  ExpectInvalid(Map(), "campaign.id: missing");
  request_.clear_campaign();
  ExpectInvalid(Map(), "campaign.id: missing");
}

template <typename Request>
Request RequestOf(coupon::v1::PauseScope scope) {
  Request request;
  request.set_campaign_id(FormatUuid(test::Id(1).bytes));
  request.set_scope(scope);
  request.set_reason(" too  many ｏｒｄｅｒｓ\n");
  return request;
}

TEST(ChangeMapping, AScopeSaysWhatIsPaused) {
  const struct {
    coupon::v1::PauseScope scope;
    Activities activities;
  } rows[] = {
      {coupon::v1::PAUSE_SCOPE_ISSUING, {.issuing = true, .redeeming = false}},
      {coupon::v1::PAUSE_SCOPE_REDEEMING, {.issuing = false, .redeeming = true}},
      {coupon::v1::PAUSE_SCOPE_BOTH, {.issuing = true, .redeeming = true}},
  };
  for (const auto& row : rows) {
    const auto paused = MapChange(RequestOf<coupon::v1::PauseCampaignRequest>(row.scope));
    ASSERT_TRUE(paused);
    EXPECT_EQ(paused->campaign_id, test::Id(1));
    EXPECT_EQ(paused->activities, row.activities);
    EXPECT_TRUE(paused->paused);
    EXPECT_EQ(paused->reason, "too  many orders");
    const auto resumed = MapChange(RequestOf<coupon::v1::ResumeCampaignRequest>(row.scope));
    ASSERT_TRUE(resumed);
    EXPECT_EQ(resumed->activities, row.activities);
    EXPECT_FALSE(resumed->paused);
  }
}

TEST(ChangeMapping, AScopeMustBeGiven) {
  for (const int scope : {0, 4, -1}) {
    ExpectInvalid(MapChange(RequestOf<coupon::v1::PauseCampaignRequest>(
                      static_cast<coupon::v1::PauseScope>(scope))),
                  "scope: missing or unknown; give PAUSE_SCOPE_ISSUING");
  }
}

TEST(ChangeMapping, AReasonIsRefusedByItsCharacterAndLength) {
  auto request = RequestOf<coupon::v1::PauseCampaignRequest>(coupon::v1::PAUSE_SCOPE_BOTH);
  request.set_reason("a\nb");
  ExpectInvalid(MapChange(request), "reason: U+000A at character 2");
  request.set_reason(std::string(4 * limits::kReasonMaxBytes, 'x'));
  EXPECT_EQ(MapChange(request).value().reason, request.reason()) << "for the rules to refuse";
  request.set_reason(request.reason() + "x");
  ExpectInvalid(MapChange(request), "reason: too long (513 bytes); at most 128 bytes");
  request.clear_reason();
  EXPECT_EQ(MapChange(request).value().reason, "");
}

TEST(ChangeMapping, ArchivingAndBackHaveTheCampaign) {
  coupon::v1::ArchiveCampaignRequest archive;
  ExpectInvalid(MapChange(archive), "campaign_id: missing");
  archive.set_campaign_id(FormatUuid(test::Id(1).bytes));
  EXPECT_EQ(MapChange(archive).value().campaign_id, test::Id(1));
  EXPECT_TRUE(MapChange(archive).value().archived);
  coupon::v1::UnarchiveCampaignRequest unarchive;
  unarchive.set_campaign_id("x");
  EXPECT_EQ(MapChange(unarchive).value().campaign_id, kNoCampaign);
  unarchive.set_campaign_id(FormatUuid(test::Id(1).bytes));
  EXPECT_FALSE(MapChange(unarchive).value().archived);
}

}  // namespace
}  // namespace coupond::api
