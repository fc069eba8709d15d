#ifndef COUPOND_TOOLS_COUPONCTL_COMMANDS_COUPON_TEXT_H_
#define COUPOND_TOOLS_COUPONCTL_COMMANDS_COUPON_TEXT_H_

#include <cstddef>
#include <string>

#include "coupon/v1/coupon_service.pb.h"

/// Coupons as text for people.
namespace coupond::ctl {

/// The widths of columns, which align the pages of a long list: of ten Hangul syllables, of
/// "redeemed" and "returned", and of a time with nanoseconds.
inline constexpr std::size_t kCodeColumns = 20;
inline constexpr std::size_t kStateColumns = 8;
inline constexpr std::size_t kTimeColumns = 30;

/// Returns when a coupon expires or has expired; empty if it does not.
[[nodiscard]] std::string ExpiryText(const coupon::v1::Coupon& coupon);

/// Returns everything about a coupon, a line for each.
[[nodiscard]] std::string CouponText(const coupon::v1::Coupon& coupon);

/// Returns "redeemed at … for …", "void since …: …", or an empty text if the coupon is neither. Not
/// safe to print on a terminal.
[[nodiscard]] std::string WhatBecameOf(const coupon::v1::Coupon& coupon);

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_COMMANDS_COUPON_TEXT_H_
