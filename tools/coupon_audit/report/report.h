#ifndef COUPOND_TOOLS_COUPON_AUDIT_REPORT_REPORT_H_
#define COUPOND_TOOLS_COUPON_AUDIT_REPORT_REPORT_H_

#include <string>
#include <string_view>

#include "base/error.h"
#include "common/output.h"
#include "coupon_audit/compare/verification.h"
#include "coupon_audit/model/finding.h"

/// What commands report, for people and for programs, and how they end.
namespace coupond::audit {

/// The exit codes of coupon-audit. They are part of its interface, so the numbers never change.
enum class ExitCode : int {
  kSound = 0,       ///< sound, or done as asked
  kViolation = 1,   ///< something is there that must not be, or is missing
  kUsage = 2,       ///< wrong usage, or no such campaign
  kCannotRead = 3,  ///< nothing could be found out: no such directory, no permission, a read error;
                    ///< or the output could not be written
};

/// Reports an error on standard error and, with `json`, as an object with `error` on `output`.
[[nodiscard]] ExitCode ReportError(const Error& error, bool json, tools::Output& output);
/// Reports a finding: an error as above, a violation likewise, as an object with `violation`.
[[nodiscard]] ExitCode ReportFinding(const Finding& finding, bool json, tools::Output& output);
/// Reports on standard error that the whole log has no such campaign.
[[nodiscard]] ExitCode ReportNoSuchCampaign();

/// Returns the report of a verification as some lines, each with its newline.
[[nodiscard]] std::string ReportText(const VerificationReport& report);
/// Returns it as one JSON object on one line; docs/AUDIT.md lists its fields.
[[nodiscard]] std::string ReportJson(const VerificationReport& report);

/// Returns "group 17, sequence 204, campaign 3", as far as the place is known.
[[nodiscard]] std::string PlaceText(const Place& place);
/// Returns what was found, where, and what that means, as some lines.
[[nodiscard]] std::string ViolationText(const Violation& violation);

/// Returns the text with U+FFFD in the place of each byte that is not UTF-8, which JSON cannot
/// hold.
[[nodiscard]] std::string ValidUtf8(std::string_view text);

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_REPORT_REPORT_H_
