#ifndef COUPOND_TOOLS_COUPON_AUDIT_COMPARE_HISTORY_COMPARISON_H_
#define COUPOND_TOOLS_COUPON_AUDIT_COMPARE_HISTORY_COMPARISON_H_

#include <cstdint>
#include <string_view>

#include "coupon_audit/model/finding.h"
#include "coupon_audit/model/log_model.h"
#include "storage/views/stored_view_rows.h"

/// Compares the rows of what has been (storage/views/history_rows.h): the ids of erased campaigns,
/// when campaigns sold out, and the erasures of users that are not finished. A part of
/// ViewComparison. Any thread.
namespace coupond::audit {

/// Returns how many rows were right, or the first that is wrong, missing or one too many. The model
/// is at the checkpoint.
[[nodiscard]] Audited<std::uint64_t> CompareHistory(const storage::StoredViewRows& rows,
                                                    const LogModel& model);
/// Reports whether a key is that of a row which CompareHistory looks at.
[[nodiscard]] bool IsOfHistory(std::string_view key);

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_COMPARE_HISTORY_COMPARISON_H_
