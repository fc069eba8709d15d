#ifndef COUPOND_TOOLS_COUPONCTL_COMMANDS_CAMPAIGN_TERMS_H_
#define COUPOND_TOOLS_COUPONCTL_COMMANDS_CAMPAIGN_TERMS_H_

#include <chrono>
#include <cstdint>
#include <optional>

#include "common/moment_text.h"
#include "coupon/v1/coupon_service.pb.h"
#include "engine/rules/timestamp.h"

namespace coupond::ctl {

/// The terms of a campaign about who gets its coupons and when they are redeemed, as far as they
/// are given.
struct CouponTerms {
  std::optional<std::int32_t> coupons_per_user = {};
  std::optional<bool> user_required = {};
  std::optional<Timestamp> redeem_start = {};              ///< kAlways: none
  std::optional<Timestamp> expire = {};                    ///< kNever: none
  std::optional<std::chrono::nanoseconds> valid_for = {};  ///< kUnlimited: none
  std::optional<bool> redeem_by_holder_only = {};

  friend bool operator==(const CouponTerms&, const CouponTerms&) = default;
};

/// Sets the terms that are given in a CreateCampaignRequest or a Campaign.
template <typename Message>
void SetTerms(const CouponTerms& terms, Message& message) {
  if (terms.coupons_per_user) message.set_coupons_per_user(*terms.coupons_per_user);
  if (terms.user_required) message.set_user_required(*terms.user_required);
  if (terms.redeem_start && *terms.redeem_start != kAlways) {
    *message.mutable_redeem_start_time() = tools::ToMessage(*terms.redeem_start);
  }
  if (terms.expire && *terms.expire != kNever) {
    *message.mutable_expire_time() = tools::ToMessage(*terms.expire);
  }
  if (terms.valid_for && *terms.valid_for != kUnlimited) {
    *message.mutable_valid_duration() = tools::ToMessage(*terms.valid_for);
  }
  if (terms.redeem_by_holder_only) {
    message.set_redeem_by_holder_only(*terms.redeem_by_holder_only);
  }
}

/// Adds the names of the terms that are given to a mask.
inline void AddPaths(const CouponTerms& terms, google::protobuf::FieldMask& mask) {
  if (terms.coupons_per_user) mask.add_paths("coupons_per_user");
  if (terms.user_required) mask.add_paths("user_required");
  if (terms.redeem_start) mask.add_paths("redeem_start_time");
  if (terms.expire) mask.add_paths("expire_time");
  if (terms.valid_for) mask.add_paths("valid_duration");
  if (terms.redeem_by_holder_only) mask.add_paths("redeem_by_holder_only");
}

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_COMMANDS_CAMPAIGN_TERMS_H_
