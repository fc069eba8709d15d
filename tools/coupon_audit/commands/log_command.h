#ifndef COUPOND_TOOLS_COUPON_AUDIT_COMMANDS_LOG_COMMAND_H_
#define COUPOND_TOOLS_COUPON_AUDIT_COMMANDS_LOG_COMMAND_H_

namespace CLI {  // NOLINT(readability-identifier-naming): the library's own name
class App;
}

namespace coupond::audit {

/// coupon-audit log: the events as JSON lines. Sets `exit_code`, which must
/// outlive `app`, to one of ExitCode when it has run.
void AddLogCommand(CLI::App& app, int& exit_code);

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_COMMANDS_LOG_COMMAND_H_
