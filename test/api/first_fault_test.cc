#include "api/first_fault.h"

#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <string>
#include <string_view>
#include <vector>

#include "api/json_service_fixture.h"
#include "api/mapping_expectations.h"
#include "api/refusal_mapping.h"
#include "coupon/v1/coupon_service.pb.h"
#include "engine/rules/limits.h"
#include "engine/rules/refusal.h"
#include "rpc/connect/standard_details.h"
#include "support/builders.h"

// Sends requests in which everything is wrong, and mends one thing after the other: those that only
// the mapping can find and those that only the rules can find are told in one order.
namespace coupond::api {
namespace {

using test::At;

constexpr const char* kControl = "a\x01";
constexpr const char* kBlank = " ";

google::protobuf::Timestamp AsMessage(Timestamp time) {
  return TimeMessage(time.unix_nanoseconds() / 1'000'000'000, 0);
}
google::protobuf::Timestamp Year2200() { return AsMessage(limits::kStartTimeMax); }
/// Returns a time that no command can express.
google::protobuf::Timestamp NoTime() { return TimeMessage(0, -1); }

class FirstFaultTest : public JsonServiceFixture {
 protected:
  /// The fault that is told of a request, and what then mends it.
  struct Row {
    std::string fault;  ///< its reason and, after a blank, its field; empty for a success
    std::function<void()> mend;
  };
  template <typename Response, typename Request>
  void ExpectFaults(std::string_view method, const Request& request, const std::vector<Row>& rows) {
    for (const Row& row : rows) {
      ASSERT_EQ(FaultOf<Response>(method, request), row.fault) << request.ShortDebugString();
      row.mend();
    }
    EXPECT_EQ(FaultOf<Response>(method, request), "") << request.ShortDebugString();
  }
  /// In protobuf, because in JSON a time that is none cannot be written.
  template <typename Response, typename Request>
  std::string FaultOf(std::string_view method, const Request& request) {
    const http::HeaderField proto{"Content-Type", "application/proto"};
    const Exchange exchange = Post(method, request.SerializeAsString(), {&proto, 1});
    EXPECT_TRUE(executor_.RunUntil([&] { return exchange->answered(); }));
    const std::string& body = exchange->response().body;
    if (exchange->response().status != 200) {
      const connect::ReadDetails read = connect::DetailsInJson(body);
      return read.field.empty() ? read.reason : read.reason + " " + read.field;
    }
    Response response;
    EXPECT_TRUE(response.ParseFromString(body));
    if constexpr (requires { response.has_refusal(); }) {
      if (response.has_refusal()) return coupon::v1::Refusal_Name(response.refusal());
    }
    return "";
  }
  /// Creates a campaign that is open, and returns its id.
  std::string CreateOpen(std::string_view fields) {
    return Read<coupon::v1::CreateCampaignResponse>(
               SendJson("CreateCampaign",
                        R"({"startIn":"0s","totalCoupons":10,)" + std::string(fields) + "}"))
        .campaign()
        .id();
  }

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
  request.set_if_revision(1);
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

TEST_F(FirstFaultTest, IssueCoupon) {
  const std::string limited =
      CreateOpen(R"("name":"limited","couponsPerUser":2,"userRequired":true)");
  BodyOf(SendFor("ArchiveCampaign", "", limited));
  coupon::v1::IssueCouponRequest request;
  request.set_request_id(kBlank);
  request.set_user_id(kControl);
  request.set_entry_token("x");
  ExpectFaults<coupon::v1::IssueCouponResponse>(
      "IssueCoupon", request,
      {
          {"FIELD_INVALID campaign_id", [&] { request.set_campaign_id("no id"); }},
          {"FIELD_INVALID request_id", [&] { request.clear_request_id(); }},
          {"FIELD_INVALID user_id", [&] { request.clear_user_id(); }},
          {"FIELD_INVALID entry_token", [&] { request.clear_entry_token(); }},
          {"NO_SUCH_CAMPAIGN campaign_id", [&] { request.set_campaign_id(limited); }},
          {"REFUSAL_USER_REQUIRED", [&] { request.set_user_id("kim"); }},
          {"REQUEST_ID_REQUIRED request_id", [&] { request.set_request_id("r1"); }},
          {"REFUSAL_ENDED", [&] { BodyOf(SendFor("UnarchiveCampaign", "", limited)); }},
      });
}

TEST_F(FirstFaultTest, BatchIssueCoupons) {
  const std::string limited =
      CreateOpen(R"("name":"limited","couponsPerUser":2,"userRequired":true)");
  BodyOf(SendFor("ArchiveCampaign", "", limited));
  coupon::v1::BatchIssueCouponsRequest request;
  request.set_count(-1);
  request.add_user_ids(kControl);
  request.set_request_id(kBlank);
  const auto ask_for = [&](std::size_t users, const std::string& user_id) {
    request.clear_user_ids();
    for (; users > 0; --users) request.add_user_ids(user_id);
  };
  ExpectFaults<coupon::v1::BatchIssueCouponsResponse>(
      "BatchIssueCoupons", request,
      {
          {"FIELD_INVALID campaign_id", [&] { request.set_campaign_id("no id"); }},
          {"FIELD_INVALID count", [&] { request.set_count(1); }},
          {"FIELD_INVALID user_ids", [&] { request.clear_count(); }},
          {"FIELD_INVALID user_ids[0]", [&] { ask_for(limits::kCouponsPerBatchMax + 1, "kim"); }},
          {"BATCH_TOO_LARGE user_ids",
           [&] {
             ask_for(limits::kCouponsPerBatchMax, std::string(limits::kUserIdMaxBytes, 'u'));
           }},
          {"BATCH_TOO_LARGE user_ids",
           [&] {
             request.clear_user_ids();
             request.set_count(static_cast<std::int32_t>(limits::kCouponsPerBatchMax) + 1);
           }},
          {"BATCH_TOO_LARGE count", [&] { request.clear_count(); }},
          {"FIELD_INVALID count", [&] { request.set_count(2); }},
          {"FIELD_INVALID request_id", [&] { request.clear_request_id(); }},
          {"NO_SUCH_CAMPAIGN campaign_id", [&] { request.set_campaign_id(limited); }},
          {"USER_REQUIRED user_ids",
           [&] {
             request.clear_count();
             ask_for(2, "kim");
           }},
          {"REQUEST_ID_REQUIRED request_id", [&] { request.set_request_id("b1"); }},
          {"ENDED", [&] { BodyOf(SendFor("UnarchiveCampaign", "", limited)); }},
      });
}

TEST_F(FirstFaultTest, RedeemCoupon) {
  const std::string code = Issue(R"(,"userId":"kim")").coupon().code();
  coupon::v1::RedeemCouponRequest request;
  request.set_campaign_id("no id");
  request.set_user_id(kControl);
  request.set_order_ref(kBlank);
  request.set_redeemed_by(kBlank);
  request.set_request_id(kBlank);
  ExpectFaults<coupon::v1::RedeemCouponResponse>(
      "RedeemCoupon", request,
      {
          {"FIELD_INVALID code", [&] { request.set_code("x"); }},
          {"FIELD_INVALID user_id", [&] { request.set_user_id("lee"); }},
          {"FIELD_INVALID order_ref", [&] { request.clear_order_ref(); }},
          {"FIELD_INVALID redeemed_by", [&] { request.clear_redeemed_by(); }},
          {"FIELD_INVALID request_id", [&] { request.clear_request_id(); }},
          {"REFUSAL_NO_SUCH_COUPON", [&] { request.set_code(code); }},
          {"REFUSAL_NO_SUCH_COUPON", [&] { request.set_campaign_id(id_); }},
          {"REFUSAL_WRONG_HOLDER", [&] { request.set_user_id("kim"); }},
      });
}

TEST_F(FirstFaultTest, CancelRedemption) {
  const std::string code = Issue().coupon().code();
  const std::uint64_t redemption = Redeem(code).sequence();
  coupon::v1::CancelRedemptionRequest request;
  request.set_redemption_request_id(kBlank);
  request.set_reason(kControl);
  request.set_request_id(kBlank);
  request.set_campaign_id("no id");
  ExpectFaults<coupon::v1::CancelRedemptionResponse>(
      "CancelRedemption", request,
      {
          {"FIELD_INVALID code", [&] { request.set_code("x"); }},
          {"FIELD_INVALID redemption_request_id", [&] { request.clear_redemption(); }},
          {"FIELD_INVALID redemption_sequence", [&] { request.set_redemption_sequence(1); }},
          {"FIELD_INVALID reason", [&] { request.set_reason(std::string(129, 'x')); }},
          {"REASON_TOO_LONG reason", [&] { request.clear_reason(); }},
          {"FIELD_INVALID request_id", [&] { request.clear_request_id(); }},
          {"NO_SUCH_COUPON code", [&] { request.set_code(code); }},
          {"NO_SUCH_COUPON code", [&] { request.set_campaign_id(id_); }},
          {"NOT_REDEEMED", [&] { request.set_redemption_sequence(redemption); }},
      });
}

TEST_F(FirstFaultTest, VoidCoupon) {
  const std::string code = Issue().coupon().code();
  Redeem(code);
  const std::string other = Issue().coupon().code();
  coupon::v1::VoidCouponRequest request;
  request.set_reason(kControl);
  request.set_request_id(kBlank);
  request.set_campaign_id("no id");
  ExpectFaults<coupon::v1::VoidCouponResponse>(
      "VoidCoupon", request,
      {
          {"FIELD_INVALID code", [&] { request.set_code("x"); }},
          {"FIELD_INVALID reason", [&] { request.set_reason(std::string(129, 'x')); }},
          {"REASON_TOO_LONG reason", [&] { request.clear_reason(); }},
          {"FIELD_INVALID request_id", [&] { request.clear_request_id(); }},
          {"NO_SUCH_COUPON code", [&] { request.set_code(code); }},
          {"NO_SUCH_COUPON code", [&] { request.set_campaign_id(id_); }},
          {"COUPON_ALREADY_REDEEMED", [&] { request.set_code(other); }},
      });
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
