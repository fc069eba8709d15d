#include "api/redeem_methods.h"

#include <utility>
#include <variant>

#include "api/campaign_queries.h"
#include "api/reply_mapping.h"

namespace coupond::api {
namespace {

using FoundCouponMessage = MaybeFound<coupon::v1::Coupon>;

/// Reports whether the answer to a refused redemption has the coupon: what has become of it is the
/// reason.
bool ShowsCoupon(RefusalReason reason) {
  return reason == RefusalReason::kCouponVoided || reason == RefusalReason::kCouponAlreadyRedeemed;
}

}  // namespace

void RedeemMethods::RedeemCoupon(const coupon::v1::RedeemCouponRequest& request, Call call) {
  auto command = MapRedeemCoupon(request, keys(), call->context().idempotency_key);
  if (!command) return call->Fail(std::move(command.error()));
  const Serial serial = command->serial;
  dispatcher_.Submit(*std::move(command),
                     [this, serial, call = std::move(call)](const Result<Reply>& reply) mutable {
                       AnswerRedeem(serial, reply, std::move(call));
                     });
}

void RedeemMethods::AnswerRedeem(Serial serial, const Result<Reply>& reply, Call call) {
  if (!reply) return call->Fail(OperatingError(reply.error()));
  coupon::v1::RedeemCouponResponse response;
  response.set_sequence(reply->sequence.value());
  if (const auto* refusal = std::get_if<Refusal>(&reply->outcome)) {
    SetRedeemRefusal(*refusal, response);
    if (!ShowsCoupon(refusal->reason)) return call->Finish(response);
  } else {
    response.set_success(true);
    response.set_already_redeemed(std::get<Done>(reply->outcome).repeated);
  }
  Show(serial, std::move(response), std::move(call));
}

template <typename Response, typename Command>
void RedeemMethods::Change(Mapped<Command> command, Call call) {
  if (!command) return call->Fail(std::move(command.error()));
  const Serial serial = command->serial;
  dispatcher_.Submit(*std::move(command),
                     [this, serial, call = std::move(call)](Result<Reply> reply) mutable {
                       if (!reply) return call->Fail(OperatingError(reply.error()));
                       if (const auto* refusal = std::get_if<Refusal>(&reply->outcome)) {
                         return call->Fail(RefusalError(*refusal, reply->sequence));
                       }
                       Response response;
                       response.set_changed(std::get<Done>(reply->outcome).changed);
                       response.set_sequence(reply->sequence.value());
                       Show(serial, std::move(response), std::move(call));
                     });
}

template <typename Response>
void RedeemMethods::Show(Serial serial, Response response, Call call) {
  dispatcher_.Ask<FoundCouponMessage>(
      [serial, &codec = codec_](const ViewStore& views) {
        return ReadCoupon(views, {.serial = serial}, codec);
      },
      [response = std::move(response),
       call = std::move(call)](Result<FoundCouponMessage> coupon) mutable {
        // The change has been made, whether or not the coupon can be shown.
        if (coupon && *coupon) *response.mutable_coupon() = std::move(**coupon);
        call->Finish(response);
      });
}

void RedeemMethods::CancelRedemption(const coupon::v1::CancelRedemptionRequest& request,
                                     Call call) {
  auto command = MapCancelRedemption(request, keys(), call->context().idempotency_key);
  Change<coupon::v1::CancelRedemptionResponse>(std::move(command), std::move(call));
}

void RedeemMethods::VoidCoupon(const coupon::v1::VoidCouponRequest& request, Call call) {
  auto command = MapVoidCoupon(request, keys(), call->context().idempotency_key);
  Change<coupon::v1::VoidCouponResponse>(std::move(command), std::move(call));
}

void RedeemMethods::GetCoupon(const coupon::v1::GetCouponRequest& request, Call call) {
  const auto lookup = MapGetCoupon(request, codec_);
  if (!lookup) return call->Fail(lookup.error());
  dispatcher_.Ask<FoundCouponMessage>(
      [lookup = *lookup, &codec = codec_](const ViewStore& views) {
        return ReadCoupon(views, lookup, codec);
      },
      [call = std::move(call)](Result<FoundCouponMessage> coupon) {
        if (!coupon) return call->Fail(OperatingError(coupon.error()));
        if (!*coupon) {
          return call->Fail(
              RefusalError({.reason = RefusalReason::kNoSuchCoupon}, coupon->error()));
        }
        coupon::v1::GetCouponResponse response;
        *response.mutable_coupon() = std::move(**coupon);
        call->Finish(response);
      });
}

}  // namespace coupond::api
