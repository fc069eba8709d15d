#ifndef COUPOND_TOOLS_COUPON_AUDIT_COMPARE_LEDGER_COMPARISON_H_
#define COUPOND_TOOLS_COUPON_AUDIT_COMPARE_LEDGER_COMPARISON_H_

#include "coupon_audit/model/finding.h"
#include "coupon_audit/model/log_model.h"
#include "engine/rules/ledger.h"

namespace coupond::audit {

/// Checks that the ledger, made by the server's own Apply, and the model, made without it, have
/// come to the same from the same events: the same live campaigns with the same terms and counts,
/// found by number, id, name and serial; the same coupon for each claim; the same users with the
/// same coupons; the same state and expiry of each coupon; the same event for each request; the
/// same next numbers. One thread.
[[nodiscard]] Audited<void> CheckAgreement(const Ledger& ledger, const LogModel& model);

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_COMPARE_LEDGER_COMPARISON_H_
