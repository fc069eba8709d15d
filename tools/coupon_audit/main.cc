// coupon-audit: replay and audit of a data directory. This file knows which commands there are;
// each is in a file of its own.

#include <CLI/CLI.hpp>
#include <csignal>
#include <exception>
#include <iostream>

#include "coupon_audit/exit_code.h"
#include "coupon_audit/export_command.h"
#include "coupon_audit/log_command.h"
#include "coupon_audit/rebuild_views_command.h"
#include "coupon_audit/repair_command.h"
#include "coupon_audit/replay_command.h"
#include "coupon_audit/verify_command.h"
#include "usage_error.h"

namespace coupond::audit {
namespace {

constexpr const char* kFooter =
    "DIR is the --data-dir of a coupond that runs or is stopped. verify, replay, log and export\n"
    "only read: they take no lock and change nothing.\n\n"
    "Exit codes:\n"
    "  0  sound, or done as asked\n"
    "  1  a violation, named with its exact place; of repair: there is something to repair\n"
    "  2  the command line makes no sense\n"
    "  3  cannot read: no data directory, no permission, a read error; or cannot write the "
    "output\n";

int Main(int argc, char** argv) {
  // Whoever reads what is written may have seen enough (`| head`): that is a write that fails.
  std::signal(SIGPIPE, SIG_IGN);
  CLI::App app("Proves from its own log that a coupon store is exact, and shows what is in it.",
               "coupon-audit");
  app.footer(kFooter);
  app.failure_message(UsageErrorText);
  app.require_subcommand(1);
  int exit_code = static_cast<int>(ExitCode::kSound);
  AddVerifyCommand(app, exit_code);
  AddReplayCommand(app, exit_code);
  AddLogCommand(app, exit_code);
  AddExportCommand(app, exit_code);
  AddRebuildViewsCommand(app, exit_code);
  AddRepairCommand(app, exit_code);
  try {
    app.parse(argc, argv);
    return exit_code;
  } catch (const CLI::ParseError& error) {
    // 0 is for --help; all that CLI11 tells apart is one to us.
    return app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::kUsage);
  } catch (const std::exception& error) {
    std::cerr << "coupon-audit: " << error.what() << '\n';
    return static_cast<int>(ExitCode::kCannotRead);
  }
}

}  // namespace
}  // namespace coupond::audit

int main(int argc, char** argv) { return coupond::audit::Main(argc, argv); }
