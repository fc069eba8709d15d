#ifndef COUPOND_API_COUPON_FILE_STATE_NAMES_H_
#define COUPOND_API_COUPON_FILE_STATE_NAMES_H_

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "coupon/v1/coupon_service.pb.h"

/// The states of coupons as files, queries and options name them.
namespace coupond::api {

/// Returns "issued", "redeemed", "expired", "voided" or "returned"; "unknown" for a state that this
/// version does not know.
[[nodiscard]] std::string_view StateName(coupon::v1::CouponState state);

/// Returns the names above, separated by commas, for messages.
[[nodiscard]] std::string AllStateNames();

/// Reads names separated by commas, "redeemed,voided". A repeated name counts once. The error is a
/// message for the person who wrote the text; an empty name is one.
[[nodiscard]] std::expected<std::vector<coupon::v1::CouponState>, std::string> ParseStates(
    std::string_view text);

}  // namespace coupond::api

#endif  // COUPOND_API_COUPON_FILE_STATE_NAMES_H_
