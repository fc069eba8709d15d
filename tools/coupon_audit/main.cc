// coupon-audit: replay and audit of a data directory. Each command is in a file of its own.

#include "common/output.h"
#include "coupon_audit/command_line.h"
#include "coupon_audit/commands/commands.h"

namespace coupond::audit {
namespace {

ExitCode Run(const Options& options, tools::Output& output) {
  if (options.command == "upgrade") return RunUpgrade(options, output);
  if (const auto refused = RefuseOlderStore(options, output)) return *refused;
  if (options.command == "verify") return RunVerify(options, output);
  if (options.command == "replay") return RunReplay(options, output);
  if (options.command == "log") return RunLog(options, output);
  if (options.command == "export") return RunExport(options, output);
  if (options.command == "rebuild-views") return RunRebuildViews(options, output);
  if (options.command == "accept-clock") return RunAcceptClock(options, output);
  if (options.command == "restore") return RunRestore(options, output);
  return RunRepair(options, output);
}

}  // namespace
}  // namespace coupond::audit

int main(int argc, char** argv) {
  using coupond::audit::ExitCode;
  constexpr int kFailed = static_cast<int>(ExitCode::kCannotRead);
  return coupond::tools::RunTool("coupon-audit", kFailed, [argc, argv](auto& output) {
    const auto options = coupond::audit::ParseOptions(argc, argv);
    if (!options) return options.error();
    return static_cast<int>(coupond::audit::Run(*options, output));
  });
}
