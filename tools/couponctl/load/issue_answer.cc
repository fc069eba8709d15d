#include "couponctl/load/issue_answer.h"

#include "common/moment_text.h"
#include "coupon/v1/coupon_service.pb.h"
#include "rpc/client/connect_protocol.h"

namespace coupond::ctl {
namespace {

IssueAnswer Open(std::string error) {
  return {.kind = IssueAnswer::Kind::kOpen, .error = std::move(error)};
}

IssueAnswer::Refused ReasonOf(const coupon::v1::IssueCouponResponse& response) {
  switch (response.refusal()) {
    case coupon::v1::REFUSAL_NOT_STARTED:
      return IssueAnswer::Refused::kNotStarted;
    case coupon::v1::REFUSAL_SOLD_OUT:
      return IssueAnswer::Refused::kSoldOut;
    case coupon::v1::REFUSAL_NO_SUCH_CAMPAIGN:
      return IssueAnswer::Refused::kNoSuchCampaign;
    default:
      return IssueAnswer::Refused::kOther;
  }
}

}  // namespace

struct IssueAnswerReader::Message {
  coupon::v1::IssueCouponResponse response;
};

IssueAnswerReader::IssueAnswerReader(std::string campaign_id)
    : campaign_id_(std::move(campaign_id)), message_(std::make_unique<Message>()) {}

IssueAnswerReader::~IssueAnswerReader() = default;

IssueAnswer IssueAnswerReader::Read(const rpc_client::HttpAnswer& answer) {
  if (!rpc_client::IsMessage(answer)) {
    const rpc_client::CallError error = rpc_client::DecodeError(answer);
    return {.kind = error.may_be_done ? IssueAnswer::Kind::kOpen : IssueAnswer::Kind::kFailed,
            .error = std::string(error.CodeName())};
  }
  coupon::v1::IssueCouponResponse& response = message_->response;
  if (!response.ParseFromString(answer.body)) return Open("unreadable answer");
  if (!response.success()) {
    if (!response.has_refusal() && response.error().empty()) return Open("answer without a reason");
    return {.kind = IssueAnswer::Kind::kRefused, .refused = ReasonOf(response)};
  }
  const auto code = CodeText::From(response.coupon().code());
  if (!code) return Open("issued without a usable code");
  return {.kind = IssueAnswer::Kind::kIssued,
          .already_issued = response.already_issued(),
          .coupon = {.code = *code,
                     .issued_at = tools::FromMessage(response.coupon().issued_at()),
                     .in_campaign = response.coupon().campaign_id() == campaign_id_}};
}

}  // namespace coupond::ctl
