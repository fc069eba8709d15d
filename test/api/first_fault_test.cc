#include "api/first_fault.h"

#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <string>
#include <utility>
#include <vector>

#include "api/first_fault_fixture.h"
#include "api/mapping_expectations.h"
#include "api/refusal_mapping.h"
#include "coupon/v1/coupon_service.pb.h"
#include "engine/rules/limits.h"
#include "engine/rules/refusal.h"
#include "support/builders.h"

// The terms of campaigns. The other methods' faults are in first_fault_methods_test.cc.
namespace coupond::api {
namespace {

using test::At;

google::protobuf::Timestamp AsMessage(Timestamp time) {
  return TimeMessage(time.unix_nanoseconds() / 1'000'000'000, 0);
}
google::protobuf::Timestamp Year2200() { return AsMessage(limits::kStartTimeMax); }
/// Returns a time that no command can express.
google::protobuf::Timestamp NoTime() { return TimeMessage(0, -1); }

class FirstFaultTest : public FirstFaultFixture {
 protected:
  /// Breaks the terms that come after the start. In a request to create and in one to update they
  /// have the same names.
  template <typename Terms>
  static void BreakLaterTerms(Terms& terms) {
    terms.set_description(kControl);
    *terms.mutable_end_time() = NoTime();
    terms.set_coupons_per_user(1'001);
    *terms.mutable_redeem_start_time() = NoTime();
    *terms.mutable_expire_time() = NoTime();
    *terms.mutable_valid_duration() = DurationMessage(1, -1);
    terms.add_metadata()->set_value(std::string(513, 'x'));
  }
  /// Appends the faults of these terms. `path` comes before their names. At the end of the rows, no
  /// term has a fault of its own, but the coupons would expire too early.
  template <typename Terms>
  static void AddLaterTerms(const std::string& path, Terms& terms, std::vector<Row>& rows) {
    const std::vector<Row> later = {
        {"FIELD_INVALID " + path + "description",
         [&] { terms.set_description(std::string(2'001, 'x')); }},
        {"DESCRIPTION_TOO_LONG " + path + "description", [&] { terms.set_description("text"); }},
        {"FIELD_INVALID " + path + "end_time", [&] { *terms.mutable_end_time() = Year2200(); }},
        {"END_TIME_TOO_LATE " + path + "end_time",
         [&] { *terms.mutable_end_time() = AsMessage(At(-9)); }},
        {"COUPONS_PER_USER_OUT_OF_RANGE " + path + "coupons_per_user",
         [&] { terms.set_coupons_per_user(2); }},
        {"FIELD_INVALID " + path + "redeem_start_time",
         [&] { *terms.mutable_redeem_start_time() = Year2200(); }},
        {"REDEEM_START_TIME_TOO_LATE " + path + "redeem_start_time",
         [&] { *terms.mutable_redeem_start_time() = AsMessage(At(90)); }},
        {"FIELD_INVALID " + path + "expire_time",
         [&] { *terms.mutable_expire_time() = Year2200(); }},
        {"EXPIRE_TIME_TOO_LATE " + path + "expire_time",
         [&] { *terms.mutable_expire_time() = AsMessage(At(50)); }},
        {"FIELD_INVALID " + path + "valid_duration",
         [&] { *terms.mutable_valid_duration() = DurationMessage(0, 0); }},
        {"VALID_DURATION_OUT_OF_RANGE " + path + "valid_duration",
         [&] { *terms.mutable_valid_duration() = DurationMessage(1, 0); }},
        {"FIELD_INVALID " + path + "metadata", [&] { terms.mutable_metadata(0)->set_key("k"); }},
        {"METADATA_TOO_LARGE " + path + "metadata",
         [&] { terms.mutable_metadata(0)->set_value("v"); }},
    };
    rows.insert(rows.end(), later.begin(), later.end());
  }
  template <typename Terms>
  static void LetCouponsLast(Terms& terms) {
    terms.clear_redeem_start_time();
    terms.clear_expire_time();
    terms.clear_valid_duration();
  }
};

TEST_F(FirstFaultTest, CreateCampaign) {
  coupon::v1::CreateCampaignRequest request;
  request.set_name(kControl);
  *request.mutable_start_time() = NoTime();
  BreakLaterTerms(request);
  request.set_request_id(kBlank);
  std::vector<Row> rows = {
      {"FIELD_INVALID name", [&] { request.clear_name(); }},
      {"NAME_EMPTY name", [&] { request.set_name(std::string(201, 'x')); }},
      {"NAME_TOO_LONG name", [&] { request.set_name("open"); }},
      {"TOTAL_TOO_SMALL total_coupons", [&] { request.set_total_coupons(100'000'001); }},
      {"TOTAL_TOO_LARGE total_coupons", [&] { request.set_total_coupons(1); }},
      {"FIELD_INVALID start_time", [&] { request.clear_start_time(); }},
      {"START_TIME_MISSING start_time", [&] { *request.mutable_start_time() = AsMessage(At(-1)); }},
      {"START_TIME_IN_PAST start_time", [&] { *request.mutable_start_time() = Year2200(); }},
      {"START_TIME_TOO_LATE start_time", [&] { request.mutable_start_in(); }},
      {"FIELD_INVALID start_in",
       [&] {
         request.clear_start_time();
         *request.mutable_start_in() = DurationMessage(-1, 1);
       }},
      {"FIELD_INVALID start_in", [&] { *request.mutable_start_in() = DurationMessage(-1, 0); }},
      {"START_TIME_IN_PAST start_in", [&] { *request.mutable_start_in() = DurationMessage(0, 0); }},
  };
  AddLaterTerms("", request, rows);
  const std::vector<Row> last = {
      {"FIELD_INVALID request_id", [&] { request.clear_request_id(); }},
      {"END_TIME_NOT_AFTER_START end_time", [&] { request.clear_end_time(); }},
      {"EXPIRE_TIME_TOO_EARLY", [&] { LetCouponsLast(request); }},
      {"NAME_TAKEN name", [&] { request.set_name("other"); }},
  };
  rows.insert(rows.end(), last.begin(), last.end());
  ExpectFaults<coupon::v1::CreateCampaignResponse>("CreateCampaign", request, rows);
}

TEST_F(FirstFaultTest, UpdateCampaign) {
  CreateOpen(R"("name":"taken")");
  Issue(R"(,"userId":"kim")");
  Issue(R"(,"userId":"lee")");
  BodyOf(SendFor("ArchiveCampaign"));
  coupon::v1::UpdateCampaignRequest request;
  coupon::v1::Campaign& terms = *request.mutable_campaign();
  terms.set_name(kControl);
  *terms.mutable_start_time() = NoTime();
  BreakLaterTerms(terms);
  request.mutable_update_mask()->add_paths("*");
  request.mutable_update_mask()->add_paths("id");
  request.set_if_revision(1'000);
  request.set_request_id(kBlank);
  std::vector<Row> rows = {
      {"FIELD_INVALID campaign.id", [&] { terms.set_id("no id"); }},
      {"FIELD_INVALID campaign.name", [&] { terms.clear_name(); }},
      {"NAME_EMPTY campaign.name", [&] { terms.set_name(std::string(201, 'x')); }},
      {"NAME_TOO_LONG campaign.name", [&] { terms.set_name("taken"); }},
      {"TOTAL_TOO_SMALL campaign.total_coupons", [&] { terms.set_total_coupons(100'000'001); }},
      {"TOTAL_TOO_LARGE campaign.total_coupons", [&] { terms.set_total_coupons(1); }},
      {"FIELD_INVALID campaign.start_time", [&] { terms.clear_start_time(); }},
      {"START_TIME_MISSING campaign.start_time",
       [&] { *terms.mutable_start_time() = AsMessage(At(-1)); }},
      {"START_TIME_IN_PAST campaign.start_time", [&] { *terms.mutable_start_time() = Year2200(); }},
      {"START_TIME_TOO_LATE campaign.start_time",
       [&] { *terms.mutable_start_time() = AsMessage(At(9)); }},
  };
  AddLaterTerms("campaign.", terms, rows);
  const std::vector<Row> last = {
      {"FIELD_INVALID update_mask",
       [&] { request.mutable_update_mask()->mutable_paths()->RemoveLast(); }},
      {"FIELD_INVALID request_id", [&] { request.clear_request_id(); }},
      {"NO_SUCH_CAMPAIGN campaign.id", [&] { terms.set_id(id_); }},
      {"CAMPAIGN_ARCHIVED", [&] { BodyOf(SendFor("UnarchiveCampaign")); }},
      {"CHANGED_MEANWHILE if_revision", [&] { request.clear_if_revision(); }},
      {"START_TIME_FIXED campaign.start_time",
       [&] { *terms.mutable_start_time() = AsMessage(At(0)); }},
      {"TOTAL_BELOW_ISSUED campaign.total_coupons", [&] { terms.set_total_coupons(2); }},
      {"END_TIME_NOT_AFTER_START campaign.end_time", [&] { terms.clear_end_time(); }},
      {"EXPIRE_TIME_TOO_EARLY", [&] { LetCouponsLast(terms); }},
      {"COUPONS_PER_USER_FIXED campaign.coupons_per_user", [&] { terms.set_coupons_per_user(1); }},
      {"NAME_TAKEN campaign.name", [&] { terms.set_name("free"); }},
  };
  rows.insert(rows.end(), last.begin(), last.end());
  ExpectFaults<coupon::v1::UpdateCampaignResponse>("UpdateCampaign", request, rows);
}

// Which only the campaign tells, so it is looked up before a later field is blamed.
TEST_F(FirstFaultTest, AStartThatTheCampaignHasIsNoFault) {
  clock_.Set(At(5));
  coupon::v1::UpdateCampaignRequest request;
  request.mutable_campaign()->set_id(id_);
  request.mutable_campaign()->add_metadata();
  const auto fault_with = [&](Timestamp start_time) {
    *request.mutable_campaign()->mutable_start_time() = AsMessage(start_time);
    return FaultOf<coupon::v1::UpdateCampaignResponse>("UpdateCampaign", request);
  };
  EXPECT_EQ(fault_with(At(0)), "FIELD_INVALID campaign.metadata");
  EXPECT_EQ(fault_with(At(1)), "START_TIME_IN_PAST campaign.start_time");
  EXPECT_EQ(fault_with(At(9)), "FIELD_INVALID campaign.metadata");
  std::promise<void> end = FillQueries();
  EXPECT_EQ(fault_with(At(1)), "OVERLOADED") << "rather than what may be no fault";
  end.set_value();
}

// What comes of it is not decided, so it may not be told as a fault either, which could be untrue.
TEST_F(FirstFaultTest, NoFaultRestsOnADisputedTime) {
  coupon::v1::CreateCampaignRequest creation;
  creation.set_name("new");
  creation.set_total_coupons(1);
  creation.add_metadata();
  coupon::v1::UpdateCampaignRequest update;
  update.mutable_campaign()->set_id(id_);
  update.mutable_campaign()->add_metadata();
  const auto create_at = [&](Timestamp start_time) {
    *creation.mutable_start_time() = AsMessage(start_time);
    return FaultOf<coupon::v1::CreateCampaignResponse>("CreateCampaign", creation);
  };
  const auto update_at = [&](Timestamp start_time) {
    *update.mutable_campaign()->mutable_start_time() = AsMessage(start_time);
    return FaultOf<coupon::v1::UpdateCampaignResponse>("UpdateCampaign", update);
  };
  for (const auto& [now, machine] : {std::pair(At(5), At(1'000)), std::pair(At(1'000), At(5))}) {
    clock_.Set(now);
    clock_.Dispute(machine);
    EXPECT_EQ(create_at(At(1)), "START_TIME_IN_PAST start_time") << "by both times";
    EXPECT_EQ(create_at(At(9)), "FIELD_INVALID metadata");
    EXPECT_EQ(create_at(At(2'000)), "FIELD_INVALID metadata");
    EXPECT_EQ(update_at(At(1)), "START_TIME_IN_PAST campaign.start_time") << "by both times";
    EXPECT_EQ(update_at(At(9)), "FIELD_INVALID campaign.metadata");
    EXPECT_EQ(update_at(At(2'000)), "FIELD_INVALID campaign.metadata");
  }
  creation.clear_metadata();
  update.mutable_campaign()->clear_metadata();
  EXPECT_EQ(create_at(At(9)), "CLOCK_AHEAD");
  EXPECT_EQ(update_at(At(9)), "CLOCK_AHEAD");
}

TEST_F(FirstFaultTest, ShortCreateCampaign) {
  const std::string later = R"(,"request_id":" "})";
  const struct {
    std::string begins;
    const char* fault;
  } rows[] = {
      {R"({"coupon_count":1,"total_coupons":2)", "FIELD_INVALID coupon_count"},
      {R"({"coupon_count":0)", "NAME_EMPTY name"},
      {R"({"name":"new","coupon_count":0)", "TOTAL_TOO_SMALL total_coupons"},
      {R"({"name":"new","coupon_count":1)", "START_TIME_MISSING start_time"},
      {R"({"name":"new","coupon_count":1,"start_in":"-1s")", "START_TIME_IN_PAST start_in"},
      {R"({"name":"new","coupon_count":1,"start_in":"0s")", "FIELD_INVALID request_id"},
  };
  const http::HeaderField json{"Content-Type", "application/json"};
  for (const auto& row : rows) {
    EXPECT_EQ(
        FaultIn<coupon::v1::Campaign>(Send("/CreateCampaign", row.begins + later, {&json, 1})),
        row.fault);
  }
}

// The two orders that FirstFault joins.
TEST_F(FirstFaultTest, TheRulesLookInTheOrderOfTheFields) {
  for (const google::protobuf::Descriptor* fields :
       {coupon::v1::CreateCampaignRequest::GetDescriptor(),
        coupon::v1::Campaign::GetDescriptor()}) {
    int before = 0;
    for (auto reason = RefusalReason::kNameEmpty; reason <= RefusalReason::kMetadataTooLarge;
         reason = static_cast<RefusalReason>(static_cast<int>(reason) + 1)) {
      const std::string field = RefusalError({.reason = reason}).field;
      const auto* const found = fields->FindFieldByName(field);
      ASSERT_NE(found, nullptr) << field;
      EXPECT_GE(found->number(), before) << field;
      before = found->number();
    }
  }
}

}  // namespace
}  // namespace coupond::api
