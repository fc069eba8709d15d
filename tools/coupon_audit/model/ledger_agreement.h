#ifndef COUPOND_TOOLS_COUPON_AUDIT_MODEL_LEDGER_AGREEMENT_H_
#define COUPOND_TOOLS_COUPON_AUDIT_MODEL_LEDGER_AGREEMENT_H_

#include "coupon_audit/model/finding.h"
#include "coupon_audit/model/log_model.h"
#include "engine/rules/ledger.h"

namespace coupond::audit {

/// Whether the ledger, made by the server's own Apply, and the model, made without it, have come to
/// the same from the same events: the same live campaigns with the same terms and counts, found by
/// number, id and name; the same coupon for each claim; the same next numbers. One thread.
[[nodiscard]] Audited<void> CheckAgreement(const Ledger& ledger, const LogModel& model);

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_MODEL_LEDGER_AGREEMENT_H_
