#ifndef COUPOND_TOOLS_COUPONCTL_COMMANDS_COUPON_TEXT_H_
#define COUPOND_TOOLS_COUPONCTL_COMMANDS_COUPON_TEXT_H_

#include <string>

#include "coupon/v1/coupon_service.pb.h"

/// Coupons as text for people.
namespace coupond::ctl {

/// Returns "issued", "redeemed", …; "unknown" for a state that this version does not know.
[[nodiscard]] std::string StateText(coupon::v1::CouponState state);

/// Returns when a coupon expires or has expired; empty if it does not.
[[nodiscard]] std::string ExpiryText(const coupon::v1::Coupon& coupon);

/// Returns everything about a coupon, a line for each.
[[nodiscard]] std::string CouponText(const coupon::v1::Coupon& coupon);

/// Returns "redeemed at … for …", "void since …: …", or an empty text if the coupon is neither. Not
/// safe to print on a terminal.
[[nodiscard]] std::string WhatBecameOf(const coupon::v1::Coupon& coupon);

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_COMMANDS_COUPON_TEXT_H_
