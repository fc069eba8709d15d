#ifndef COUPOND_TOOLS_COUPON_AUDIT_REPORT_VERIFICATION_REPORT_H_
#define COUPOND_TOOLS_COUPON_AUDIT_REPORT_VERIFICATION_REPORT_H_

#include <string>

#include "coupon_audit/compare/verification.h"
#include "coupon_audit/model/finding.h"

/// What came of verifying, for people and for programs.
namespace coupond::audit {

/// Some lines, each with its newline.
[[nodiscard]] std::string ReportText(const VerificationReport& report);
/// One JSON object on one line; docs/AUDIT.md lists its fields.
[[nodiscard]] std::string ReportJson(const VerificationReport& report);

/// "group 17, sequence 204, campaign 3"; empty if nothing of it is known.
[[nodiscard]] std::string PlaceText(const Place& place);
/// What was found, where, and what that means: some lines.
[[nodiscard]] std::string ViolationText(const Violation& violation);
/// An object with name, group, sequence, campaign (null where it does not apply), detail, meaning.
[[nodiscard]] std::string ViolationJson(const Violation& violation);

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_REPORT_VERIFICATION_REPORT_H_
