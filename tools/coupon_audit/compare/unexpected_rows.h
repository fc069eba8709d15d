#ifndef COUPOND_TOOLS_COUPON_AUDIT_COMPARE_UNEXPECTED_ROWS_H_
#define COUPOND_TOOLS_COUPON_AUDIT_COMPARE_UNEXPECTED_ROWS_H_

#include "coupon_audit/compare/view_comparison.h"
#include "coupon_audit/model/finding.h"
#include "coupon_audit/model/log_model.h"
#include "storage/rocksdb_log/raw_rows.h"

namespace coupond::audit {

/// Whether the views hold any row besides those that were found to be as they must be: rows of an
/// unknown kind, of campaigns that do not live, and runs beside the right ones. The first that is
/// found is a violation.
///
/// `model` is at the views' checkpoint; `counts` says how many rows each live campaign has that
/// were compared. One thread.
[[nodiscard]] Audited<void> FindUnexpectedRows(const storage::RawRows& rows, const LogModel& model,
                                               const RowCountsByCampaign& counts);

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_COMPARE_UNEXPECTED_ROWS_H_
