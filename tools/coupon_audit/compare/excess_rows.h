#ifndef COUPOND_TOOLS_COUPON_AUDIT_COMPARE_EXCESS_ROWS_H_
#define COUPOND_TOOLS_COUPON_AUDIT_COMPARE_EXCESS_ROWS_H_

#include "coupon_audit/compare/row_counts.h"
#include "coupon_audit/model/finding.h"
#include "coupon_audit/model/log_model.h"
#include "storage/views/stored_view_rows.h"

namespace coupond::audit {

/// Looks for a row besides those that are expected: one of an unknown kind, of a campaign that is
/// not live, or a run besides the right ones. Returns the first one as a finding.
///
/// Goes through all rows in the order of their keys. The expected rows must be known to be there,
/// so that what does not fit between them is one too many. `model` is at the views' checkpoint;
/// `counts` says how many rows of each live campaign were compared. Any thread.
[[nodiscard]] Audited<void> FindExcessRow(const storage::StoredViewRows& rows,
                                          const LogModel& model, const RowCountsByCampaign& counts);

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_COMPARE_EXCESS_ROWS_H_
