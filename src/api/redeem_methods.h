#ifndef COUPOND_API_REDEEM_METHODS_H_
#define COUPOND_API_REDEEM_METHODS_H_

#include <memory>

#include "api/access/ask_limits.h"
#include "api/change_answers.h"
#include "api/dispatcher.h"
#include "api/redeem_mapping.h"
#include "base/error.h"
#include "coupon/v1/coupon_service.pb.h"
#include "engine/codes/claim_digest.h"
#include "engine/codes/coupon_code.h"
#include "engine/ports/clock.h"
#include "engine/rules/ids.h"
#include "engine/sequencer/reply.h"
#include "rpc/connect/call.h"

namespace coupond::api {

/// The methods of coupon.v1.CouponService about single coupons, on one worker.
///
/// RedeemCoupon meets the public, so its refusals are answers. Cancelling and voiding are
/// operators' commands, whose refusals are errors.
///
/// Threads: the worker's. This and what it refers to must outlive the dispatcher's last
/// continuation.
class RedeemMethods {
 public:
  using Call = std::unique_ptr<connect::UnaryCall>;

  /// Shared by all workers; thread-safe.
  struct Shared {
    const CouponCodec& codec;
    const CodeKey& code_key;
    const Clock& clock;           ///< the engine's (Engine::clock)
    AskLimits* limits = nullptr;  ///< null if unknown codes are not counted
  };

  RedeemMethods(Dispatcher& dispatcher, ChangeAnswers& answers, const Shared& shared)
      : dispatcher_(dispatcher), answers_(answers), shared_(shared), claims_(shared.code_key) {}

  void RedeemCoupon(const coupon::v1::RedeemCouponRequest& request, Call call);
  void CancelRedemption(const coupon::v1::CancelRedemptionRequest& request, Call call);
  void VoidCoupon(const coupon::v1::VoidCouponRequest& request, Call call);
  void GetCoupon(const coupon::v1::GetCouponRequest& request, Call call);

 private:
  /// Undoes a redemption if it was made with the caller's key.
  void CancelOwn(coupond::CancelRedemption command, Call call);
  /// Reports whether a redemption is the one that a command names.
  [[nodiscard]] bool IsNamed(const Redemption& redemption,
                             const coupond::CancelRedemption& command);
  /// Redeems a coupon for the user whom the request names. Without a campaign in the request, the
  /// coupon's is looked up first, because users are digested for a campaign each.
  void RedeemForUser(MappedRedeem redeem, Call call);
  void Submit(coupond::RedeemCoupon command, Call call);
  void AnswerRedeem(Serial serial, const Result<Reply>& reply, Call call);
  [[nodiscard]] CouponKeys keys() { return {.codec = shared_.codec, .claims = claims_}; }

  Dispatcher& dispatcher_;
  ChangeAnswers& answers_;
  const Shared shared_;
  ClaimDigest claims_;
};

}  // namespace coupond::api

#endif  // COUPOND_API_REDEEM_METHODS_H_
