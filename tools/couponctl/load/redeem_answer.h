#ifndef COUPOND_TOOLS_COUPONCTL_LOAD_REDEEM_ANSWER_H_
#define COUPOND_TOOLS_COUPONCTL_LOAD_REDEEM_ANSWER_H_

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "coupon/v1/coupon_service.pb.h"
#include "couponctl/load/held_coupon.h"
#include "rpc/client/response_reader.h"

namespace coupond::ctl {

/// The meaning of an answer to RedeemCoupon.
struct RedeemAnswer {
  RedeemOutcome outcome = RedeemOutcome::kOpen;
  bool already_redeemed = false;  ///< with kRedeemed: by an earlier attempt of this request
  std::string error = {};         ///< with kFailed and kOpen: a short name for the tally

  [[nodiscard]] bool open() const { return outcome == RedeemOutcome::kOpen; }
  [[nodiscard]] bool failed() const { return outcome == RedeemOutcome::kFailed; }
};

/// An outcome of which IsRefused holds, and its names.
struct RedeemRefusal {
  RedeemOutcome outcome;
  coupon::v1::Refusal refusal;
  std::string_view text;
  std::string_view json;
};
inline constexpr std::array kRedeemRefusals = {
    RedeemRefusal{RedeemOutcome::kPaused, coupon::v1::REFUSAL_REDEEMING_PAUSED, "redeeming paused",
                  "redeemingPaused"},
    RedeemRefusal{RedeemOutcome::kExpired, coupon::v1::REFUSAL_COUPON_EXPIRED, "expired",
                  "expired"},
    RedeemRefusal{RedeemOutcome::kNotYetValid, coupon::v1::REFUSAL_COUPON_NOT_YET_VALID,
                  "not yet valid", "notYetValid"},
    RedeemRefusal{RedeemOutcome::kAlreadyRedeemed, coupon::v1::REFUSAL_COUPON_ALREADY_REDEEMED,
                  "already redeemed", "alreadyRedeemed"},
    RedeemRefusal{RedeemOutcome::kVoided, coupon::v1::REFUSAL_COUPON_VOIDED, "void", "voided"},
    RedeemRefusal{RedeemOutcome::kWrongHolder, coupon::v1::REFUSAL_WRONG_HOLDER, "wrong holder",
                  "wrongHolder"},
    RedeemRefusal{RedeemOutcome::kNoSuchCoupon, coupon::v1::REFUSAL_NO_SUCH_COUPON,
                  "no such coupon", "noSuchCoupon"},
    RedeemRefusal{RedeemOutcome::kRequestIdReused, coupon::v1::REFUSAL_REQUEST_ID_REUSED,
                  "request_id reused", "requestIdReused"},
    RedeemRefusal{RedeemOutcome::kOther, coupon::v1::REFUSAL_UNSPECIFIED, "other", "other"},
};

/// Returns what a refusal to redeem means.
[[nodiscard]] RedeemOutcome OutcomeOf(coupon::v1::Refusal refusal);
/// Returns the name of a refusal for people, such as "wrong holder".
[[nodiscard]] std::string_view TextOf(RedeemOutcome refused);

/// Reads answers to RedeemCoupon, and reuses its memory from one to the next. One thread at a time.
class RedeemAnswerReader {
 public:
  RedeemAnswerReader();
  ~RedeemAnswerReader();

  /// Reads the answer to a request about the coupon with this code.
  [[nodiscard]] RedeemAnswer Read(const rpc_client::HttpAnswer& answer, std::string_view code);
  /// The same for an answer that is known to carry a message.
  [[nodiscard]] RedeemAnswer ReadMessage(std::string_view message, std::string_view code);

 private:
  std::unique_ptr<coupon::v1::RedeemCouponResponse> response_;
};

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_LOAD_REDEEM_ANSWER_H_
