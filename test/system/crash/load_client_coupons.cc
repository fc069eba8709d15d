// What a client asks about coupons after their issue.

#include <optional>
#include <utility>

#include "system/crash/load_client.h"
#include "system/crash/shown.h"

namespace coupond::test {
namespace {

using Outcome = CouponReply::Outcome;

CouponRequestKind RequestKindOf(OperationKind kind) {
  switch (kind) {
    case OperationKind::kRedeem:
      return CouponRequestKind::kRedeem;
    case OperationKind::kRepeatRedemption:
      return CouponRequestKind::kRepeatRedemption;
    case OperationKind::kCancel:
      return CouponRequestKind::kCancel;
    case OperationKind::kVoid:
      return CouponRequestKind::kVoid;
    case OperationKind::kReturn:
      return CouponRequestKind::kReturn;
    default:
      return CouponRequestKind::kLook;
  }
}

/// Returns nullopt for a refusal that no request of a client should meet.
std::optional<Outcome> OutcomeOf(api::Refusal refusal) {
  switch (refusal) {
    case api::REFUSAL_COUPON_ALREADY_REDEEMED:
      return Outcome::kAlreadyRedeemed;
    case api::REFUSAL_COUPON_VOIDED:
      return Outcome::kVoid;
    case api::REFUSAL_NOT_REDEEMED:
      return Outcome::kNotRedeemed;
    case api::REFUSAL_NO_SUCH_COUPON:
      return Outcome::kNoSuchCoupon;
    default:
      return std::nullopt;
  }
}

std::optional<Outcome> OutcomeOf(const api::RedeemCouponResponse& response) {
  if (!response.success()) return OutcomeOf(response.refusal());
  return response.already_redeemed() ? Outcome::kRepeated : Outcome::kDone;
}
std::optional<Outcome> OutcomeOf(const api::CancelRedemptionResponse& response) {
  return response.changed() ? Outcome::kDone : Outcome::kUnchanged;
}
std::optional<Outcome> OutcomeOf(const api::VoidCouponResponse& response) {
  return response.changed() ? Outcome::kDone : Outcome::kUnchanged;
}
std::optional<Outcome> OutcomeOf(const api::GetCouponResponse&) { return Outcome::kDone; }

template <typename Response>
std::uint64_t SequenceOf(const Response& response) {
  return response.sequence();
}
std::uint64_t SequenceOf(const api::GetCouponResponse&) { return 0; }

/// An answer, of whatever kind of request.
struct AboutCoupon {
  int status = 0;                    ///< as in Answer
  std::string code;                  ///< as in Answer
  std::string raw_body;              ///< as in Answer
  std::optional<CouponReply> reply;  ///< nullopt if it makes no sense
};

template <typename Response>
AboutCoupon AboutCouponFrom(const Answer<Response>& answer) {
  AboutCoupon about{
      .status = answer.status, .code = answer.code, .raw_body = answer.raw_body, .reply = {}};
  std::optional<Outcome> outcome;
  if (answer.ok()) {
    outcome = OutcomeOf(answer.response);
  } else if (answer.refusal) {
    outcome = OutcomeOf(answer.refusal->refusal());
  }
  if (!outcome) return about;
  about.reply = CouponReply{.outcome = *outcome};
  if (!answer.ok()) return about;
  about.reply->sequence = SequenceOf(answer.response);
  if (answer.response.has_coupon()) about.reply->coupon = Shown(answer.response.coupon());
  return about;
}

AboutCoupon Send(CouponClient& client, const CouponRequest& request) {
  switch (request.kind) {
    case CouponRequestKind::kRedeem:
    case CouponRequestKind::kRepeatRedemption: {
      api::RedeemCouponRequest message;
      message.set_code(request.code);
      message.set_request_id(request.request_id);
      return AboutCouponFrom(client.Redeem(message));
    }
    case CouponRequestKind::kCancel: {
      api::CancelRedemptionRequest message;
      message.set_code(request.code);
      if (request.names_redemption_by_id) {
        message.set_redemption_request_id(request.redemption_id);
      } else {
        message.set_redemption_sequence(request.redemption);
      }
      message.set_request_id(request.request_id);
      return AboutCouponFrom(client.Cancel(message));
    }
    case CouponRequestKind::kVoid:
    case CouponRequestKind::kReturn: {
      api::VoidCouponRequest message;
      message.set_code(request.code);
      message.set_return_to_pool(request.kind == CouponRequestKind::kReturn);
      message.set_request_id(request.request_id);
      return AboutCouponFrom(client.Void(message));
    }
    case CouponRequestKind::kLook:
      break;
  }
  return AboutCouponFrom(client.GetCoupon(request.code));
}

}  // namespace

bool LoadClient::AskAboutCoupon(CouponClient& client, const Operation& operation,
                                const std::string& campaign) {
  auto request = shared_.ledger.BeginCouponRequest(
      RequestKindOf(operation.kind), campaign,
      "change " + std::to_string(number_) + "-" + std::to_string(++requests_), operation.draw);
  if (!request) {
    return Ask(client, {.campaign = campaign, .claim = {}, .user_id = {}, .request_id = {}});
  }
  return AskAboutCoupon(client, *std::move(request));
}

bool LoadClient::AskAboutCoupon(CouponClient& client, CouponRequest request) {
  const AboutCoupon answer = Send(client, request);
  if (answer.status == 0 || answer.code == kUnavailable) {
    shared_.ledger.OutcomeUnknown(request);
    unknown_of_coupons_.push_back(std::move(request));
  } else if (answer.reply) {
    shared_.ledger.Heard(request, *answer.reply);
  } else {
    Unexpected(std::string(NameOf(request.kind)) + ", " + request.code, answer.code,
               answer.raw_body);
  }
  return answer.status != 0;
}

bool LoadClient::RetryUnknownOfCoupons(CouponClient& client) {
  while (!unknown_of_coupons_.empty()) {
    // Without an answer, AskAboutCoupon appends it again.
    CouponRequest request = std::exchange(unknown_of_coupons_.front(), {});
    unknown_of_coupons_.pop_front();
    const bool is_gone = shared_.ledger.Find(request.campaign).life == ClientLedger::Life::kGone;
    if (!is_gone && !AskAboutCoupon(client, std::move(request))) return false;
  }
  return true;
}

}  // namespace coupond::test
