#include "couponctl/commands/commands.h"

#include <fmt/format.h>

#include <ostream>
#include <string_view>

#include "base/display_text.h"
#include "coupon/v1/coupon_service.pb.h"
#include "couponctl/commands/campaign_text.h"
#include "couponctl/commands/coupon_service.h"
#include "couponctl/commands/coupon_text.h"

namespace coupond::ctl {
namespace {

constexpr std::string_view kLookAtCoupon =
    "it may have succeeded anyway; `couponctl coupon` shows what has become of it";
constexpr std::string_view kRedeemAgain =
    "try again with the same --request-id: if the coupon was redeemed, you get the same answer";
constexpr std::string_view kCheckCode = "check the code, and that its campaign was not deleted";
constexpr std::string_view kNotShown =
    "; the server does not show the coupon, whose campaign may have been deleted since\n";

NextStep AfterRedeem(const CouponUse& use) {
  if (use.validate_only) return {.if_open = kOnlyChecked};
  return {.if_open = use.request_id.empty() ? kLookAtCoupon : kRedeemAgain};
}

/// Makes an operator's call at `path`, and prints what became of it. `done` says what was asked.
template <typename Response>
ExitCode Change(const CommandContext& context, std::string_view path, std::string_view done,
                const google::protobuf::MessageLite& request) {
  const NextStep next{.if_open = kLookAtCoupon, .if_not_found = kCheckCode};
  Response response;
  if (auto called = context.client.Call(path, request, response); !called) {
    return ReportError(context, called.error(), next);
  }
  if (response.sequence() == 0) return ReportEmptyAnswer(context, path, next);
  context.SetDone(response.changed() ? fmt::format("the {} anyway", done)
                                     : std::string("nothing had to change"));
  if (context.json) {
    context.out << JsonLine(response);
    return ExitCode::kDone;
  }
  if (!response.changed()) {
    context.err << "couponctl: nothing changed: the coupon already was as requested\n";
  }
  if (response.has_coupon()) {
    context.out << CouponText(response.coupon());
  } else {
    context.out << "done" << kNotShown;
  }
  return ExitCode::kDone;
}

/// Prints a redemption that was refused.
void PrintRefused(const CommandContext& context, const coupon::v1::RedeemCouponResponse& response) {
  const std::string became = WhatBecameOf(response.coupon());
  context.err << "couponctl: not redeemed: " << Printable(response.error());
  if (!became.empty()) context.err << "; " << Printable(became);
  if (response.has_retry_ms()) context.err << "; ask again in " << WaitText(response.retry_ms());
  context.err << '\n';
}

/// Prints a redemption that would be accepted.
void PrintChecked(const CommandContext& context, const coupon::v1::RedeemCouponResponse& response) {
  context.err << "couponctl: checked only: "
              << (response.already_redeemed() ? "this request redeemed the coupon before"
                                              : "the coupon can be redeemed")
              << '\n';
  if (response.has_coupon()) context.out << CouponText(response.coupon());
}

void PrintRedeemed(const CommandContext& context,
                   const coupon::v1::RedeemCouponResponse& response) {
  if (response.already_redeemed()) {
    context.err << fmt::format(
        "couponctl: this request redeemed the coupon before (redemption {})\n",
        response.sequence());
  }
  if (response.has_coupon()) {
    context.out << CouponText(response.coupon());
  } else {
    context.out << fmt::format("redeemed (redemption {})", response.sequence()) << kNotShown;
  }
}

}  // namespace

ExitCode RedeemCoupon(const CommandContext& context, const CouponUse& use) {
  coupon::v1::RedeemCouponRequest request;
  request.set_code(use.code);
  request.set_user_id(use.user_id);
  request.set_order_ref(use.order_ref);
  request.set_redeemed_by(use.redeemed_by);
  request.set_request_id(use.request_id);
  request.set_validate_only(use.validate_only);
  const NextStep next = AfterRedeem(use);
  coupon::v1::RedeemCouponResponse response;
  if (auto done = context.client.Call(kRedeemCoupon, request, response); !done) {
    return ReportError(context, done.error(), next);
  }
  const bool has_reason = !response.error().empty() || response.has_refusal();
  if (response.success() ? response.sequence() == 0 : !has_reason) {
    return ReportEmptyAnswer(context, kRedeemCoupon, next);
  }
  context.SetDone(use.validate_only    ? std::string("nothing was changed on the server")
                  : response.success() ? fmt::format("the coupon was redeemed anyway "
                                                     "(redemption {})",
                                                     response.sequence())
                                       : "the coupon was not redeemed: " + response.error());
  if (context.json) {
    context.out << JsonLine(response);
  } else if (response.success() && use.validate_only) {
    PrintChecked(context, response);
  } else if (response.success()) {
    PrintRedeemed(context, response);
  } else {
    PrintRefused(context, response);
  }
  return response.success() ? ExitCode::kDone : ExitCode::kRefused;
}

ExitCode CancelRedemption(const CommandContext& context, const std::string& code,
                          const NamedRedemption& redemption, const std::string& reason) {
  coupon::v1::CancelRedemptionRequest request;
  request.set_code(code);
  if (redemption.request_id.empty()) {
    request.set_redemption_sequence(redemption.sequence);
  } else {
    request.set_redemption_request_id(redemption.request_id);
  }
  request.set_reason(reason);
  return Change<coupon::v1::CancelRedemptionResponse>(context, kCancelRedemption,
                                                      "redemption was undone", request);
}

ExitCode VoidCoupon(const CommandContext& context, const CouponVoiding& voiding) {
  coupon::v1::VoidCouponRequest request;
  request.set_code(voiding.code);
  request.set_return_to_pool(voiding.return_to_pool);
  request.set_free_claim(voiding.free_claim);
  request.set_reason(voiding.reason);
  return Change<coupon::v1::VoidCouponResponse>(context, kVoidCoupon, "coupon was voided", request);
}

ExitCode ShowCoupon(const CommandContext& context, const std::string& code) {
  coupon::v1::GetCouponRequest request;
  request.set_code(code);
  coupon::v1::GetCouponResponse response;
  if (auto done = context.client.Call(kGetCoupon, request, response); !done) {
    return ReportError(context, done.error(), {.if_not_found = kCheckCode});
  }
  if (response.coupon().code().empty()) return ReportEmptyAnswer(context, kGetCoupon, {});
  context.out << (context.json ? JsonLine(response.coupon()) : CouponText(response.coupon()));
  return ExitCode::kDone;
}

}  // namespace coupond::ctl
