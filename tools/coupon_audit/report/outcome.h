#ifndef COUPOND_TOOLS_COUPON_AUDIT_REPORT_OUTCOME_H_
#define COUPOND_TOOLS_COUPON_AUDIT_REPORT_OUTCOME_H_

#include "base/error.h"
#include "common/output.h"
#include "coupon_audit/model/finding.h"

/// How every command ends.
namespace coupond::audit {

/// The exit codes of coupon-audit. They are part of its interface, so the numbers never change.
enum class ExitCode : int {
  kSound = 0,       ///< sound, or done as asked
  kViolation = 1,   ///< something is there that must not be, or is missing that must be there
  kUsage = 2,       ///< wrong usage, or no such campaign
  kCannotRead = 3,  ///< nothing could be found out: no such directory, no permission, a read error;
                    ///< or the output could not be written
};

/// Reports an error on standard error and, with `json`, as one object with `error` on `output`.
[[nodiscard]] ExitCode ReportError(const Error& error, bool json, tools::Output& output);
/// Reports a finding: an error as above, a violation likewise, as an object with `violation`.
[[nodiscard]] ExitCode ReportFinding(const Finding& finding, bool json, tools::Output& output);
/// Reports on standard error that the whole log has no such campaign.
[[nodiscard]] ExitCode ReportNoSuchCampaign();

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_REPORT_OUTCOME_H_
