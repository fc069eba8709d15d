#ifndef COUPOND_TOOLS_COUPON_AUDIT_MODEL_TERMS_CHECK_H_
#define COUPOND_TOOLS_COUPON_AUDIT_MODEL_TERMS_CHECK_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "coupon_audit/model/finding.h"
#include "engine/rules/campaign.h"
#include "engine/rules/timestamp.h"

/// What the values in an event must be, whatever happened before it: the part of the auditor's
/// rules that needs no campaign. `place` is that of the event.
namespace coupond::audit {

[[nodiscard]] Audited<void> CheckName(const std::string& name, const Place& place);
[[nodiscard]] Audited<void> CheckTotal(std::int64_t total, const Place& place);
/// `now` is when the start was set.
[[nodiscard]] Audited<void> CheckStart(Timestamp start, Timestamp now, const Place& place);
/// Checks both, which may have been set at different times.
[[nodiscard]] Audited<void> CheckEnd(Timestamp end, Timestamp start, const Place& place);
[[nodiscard]] Audited<void> CheckDescription(const std::string& description, const Place& place);
[[nodiscard]] Audited<void> CheckMetadata(const std::vector<MetadataEntry>& metadata,
                                          const Place& place);
[[nodiscard]] Audited<void> CheckCouponsPerUser(std::uint32_t coupons, const Place& place);
[[nodiscard]] Audited<void> CheckRedeemStart(Timestamp redeem_start, const Place& place);
/// Checks all of them together, which may have been set at different times.
[[nodiscard]] Audited<void> CheckExpiry(Timestamp expiry, std::chrono::nanoseconds valid_duration,
                                        Timestamp start, Timestamp redeem_start,
                                        const Place& place);
[[nodiscard]] Audited<void> CheckValidDuration(std::chrono::nanoseconds duration,
                                               const Place& place);
[[nodiscard]] Audited<void> CheckReason(const std::string& reason, const Place& place);
[[nodiscard]] Audited<void> CheckOrderRef(const std::string& order_ref, const Place& place);
[[nodiscard]] Audited<void> CheckRedeemedBy(const std::string& redeemed_by, const Place& place);
[[nodiscard]] Audited<void> CheckRequestId(const std::string& request_id, const Place& place);
[[nodiscard]] Audited<void> CheckUserId(const std::string& user_id, const Place& place);

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_MODEL_TERMS_CHECK_H_
