#include "couponctl/load/issue_answer.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "common/moment_text.h"
#include "couponctl/load/plain_issue.h"
#include "rpc/client/connect_protocol.h"

namespace coupond::ctl {
namespace {

IssueAnswer Open(std::string error) {
  return {.kind = IssueAnswer::Kind::kOpen, .error = std::move(error)};
}

IssueAnswer::Refused ReasonOf(coupon::v1::Refusal refusal) {
  const auto* const known = std::ranges::find(kIssueRefusals, refusal, &IssueRefusal::refusal);
  return known == kIssueRefusals.end() ? IssueAnswer::Refused::kOther : known->reason;
}

IssueAnswer Issued(const PlainIssue& issue, std::string_view campaign_id,
                   std::string_view user_id) {
  const auto code = CodeText::From(issue.code);
  if (!code) return Open("issued without a usable code");
  return {.kind = IssueAnswer::Kind::kIssued,
          .already_issued = issue.already_issued,
          .coupon = {.code = *code,
                     .issued_at = issue.issued_at,
                     .in_campaign = issue.campaign_id == campaign_id,
                     .for_user = issue.user_id == user_id}};
}

}  // namespace

struct IssueAnswerReader::Message {
  coupon::v1::IssueCouponResponse response;
};

IssueAnswerReader::IssueAnswerReader(std::string campaign_id)
    : campaign_id_(std::move(campaign_id)), message_(std::make_unique<Message>()) {}

IssueAnswerReader::~IssueAnswerReader() = default;

IssueAnswer IssueAnswerReader::Read(const rpc_client::HttpAnswer& answer,
                                    std::string_view user_id) {
  if (rpc_client::IsMessage(answer)) return ReadMessage(answer.body, user_id);
  const rpc_client::CallError error = rpc_client::DecodeError(answer);
  return {.kind = error.may_be_done ? IssueAnswer::Kind::kOpen : IssueAnswer::Kind::kFailed,
          .error = std::string(error.CodeName())};
}

IssueAnswer IssueAnswerReader::ReadMessage(std::string_view message, std::string_view user_id) {
  if (const auto issue = ReadPlainIssue(message)) return Issued(*issue, campaign_id_, user_id);
  coupon::v1::IssueCouponResponse& response = message_->response;
  if (!response.ParseFromArray(message.data(), static_cast<int>(message.size()))) {
    return Open("unreadable answer");
  }
  if (!response.success()) {
    if (!response.has_refusal() && response.error().empty()) return Open("answer without a reason");
    return {.kind = IssueAnswer::Kind::kRefused, .refused = ReasonOf(response.refusal())};
  }
  const coupon::v1::Coupon& coupon = response.coupon();
  return Issued({.code = coupon.code(),
                 .campaign_id = coupon.campaign_id(),
                 .issued_at = tools::FromMessage(coupon.issued_at()),
                 .user_id = coupon.user_id(),
                 .already_issued = response.already_issued()},
                campaign_id_, user_id);
}

}  // namespace coupond::ctl
