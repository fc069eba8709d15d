#ifndef COUPOND_API_ISSUE_ANSWER_H_
#define COUPOND_API_ISSUE_ANSWER_H_

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "engine/codes/coupon_code.h"
#include "engine/rules/ids.h"
#include "engine/rules/refusal.h"
#include "engine/rules/timestamp.h"
#include "engine/sequencer/reply.h"
#include "rpc/connect/call.h"
#include "rpc/connect/codec.h"

namespace coupond::api {

/// Writes the answers to IssueCoupon, which are nearly all answers of a rush. The coupons of a
/// commit group differ in code and sequence alone, and its refusals in nothing, except that those
/// of a paused campaign differ in the time to wait, so the rest is written once. The bytes are
/// those that the codec makes of the same IssueCouponResponse.
///
/// For one thread.
class IssueAnswerWriter {
 public:
  /// `coupon_codec` must outlive this.
  explicit IssueAnswerWriter(const CouponCodec& coupon_codec) : coupon_codec_(coupon_codec) {}

  struct Issued {
    CampaignId campaign;
    GrantedCoupon coupon;
    std::string_view user_id;  ///< UTF-8; may be empty
    Sequence sequence;
  };
  /// Returns the bytes of a success.
  [[nodiscard]] std::string Write(connect::Codec codec, const Issued& issued);

  /// Answers a call that was refused at `time`, because the user has as many coupons as the
  /// campaign allows. `last` is the last of them.
  void RefuseOneMore(connect::UnaryCall& call, const Issued& last, Timestamp time);

  /// Answers a call that was refused as `reply` says.
  void Refuse(connect::UnaryCall& call, const Refusal& refusal, const Reply& reply);

 private:
  /// What the coupons of one campaign that were issued at one time have in common.
  struct Common {
    CampaignId campaign;
    Timestamp issued_at;
    Timestamp expire_time;
    std::string bytes;   ///< the fields campaign_id and issued_at; empty: nothing yet
    std::string expiry;  ///< the field expire_time; empty if they do not expire
  };
  struct Refused {
    Refusal refusal;
    Timestamp time;
    Sequence sequence;
    std::string bytes;  ///< empty: nothing yet
  };

  [[nodiscard]] std::string WriteJson(const Issued& issued, const Common& common);
  [[nodiscard]] std::string WriteProto(const Issued& issued, const Common& common);
  [[nodiscard]] const Common& CommonOf(connect::Codec codec, const Issued& issued);

  const CouponCodec& coupon_codec_;
  std::string code_;  // kept for its capacity
  // The last ones, for each codec:
  std::array<Common, 2> common_;
  std::array<Refused, 2> refused_;
};

}  // namespace coupond::api

#endif  // COUPOND_API_ISSUE_ANSWER_H_
