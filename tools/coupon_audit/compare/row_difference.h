#ifndef COUPOND_TOOLS_COUPON_AUDIT_COMPARE_ROW_DIFFERENCE_H_
#define COUPOND_TOOLS_COUPON_AUDIT_COMPARE_ROW_DIFFERENCE_H_

#include <string>

#include "engine/ports/view_store.h"

/// In which fields a row that was found differs from the one that should be there, in words: "name,
/// total_coupons (11 instead of 10)". Empty: in none. Secrets are not told. Pure functions.
namespace coupond::audit {

[[nodiscard]] std::string DifferenceOf(const CampaignRow& found, const CampaignRow& expected);
[[nodiscard]] std::string DifferenceOf(const CouponRun& found, const CouponRun& expected);
[[nodiscard]] std::string DifferenceOf(const ClaimRun& found, const ClaimRun& expected);
[[nodiscard]] std::string DifferenceOf(const Checkpoint& found, const Checkpoint& expected);

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_COMPARE_ROW_DIFFERENCE_H_
