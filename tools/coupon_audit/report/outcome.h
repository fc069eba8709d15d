#ifndef COUPOND_TOOLS_COUPON_AUDIT_REPORT_OUTCOME_H_
#define COUPOND_TOOLS_COUPON_AUDIT_REPORT_OUTCOME_H_

#include <string_view>

#include "base/error.h"
#include "coupon_audit/exit_code.h"
#include "coupon_audit/model/finding.h"
#include "program/standard_output.h"

/// How every command says what stopped it.
namespace coupond::audit {

/// On standard error for people; with `json` also on standard output, as one object with `error`
/// or `violation`. The exit code that goes with it.
ExitCode TellError(const Error& error, bool json);
ExitCode TellFinding(const Finding& finding, bool json);
/// Prints the text and returns `exit_code`. If standard output does not take it, says so, and also
/// `done`, which is what has been done all the same (it may be empty).
ExitCode Print(std::string_view text, ExitCode exit_code, std::string_view done);
/// Says that the output, and not what was asked for, failed.
ExitCode TellUnwritten(const OutputError& error, std::string_view done = {});

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_REPORT_OUTCOME_H_
