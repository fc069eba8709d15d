#ifndef COUPOND_TOOLS_COUPONCTL_COUPON_OPTIONS_H_
#define COUPOND_TOOLS_COUPONCTL_COUPON_OPTIONS_H_

namespace CLI {  // NOLINT(readability-identifier-naming): the library's own name
class App;
}

/// The commands about single coupons, and their options.
namespace coupond::ctl {

struct Options;

/// Adds `redeem`, `undo-redeem`, `void` and `coupon`.
void AddCouponCommands(CLI::App& app, Options& options);

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_COUPON_OPTIONS_H_
