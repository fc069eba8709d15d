#include "api/redeem_methods.h"

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "api/access/caller.h"
#include "api/campaign_queries.h"
#include "api/refusal_mapping.h"
#include "engine/rules/command_faults.h"

namespace coupond::api {
namespace {

/// Reports whether the answer to a refused redemption has the coupon. Another holder's coupon is
/// not shown.
bool ShowsCoupon(RefusalReason reason) {
  switch (reason) {
    case RefusalReason::kCouponVoided:
    case RefusalReason::kCouponAlreadyRedeemed:
    case RefusalReason::kCouponExpired:
    case RefusalReason::kCouponNotYetValid:
    case RefusalReason::kRedeemingPaused:
      return true;
    default:
      return false;
  }
}

connect::Error NotOwnRedemption() {
  return {.code = connect::Code::kPermissionDenied,
          .message =
              "the coupon was redeemed with another access key; a key with the role redeemer "
              "undoes only its own redemptions",
          .reason = "REDEMPTION_NOT_OWN"};
}

}  // namespace

void RedeemMethods::RedeemCoupon(const coupon::v1::RedeemCouponRequest& request, Call call) {
  auto redeem = MapRedeemCoupon(request, keys(), call->context().idempotency_key);
  if (!redeem) return call->Fail(std::move(redeem.error()));
  if (redeem->user_id.empty()) return Submit(std::move(redeem->command), std::move(call));
  RedeemForUser(*std::move(redeem), std::move(call));
}

void RedeemMethods::RedeemForUser(MappedRedeem redeem, Call call) {
  const auto name_holder = [this, user_id = std::move(redeem.user_id),
                            as_sent = std::move(redeem.user_id_as_sent)](
                               const CampaignId& campaign, coupond::RedeemCoupon& command) {
    command.holder = claims_.Of(campaign, ClaimKind::kUser, user_id);
    if (as_sent) command.holder_as_sent = claims_.Of(campaign, ClaimKind::kUser, *as_sent);
  };
  if (redeem.command.campaign_id) {
    name_holder(*redeem.command.campaign_id, redeem.command);
    return Submit(std::move(redeem.command), std::move(call));
  }
  const Serial serial = redeem.command.serial;
  dispatcher_.Ask<Found<CampaignId>>(
      [serial](const ViewStore& views) { return FindCampaignOf(views, serial); },
      [this, name_holder, command = std::move(redeem.command),
       call = std::move(call)](Found<CampaignId> campaign) mutable {
        if (!campaign) {
          const auto* const absent = std::get_if<Absent>(&campaign.error());
          if (absent == nullptr) {
            return call->Fail(NoResultError(campaign.error(), RefusalReason::kNoSuchCoupon));
          }
          const Reply reply{.time = {},
                            .sequence = absent->as_of,
                            .outcome = Refusal{.reason = RefusalReason::kNoSuchCoupon}};
          return AnswerRedeem(command.serial, reply, std::move(call));
        }
        name_holder(*campaign, command);
        Submit(std::move(command), std::move(call));
      });
}

void RedeemMethods::Submit(coupond::RedeemCoupon command, Call call) {
  const Serial serial = command.serial;
  const KeyId key = CallerKeyId(*call);
  auto answer = [this, serial, call = std::move(call)](const Result<Reply>& reply) mutable {
    AnswerRedeem(serial, reply, std::move(call));
  };
  dispatcher_.Submit(std::move(command), std::move(answer), key);
}

void RedeemMethods::AnswerRedeem(Serial serial, const Result<Reply>& reply, Call call) {
  if (!reply) return call->Fail(OperatingError(reply.error()));
  if (WorkerFigures* const figures = dispatcher_.figures()) figures->redemptions().Count(*reply);
  coupon::v1::RedeemCouponResponse response;
  response.set_sequence(reply->sequence.value());
  if (const auto* refusal = std::get_if<Refusal>(&reply->outcome)) {
    CountIfUnknownCode(shared_.limits, refusal->reason, *call);
    SetRedeemRefusal(*refusal, reply->time, response);
    if (!ShowsCoupon(refusal->reason)) return call->Finish(response);
  } else {
    response.set_success(true);
    response.set_already_redeemed(std::get<Done>(reply->outcome).repeated);
  }
  answers_.Show(serial, std::move(response), std::move(call));
}

void RedeemMethods::CancelRedemption(const coupon::v1::CancelRedemptionRequest& request,
                                     Call call) {
  auto command = MapCancelRedemption(request, keys(), call->context().idempotency_key);
  // A fault of the command itself comes before whose redemption it is, and is the rules' to tell.
  if (command && !FindFaultOfReason(command->reason) && HasRole(*call, access::Role::kRedeemer)) {
    return CancelOwn(*std::move(command), std::move(call));
  }
  answers_.Change<coupon::v1::CancelRedemptionResponse>(std::move(command), std::move(call));
}

void RedeemMethods::CancelOwn(coupond::CancelRedemption command, Call call) {
  using Present = std::optional<Redemption>;
  const CouponLookup lookup{.serial = command.serial, .campaign_id = command.campaign_id};
  dispatcher_.Ask<Result<Present>>(
      [lookup](const ViewStore& views) { return FindRedemption(views, lookup); },
      [this, command = std::move(command), call = std::move(call)](Result<Present> found) mutable {
        if (!found) return call->Fail(OperatingError(found.error()));
        const Present& present = *found;
        if (present && IsNamed(*present, command)) {
          if (present->key != CallerKeyId(*call)) return call->Fail(NotOwnRedemption());
          // By its sequence, it stays one that this caller made.
          command.redemption = present->sequence;
        } else {
          // Only what was carried out before is still answered with success.
          command.redemption = Sequence(0);
        }
        answers_.Change<coupon::v1::CancelRedemptionResponse>(
            Mapped<coupond::CancelRedemption>(std::move(command)), std::move(call));
      });
}

bool RedeemMethods::IsNamed(const Redemption& redemption,
                            const coupond::CancelRedemption& command) {
  if (const auto* const sequence = std::get_if<Sequence>(&command.redemption)) {
    return redemption.sequence == *sequence;
  }
  return !redemption.request_id.empty() &&
         claims_.OfRequestId(redemption.request_id) == std::get<Claim>(command.redemption);
}

void RedeemMethods::VoidCoupon(const coupon::v1::VoidCouponRequest& request, Call call) {
  auto command = MapVoidCoupon(request, keys(), call->context().idempotency_key);
  answers_.Change<coupon::v1::VoidCouponResponse>(std::move(command), std::move(call));
}

void RedeemMethods::GetCoupon(const coupon::v1::GetCouponRequest& request, Call call) {
  const auto lookup = MapGetCoupon(request, shared_.codec);
  if (!lookup) return call->Fail(lookup.error());
  dispatcher_.Ask<Found<coupon::v1::Coupon>>(
      [lookup = *lookup, shared = shared_](const ViewStore& views) {
        return ReadCoupon(views, lookup, shared.codec, shared.clock);
      },
      [limits = shared_.limits, call = std::move(call)](Found<coupon::v1::Coupon> coupon) {
        if (!coupon) {
          if (std::holds_alternative<Absent>(coupon.error())) {
            CountIfUnknownCode(limits, RefusalReason::kNoSuchCoupon, *call);
          }
          return call->Fail(NoResultError(coupon.error(), RefusalReason::kNoSuchCoupon));
        }
        coupon::v1::GetCouponResponse response;
        *response.mutable_coupon() = *std::move(coupon);
        call->Finish(response);
      });
}

}  // namespace coupond::api
