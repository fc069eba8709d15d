#ifndef COUPOND_TEST_SYSTEM_PROGRAM_COUPON_CLIENT_H_
#define COUPOND_TEST_SYSTEM_PROGRAM_COUPON_CLIENT_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "coupon/v1/admin_service.pb.h"
#include "coupon/v1/coupon_service.pb.h"
#include "system/program/http_client.h"

namespace coupond::test {

namespace api = coupon::v1;

/// Nanoseconds since 1970, in which tests compare times.
using UnixNanoseconds = std::int64_t;
[[nodiscard]] UnixNanoseconds Now();
[[nodiscard]] UnixNanoseconds NanosecondsOf(const google::protobuf::Timestamp& time);
[[nodiscard]] google::protobuf::Timestamp TimestampOf(UnixNanoseconds time);

/// The ways to ask the same thing.
enum class Form { kConnectJson, kConnectProto, kShortJson };

void PrintTo(Form form, std::ostream* out);
/// Returns the form's name for tests that run in every form.
[[nodiscard]] std::string NameOfForm(const testing::TestParamInfo<Form>& form);

/// The result of a call: an answer (status 200), an error, or a connection that ended without one.
template <typename Response>
struct Answer {
  int status = 0;        ///< 0 if the connection ended before a whole reply; the outcome is unknown
  Response response;     ///< with status 200
  std::string code;      ///< of an error, as in the protocol
  std::string message;   ///< of an error
  std::string raw_body;  ///< as received
  /// The detail of an error that is a refusal.
  std::optional<api::RefusalDetail> refusal = std::nullopt;
  /// What an error tells beside its reason, by name (ErrorInfo.metadata).
  std::map<std::string, std::string> facts = {};

  [[nodiscard]] bool ok() const { return status == 200; }
};

/// Calls the service over one connection, which ends with the server. It is not rpc/client on
/// purpose: it speaks every form that the API has, and tests see the raw answers. One thread.
class CouponClient {
 public:
  explicit CouponClient(std::uint16_t port, Form form = Form::kConnectJson)
      : http_(port), form_(form) {}

  [[nodiscard]] bool connected() const { return http_.connected(); }
  [[nodiscard]] HttpClient& http() { return http_; }

  /// Any start time may be omitted.
  Answer<api::CreateCampaignResponse> Create(const std::string& name, std::int32_t total,
                                             std::optional<UnixNanoseconds> start);
  /// Creates a campaign that has started, and returns its id. Throws if that fails.
  std::string CreateStarted(const std::string& name, std::int32_t total);

  Answer<api::IssueCouponResponse> Issue(const std::string& campaign_id);
  Answer<api::IssueCouponResponse> Issue(const api::IssueCouponRequest& request);
  Answer<api::IssueCouponResponse> IssueForUser(const std::string& campaign_id,
                                                const std::string& user_id);
  Answer<api::IssueCouponResponse> IssueForRequest(const std::string& campaign_id,
                                                   const std::string& request_id);
  Answer<api::BatchIssueCouponsResponse> BatchIssue(const api::BatchIssueCouponsRequest& request);
  /// Has no short route.
  Answer<api::BatchIssueCouponsResponse> Batch(const api::BatchIssueCouponsRequest& request);
  Answer<api::RedeemCouponResponse> Redeem(const api::RedeemCouponRequest& request);
  Answer<api::RedeemCouponResponse> Redeem(const std::string& code);
  Answer<api::CancelRedemptionResponse> Cancel(const api::CancelRedemptionRequest& request);
  Answer<api::CancelRedemptionResponse> Cancel(const std::string& code, std::uint64_t redemption);
  Answer<api::VoidCouponResponse> Void(const api::VoidCouponRequest& request);
  Answer<api::VoidCouponResponse> Void(const std::string& code, bool return_to_pool = false);
  Answer<api::GetCouponResponse> GetCoupon(const std::string& code);
  Answer<api::GetCampaignResponse> Get(const std::string& campaign_id);
  Answer<api::CreateCampaignResponse> Create(const api::CreateCampaignRequest& request);
  Answer<api::GetCampaignStatusResponse> Status(const std::string& campaign_id);
  Answer<api::UpdateCampaignResponse> Update(const api::UpdateCampaignRequest& request);
  Answer<api::PauseCampaignResponse> Pause(const std::string& campaign_id, api::PauseScope scope);
  Answer<api::ResumeCampaignResponse> Resume(const std::string& campaign_id, api::PauseScope scope);
  Answer<api::ArchiveCampaignResponse> Archive(const std::string& campaign_id);
  Answer<api::UnarchiveCampaignResponse> Unarchive(const std::string& campaign_id);
  Answer<api::DeleteCampaignResponse> Delete(const std::string& campaign_id,
                                             const std::string& campaign_name = "");
  Answer<api::ListCampaignsResponse> ListCampaigns(std::int32_t page_size,
                                                   const std::string& page_token,
                                                   bool show_archived = false);
  Answer<api::ListCouponsResponse> ListCoupons(const std::string& campaign_id,
                                               std::int32_t page_size,
                                               const std::string& page_token);
  /// Neither this nor BatchIssue has a short route.
  Answer<api::SearchCouponsResponse> Search(const api::SearchCouponsRequest& request);
  /// Is of the service for operators, which has no short routes.
  Answer<api::EraseUserResponse> Erase(const api::EraseUserRequest& request);

  /// Returns the codes of all coupons that were ever issued, in order of issue.
  std::vector<std::string> Codes(const std::string& campaign_id);

 private:
  struct Outcome {
    int status = 0;
    std::string code;
    std::string message;
    std::string raw_body;
    std::optional<api::RefusalDetail> refusal = std::nullopt;
    std::map<std::string, std::string> facts = {};
  };
  /// Fills `response` if the status is 200.
  Outcome Call(const std::string& path, const google::protobuf::Message& request,
               google::protobuf::Message& response);
  template <typename Response>
  Answer<Response> Ask(const std::string& method, const google::protobuf::Message& request);
  template <typename Response>
  Answer<Response> AskAt(const std::string& path, const google::protobuf::Message& request);

  HttpClient http_;
  Form form_;
};

/// Returns the path of a method in this form.
[[nodiscard]] std::string PathOf(Form form, const std::string& method);
/// Returns the content type of its request.
[[nodiscard]] std::string ContentTypeOf(Form form);
/// Returns the message in that form.
[[nodiscard]] std::string BodyOf(Form form, const google::protobuf::Message& message);

}  // namespace coupond::test

#endif  // COUPOND_TEST_SYSTEM_PROGRAM_COUPON_CLIENT_H_
