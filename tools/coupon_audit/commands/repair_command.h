#ifndef COUPOND_TOOLS_COUPON_AUDIT_COMMANDS_REPAIR_COMMAND_H_
#define COUPOND_TOOLS_COUPON_AUDIT_COMMANDS_REPAIR_COMMAND_H_

namespace CLI {  // NOLINT(readability-identifier-naming): the library's own name
class App;
}

namespace coupond::audit {

/// coupon-audit repair: says what a damaged store has lost, and cuts it off when told to. Sets
/// `exit_code`, which must outlive `app`, to one of ExitCode when it has run.
void AddRepairCommand(CLI::App& app, int& exit_code);

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_COMMANDS_REPAIR_COMMAND_H_
