#ifndef COUPOND_TOOLS_COUPON_AUDIT_OUTCOME_H_
#define COUPOND_TOOLS_COUPON_AUDIT_OUTCOME_H_

#include <string>

#include "coupon_audit/exit_code.h"
#include "coupon_audit/finding.h"
#include "engine/ports/error.h"

/// How every command says what stopped it.
namespace coupond::audit {

/// On standard error for people; with `json` also on standard output, as one object with `error`
/// or `violation`. The exit code that goes with it.
ExitCode TellError(const Error& error, bool json);
ExitCode TellFinding(const Finding& finding, bool json);
/// That standard output did not take what was to be said.
ExitCode TellUnwritten();

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_OUTCOME_H_
