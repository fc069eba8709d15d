#ifndef COUPOND_TOOLS_COUPON_AUDIT_REPORT_REPAIR_REPORT_H_
#define COUPOND_TOOLS_COUPON_AUDIT_REPORT_REPAIR_REPORT_H_

#include <filesystem>
#include <optional>
#include <string>

#include "storage/repair/log_repair.h"

/// What a repair has found or done, for people and for programs.
namespace coupond::audit {

struct RepairReport {
  const storage::RepairFindings& findings;
  /// Where the removed parts are, or would be.
  std::filesystem::path removed;
  bool repaired = false;  ///< it was done, and not only looked at
};

/// What is wrong, what is kept, and what is to lose: the first part of the report of a look.
[[nodiscard]] std::string RepairFindingsText(const storage::RepairFindings& findings);
/// Of a repair: only what has become of it, because the findings were told before.
[[nodiscard]] std::string RepairReportText(const RepairReport& report);
/// One line.
[[nodiscard]] std::string RepairReportJson(const RepairReport& report);

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_REPORT_REPAIR_REPORT_H_
