#include "coupon_audit/command_line.h"

#include "coupon_audit/commands/export_command.h"
#include "coupon_audit/commands/log_command.h"
#include "coupon_audit/commands/rebuild_views_command.h"
#include "coupon_audit/commands/repair_command.h"
#include "coupon_audit/commands/replay_command.h"
#include "coupon_audit/commands/verify_command.h"

namespace coupond::audit {
namespace {

constexpr const char* kFooter =
    "DIR is the --data-dir of a coupond, running or stopped. verify, replay, log and export only\n"
    "read: they take no lock and change nothing.\n\n"
    "Exit codes:\n"
    "  0  sound, or done as asked\n"
    "  1  a violation, named with its exact place; of repair: there is something to repair\n"
    "  2  the command line makes no sense\n"
    "  3  cannot read: no data directory, no permission, a read error; or cannot write the "
    "output\n";

}  // namespace

void AddCommands(CLI::App& app, int& exit_code) {
  app.footer(kFooter);
  app.require_subcommand(1);
  AddVerifyCommand(app, exit_code);
  AddReplayCommand(app, exit_code);
  AddLogCommand(app, exit_code);
  AddExportCommand(app, exit_code);
  AddRebuildViewsCommand(app, exit_code);
  AddRepairCommand(app, exit_code);
}

}  // namespace coupond::audit
