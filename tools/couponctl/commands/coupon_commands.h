#ifndef COUPOND_TOOLS_COUPONCTL_COMMANDS_COUPON_COMMANDS_H_
#define COUPOND_TOOLS_COUPONCTL_COMMANDS_COUPON_COMMANDS_H_

#include <cstdint>
#include <string>

#include "couponctl/commands/outcome.h"

/// The commands about single coupons. Each prints the coupon as it is afterwards; with `json`, the
/// server's answer. Texts may be empty.
namespace coupond::ctl {

/// What is redeemed, and what for.
struct CouponUse {
  std::string code = {};
  std::string user_id = {};
  std::string order_ref = {};
  std::string redeemed_by = {};
  std::string request_id = {};
  bool validate_only = false;  ///< only checks whether it can be redeemed
};

/// What is done to a coupon that is made invalid.
struct CouponVoiding {
  std::string code = {};
  bool return_to_pool = false;
  bool free_claim = false;
  std::string reason = {};
};

/// A redemption, by the one that is not empty.
struct NamedRedemption {
  std::uint64_t sequence = 0;
  std::string request_id = {};
};

[[nodiscard]] ExitCode RedeemCoupon(const CommandContext& context, const CouponUse& use);
[[nodiscard]] ExitCode CancelRedemption(const CommandContext& context, const std::string& code,
                                        const NamedRedemption& redemption,
                                        const std::string& reason);
[[nodiscard]] ExitCode VoidCoupon(const CommandContext& context, const CouponVoiding& voiding);
[[nodiscard]] ExitCode ShowCoupon(const CommandContext& context, const std::string& code);

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_COMMANDS_COUPON_COMMANDS_H_
