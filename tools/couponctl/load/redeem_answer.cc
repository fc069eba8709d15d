#include "couponctl/load/redeem_answer.h"

#include <algorithm>
#include <utility>

#include "rpc/client/connect_protocol.h"

namespace coupond::ctl {
namespace {

RedeemAnswer Open(std::string error) {
  return {.outcome = RedeemOutcome::kOpen, .error = std::move(error)};
}

}  // namespace

RedeemOutcome OutcomeOf(coupon::v1::Refusal refusal) {
  const auto* const known = std::ranges::find(kRedeemRefusals, refusal, &RedeemRefusal::refusal);
  return known == kRedeemRefusals.end() ? RedeemOutcome::kOther : known->outcome;
}

std::string_view TextOf(RedeemOutcome refused) {
  const auto* const known = std::ranges::find(kRedeemRefusals, refused, &RedeemRefusal::outcome);
  return known == kRedeemRefusals.end() ? "not refused" : known->text;
}

RedeemAnswerReader::RedeemAnswerReader()
    : response_(std::make_unique<coupon::v1::RedeemCouponResponse>()) {}

RedeemAnswerReader::~RedeemAnswerReader() = default;

RedeemAnswer RedeemAnswerReader::Read(const rpc_client::HttpAnswer& answer, std::string_view code) {
  if (rpc_client::IsMessage(answer)) return ReadMessage(answer.body, code);
  const rpc_client::CallError error = rpc_client::DecodeError(answer);
  return {.outcome = error.may_be_done ? RedeemOutcome::kOpen : RedeemOutcome::kFailed,
          .error = std::string(error.CodeName())};
}

RedeemAnswer RedeemAnswerReader::ReadMessage(std::string_view message, std::string_view code) {
  coupon::v1::RedeemCouponResponse& response = *response_;
  if (!response.ParseFromArray(message.data(), static_cast<int>(message.size()))) {
    return Open("unreadable answer");
  }
  // The server leaves a coupon out that it cannot read.
  if (response.has_coupon() && response.coupon().code() != code) {
    return Open("answer about another coupon");
  }
  if (response.success()) {
    return {.outcome = RedeemOutcome::kRedeemed, .already_redeemed = response.already_redeemed()};
  }
  if (!response.has_refusal() && response.error().empty()) return Open("answer without a reason");
  return {.outcome = OutcomeOf(response.refusal())};
}

}  // namespace coupond::ctl
