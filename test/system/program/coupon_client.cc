#include "system/program/coupon_client.h"

#include <google/protobuf/util/json_util.h>

#include <boost/json.hpp>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <utility>

#include "google/rpc/error_details.pb.h"
#include "rpc/json/base64.h"

namespace coupond::test {
namespace {

constexpr UnixNanoseconds kSecond = 1'000'000'000;
constexpr int kOk = 200;
constexpr std::string_view kServicePath = "/coupon.v1.CouponService/";
constexpr const char* kErasePath = "/coupon.v1.AdminService/EraseUser";

/// Returns the message of this type among an error's details, if there is one.
template <typename Detail>
std::optional<Detail> DetailIn(const boost::json::object& error) {
  const auto* details = error.if_contains("details");
  if (details == nullptr) return std::nullopt;
  for (const boost::json::value& detail : details->as_array()) {
    if (detail.at("type").as_string() != Detail::descriptor()->full_name()) continue;
    const auto bytes = connect::DecodeBase64(detail.at("value").as_string());
    Detail message;
    if (bytes && message.ParseFromString(*bytes)) return message;
    throw std::runtime_error("no detail: " + boost::json::serialize(detail));
  }
  return std::nullopt;
}

std::map<std::string, std::string> FactsIn(const boost::json::object& error) {
  std::map<std::string, std::string> facts;
  const auto info = DetailIn<google::rpc::ErrorInfo>(error);
  if (!info) return facts;
  for (const auto& fact : info->metadata()) facts[fact.key()] = fact.value();
  return facts;
}

}  // namespace

UnixNanoseconds Now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

UnixNanoseconds NanosecondsOf(const google::protobuf::Timestamp& time) {
  return time.seconds() * kSecond + time.nanos();
}

google::protobuf::Timestamp TimestampOf(UnixNanoseconds time) {
  google::protobuf::Timestamp message;
  message.set_seconds(time / kSecond);
  message.set_nanos(static_cast<std::int32_t>(time % kSecond));
  return message;
}

void PrintTo(Form form, std::ostream* out) {
  switch (form) {
    case Form::kConnectJson:
      *out << "ConnectJson";
      return;
    case Form::kConnectProto:
      *out << "ConnectProtobuf";
      return;
    case Form::kShortJson:
      *out << "ShortRoutes";
      return;
  }
}

std::string NameOfForm(const testing::TestParamInfo<Form>& form) {
  return testing::PrintToString(form.param);
}

std::string PathOf(Form form, const std::string& method) {
  return (form == Form::kShortJson ? "/" : std::string(kServicePath)) + method;
}

std::string ContentTypeOf(Form form) {
  return form == Form::kConnectProto ? "application/proto" : "application/json";
}

std::string BodyOf(Form form, const google::protobuf::Message& message) {
  if (form == Form::kConnectProto) return message.SerializeAsString();
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(message, &json).ok()) {
    throw std::runtime_error("no JSON of " + message.ShortDebugString());
  }
  return json;
}

CouponClient::Outcome CouponClient::Call(const std::string& path,
                                         const google::protobuf::Message& request,
                                         google::protobuf::Message& response) {
  const auto reply = http_.Ask(PostRequest(path, ContentTypeOf(form_), BodyOf(form_, request)));
  if (!reply) return {};
  Outcome outcome{.status = reply->status, .code = {}, .message = {}, .raw_body = reply->body};
  if (reply->status != kOk) {
    // Errors are JSON whatever the codec of the request.
    EXPECT_EQ(reply->Header("content-type"), "application/json");
    boost::json::error_code error;
    const auto json = boost::json::parse(reply->body, error);
    if (error || !json.is_object()) throw std::runtime_error("no error JSON: " + reply->body);
    outcome.code = json.at("code").as_string().c_str();
    outcome.message = json.at("message").as_string().c_str();
    outcome.refusal = DetailIn<api::RefusalDetail>(json.as_object());
    outcome.facts = FactsIn(json.as_object());
    return outcome;
  }
  EXPECT_EQ(reply->Header("content-type"), ContentTypeOf(form_));
  const bool parsed =
      form_ == Form::kConnectProto
          ? response.ParseFromString(reply->body)
          : google::protobuf::util::JsonStringToMessage(reply->body, &response).ok();
  if (!parsed) throw std::runtime_error("not a " + response.GetTypeName() + ": " + reply->body);
  return outcome;
}

template <typename Response>
Answer<Response> CouponClient::Ask(const std::string& method,
                                   const google::protobuf::Message& request) {
  return AskAt<Response>(PathOf(form_, method), request);
}

template <typename Response>
Answer<Response> CouponClient::AskAt(const std::string& path,
                                     const google::protobuf::Message& request) {
  Answer<Response> answer;
  Outcome outcome = Call(path, request, answer.response);
  answer.status = outcome.status;
  answer.code = std::move(outcome.code);
  answer.message = std::move(outcome.message);
  answer.raw_body = std::move(outcome.raw_body);
  answer.refusal = std::move(outcome.refusal);
  answer.facts = std::move(outcome.facts);
  return answer;
}

Answer<api::CreateCampaignResponse> CouponClient::Create(const std::string& name,
                                                         std::int32_t total,
                                                         std::optional<UnixNanoseconds> start) {
  api::CreateCampaignRequest request;
  request.set_name(name);
  request.set_total_coupons(total);
  if (start) *request.mutable_start_time() = TimestampOf(*start);
  return Create(request);
}

Answer<api::CreateCampaignResponse> CouponClient::Create(
    const api::CreateCampaignRequest& request) {
  if (form_ != Form::kShortJson) {
    return Ask<api::CreateCampaignResponse>("CreateCampaign", request);
  }
  // This short route answers with the campaign itself.
  Answer<api::CreateCampaignResponse> answer;
  Outcome outcome =
      Call(PathOf(form_, "CreateCampaign"), request, *answer.response.mutable_campaign());
  return {.status = outcome.status,
          .response = std::move(answer.response),
          .code = std::move(outcome.code),
          .message = std::move(outcome.message),
          .raw_body = std::move(outcome.raw_body),
          .refusal = std::move(outcome.refusal),
          .facts = std::move(outcome.facts)};
}

std::string CouponClient::CreateStarted(const std::string& name, std::int32_t total) {
  // On a busy machine the start may have passed before the server sees it.
  for (UnixNanoseconds lead = kSecond / 20; lead < 20 * kSecond; lead *= 4) {
    const UnixNanoseconds start = Now() + lead;
    const auto created = Create(name, total, start);
    if (!created.ok() && created.message.starts_with("start_time:")) continue;
    if (!created.ok()) throw std::runtime_error("no campaign: " + created.message);
    // Server and test share a clock.
    std::this_thread::sleep_until(
        std::chrono::system_clock::time_point(std::chrono::nanoseconds(start)));
    return created.response.campaign().id();
  }
  throw std::runtime_error("no campaign can be created before its start");
}

Answer<api::IssueCouponResponse> CouponClient::Issue(const api::IssueCouponRequest& request) {
  return Ask<api::IssueCouponResponse>("IssueCoupon", request);
}

Answer<api::IssueCouponResponse> CouponClient::Issue(const std::string& campaign_id) {
  api::IssueCouponRequest request;
  request.set_campaign_id(campaign_id);
  return Issue(request);
}

Answer<api::IssueCouponResponse> CouponClient::IssueForUser(const std::string& campaign_id,
                                                            const std::string& user_id) {
  api::IssueCouponRequest request;
  request.set_campaign_id(campaign_id);
  request.set_user_id(user_id);
  return Issue(request);
}

Answer<api::IssueCouponResponse> CouponClient::IssueForRequest(const std::string& campaign_id,
                                                               const std::string& request_id) {
  api::IssueCouponRequest request;
  request.set_campaign_id(campaign_id);
  request.set_request_id(request_id);
  return Issue(request);
}

Answer<api::RedeemCouponResponse> CouponClient::Redeem(const api::RedeemCouponRequest& request) {
  return Ask<api::RedeemCouponResponse>("RedeemCoupon", request);
}

Answer<api::RedeemCouponResponse> CouponClient::Redeem(const std::string& code) {
  api::RedeemCouponRequest request;
  request.set_code(code);
  return Redeem(request);
}

Answer<api::CancelRedemptionResponse> CouponClient::Cancel(
    const api::CancelRedemptionRequest& request) {
  return Ask<api::CancelRedemptionResponse>("CancelRedemption", request);
}

Answer<api::CancelRedemptionResponse> CouponClient::Cancel(const std::string& code,
                                                           std::uint64_t redemption) {
  api::CancelRedemptionRequest request;
  request.set_code(code);
  request.set_redemption_sequence(redemption);
  return Cancel(request);
}

Answer<api::VoidCouponResponse> CouponClient::Void(const api::VoidCouponRequest& request) {
  return Ask<api::VoidCouponResponse>("VoidCoupon", request);
}

Answer<api::VoidCouponResponse> CouponClient::Void(const std::string& code, bool return_to_pool) {
  api::VoidCouponRequest request;
  request.set_code(code);
  request.set_return_to_pool(return_to_pool);
  return Void(request);
}

Answer<api::GetCouponResponse> CouponClient::GetCoupon(const std::string& code) {
  api::GetCouponRequest request;
  request.set_code(code);
  return Ask<api::GetCouponResponse>("GetCoupon", request);
}

Answer<api::GetCampaignResponse> CouponClient::Get(const std::string& campaign_id) {
  api::GetCampaignRequest request;
  request.set_campaign_id(campaign_id);
  return Ask<api::GetCampaignResponse>("GetCampaign", request);
}

Answer<api::GetCampaignStatusResponse> CouponClient::Status(const std::string& campaign_id) {
  api::GetCampaignStatusRequest request;
  request.set_campaign_id(campaign_id);
  return Ask<api::GetCampaignStatusResponse>("GetCampaignStatus", request);
}

Answer<api::UpdateCampaignResponse> CouponClient::Update(
    const api::UpdateCampaignRequest& request) {
  return Ask<api::UpdateCampaignResponse>("UpdateCampaign", request);
}

Answer<api::PauseCampaignResponse> CouponClient::Pause(const std::string& campaign_id,
                                                       api::PauseScope scope) {
  api::PauseCampaignRequest request;
  request.set_campaign_id(campaign_id);
  request.set_scope(scope);
  return Ask<api::PauseCampaignResponse>("PauseCampaign", request);
}

Answer<api::ResumeCampaignResponse> CouponClient::Resume(const std::string& campaign_id,
                                                         api::PauseScope scope) {
  api::ResumeCampaignRequest request;
  request.set_campaign_id(campaign_id);
  request.set_scope(scope);
  return Ask<api::ResumeCampaignResponse>("ResumeCampaign", request);
}

Answer<api::ArchiveCampaignResponse> CouponClient::Archive(const std::string& campaign_id) {
  api::ArchiveCampaignRequest request;
  request.set_campaign_id(campaign_id);
  return Ask<api::ArchiveCampaignResponse>("ArchiveCampaign", request);
}

Answer<api::UnarchiveCampaignResponse> CouponClient::Unarchive(const std::string& campaign_id) {
  api::UnarchiveCampaignRequest request;
  request.set_campaign_id(campaign_id);
  return Ask<api::UnarchiveCampaignResponse>("UnarchiveCampaign", request);
}

Answer<api::DeleteCampaignResponse> CouponClient::Delete(const std::string& campaign_id,
                                                         const std::string& campaign_name) {
  api::DeleteCampaignRequest request;
  request.set_campaign_id(campaign_id);
  request.set_campaign_name(campaign_name);
  return Ask<api::DeleteCampaignResponse>("DeleteCampaign", request);
}

Answer<api::ListCampaignsResponse> CouponClient::ListCampaigns(std::int32_t page_size,
                                                               const std::string& page_token,
                                                               bool show_archived) {
  api::ListCampaignsRequest request;
  request.set_page_size(page_size);
  request.set_page_token(page_token);
  request.set_show_archived(show_archived);
  return Ask<api::ListCampaignsResponse>("ListCampaigns", request);
}

Answer<api::ListCouponsResponse> CouponClient::ListCoupons(const std::string& campaign_id,
                                                           std::int32_t page_size,
                                                           const std::string& page_token) {
  api::ListCouponsRequest request;
  request.set_campaign_id(campaign_id);
  request.set_page_size(page_size);
  request.set_page_token(page_token);
  return Ask<api::ListCouponsResponse>("ListCoupons", request);
}

Answer<api::BatchIssueCouponsResponse> CouponClient::BatchIssue(
    const api::BatchIssueCouponsRequest& request) {
  return Ask<api::BatchIssueCouponsResponse>("BatchIssueCoupons", request);
}

Answer<api::BatchIssueCouponsResponse> CouponClient::Batch(
    const api::BatchIssueCouponsRequest& request) {
  return Ask<api::BatchIssueCouponsResponse>("BatchIssueCoupons", request);
}

Answer<api::SearchCouponsResponse> CouponClient::Search(const api::SearchCouponsRequest& request) {
  return Ask<api::SearchCouponsResponse>("SearchCoupons", request);
}

Answer<api::EraseUserResponse> CouponClient::Erase(const api::EraseUserRequest& request) {
  return AskAt<api::EraseUserResponse>(kErasePath, request);
}

std::vector<std::string> CouponClient::Codes(const std::string& campaign_id) {
  const auto got = Get(campaign_id);
  if (!got.ok()) throw std::runtime_error("GetCampaign: " + got.code + " " + got.message);
  const api::Campaign& campaign = got.response.campaign();
  EXPECT_EQ(campaign.issued_coupons() + campaign.returned_coupons(), got.response.coupons_size());
  std::vector<std::string> codes;
  codes.reserve(static_cast<std::size_t>(got.response.coupons_size()));
  for (const api::Coupon& coupon : got.response.coupons()) codes.push_back(coupon.code());
  return codes;
}

}  // namespace coupond::test
