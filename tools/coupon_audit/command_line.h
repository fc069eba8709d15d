#ifndef COUPOND_TOOLS_COUPON_AUDIT_COMMAND_LINE_H_
#define COUPOND_TOOLS_COUPON_AUDIT_COMMAND_LINE_H_

#include <CLI/CLI.hpp>

namespace coupond::audit {

/// Adds all commands of coupon-audit. They run while `app` parses, and leave their exit code in
/// `exit_code`, which must outlive `app`.
void AddCommands(CLI::App& app, int& exit_code);

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_COMMAND_LINE_H_
