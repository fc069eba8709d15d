#ifndef COUPOND_API_REDEEM_METHODS_H_
#define COUPOND_API_REDEEM_METHODS_H_

#include <memory>

#include "api/dispatcher.h"
#include "api/redeem_mapping.h"
#include "base/error.h"
#include "coupon/v1/coupon_service.pb.h"
#include "engine/codes/claim_digest.h"
#include "engine/codes/coupon_code.h"
#include "engine/rules/ids.h"
#include "engine/sequencer/reply.h"
#include "rpc/connect/call.h"

namespace coupond::api {

/// The methods of coupon.v1.CouponService about single coupons, on one worker. Each command is
/// answered when it is durable, with the coupon as the views then show it; if they cannot, without
/// the coupon.
///
/// RedeemCoupon meets the public, so its refusals are answers. Cancelling and voiding are
/// operators' commands, whose refusals are errors.
///
/// Threads: the worker's. This and what it refers to must outlive the dispatcher's last
/// continuation.
class RedeemMethods {
 public:
  using Call = std::unique_ptr<connect::UnaryCall>;

  RedeemMethods(Dispatcher& dispatcher, const CouponCodec& codec, const CodeKey& code_key)
      : dispatcher_(dispatcher), codec_(codec), claims_(code_key) {}

  void RedeemCoupon(const coupon::v1::RedeemCouponRequest& request, Call call);
  void CancelRedemption(const coupon::v1::CancelRedemptionRequest& request, Call call);
  void VoidCoupon(const coupon::v1::VoidCouponRequest& request, Call call);
  void GetCoupon(const coupon::v1::GetCouponRequest& request, Call call);

 private:
  /// Submits an operator's command.
  template <typename Response, typename Command>
  void Change(Mapped<Command> command, Call call);
  void AnswerRedeem(Serial serial, const Result<Reply>& reply, Call call);
  /// Adds the coupon to the response, and answers the call.
  template <typename Response>
  void Show(Serial serial, Response response, Call call);
  [[nodiscard]] CouponKeys keys() { return {.codec = codec_, .claims = claims_}; }

  Dispatcher& dispatcher_;
  const CouponCodec& codec_;
  ClaimDigest claims_;
};

}  // namespace coupond::api

#endif  // COUPOND_API_REDEEM_METHODS_H_
