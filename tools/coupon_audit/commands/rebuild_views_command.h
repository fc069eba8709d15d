#ifndef COUPOND_TOOLS_COUPON_AUDIT_COMMANDS_REBUILD_VIEWS_COMMAND_H_
#define COUPOND_TOOLS_COUPON_AUDIT_COMMANDS_REBUILD_VIEWS_COMMAND_H_

namespace CLI {  // NOLINT(readability-identifier-naming): the library's own name
class App;
}

namespace coupond::audit {

/// coupon-audit rebuild-views: makes the views of a stopped server anew. Sets `exit_code`, which
/// must outlive `app`, to one of ExitCode when it has run.
void AddRebuildViewsCommand(CLI::App& app, int& exit_code);

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_COMMANDS_REBUILD_VIEWS_COMMAND_H_
