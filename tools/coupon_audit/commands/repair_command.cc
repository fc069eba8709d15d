#include "coupon_audit/commands/repair_command.h"

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <string>

#include "common/progress_bar.h"
#include "coupon_audit/exit_code.h"
#include "coupon_audit/report/outcome.h"
#include "coupon_audit/report/repair_report.h"
#include "engine/ports/clock.h"
#include "storage/repair/log_repair.h"

namespace coupond::audit {
namespace {

struct Options {
  std::string directory;
  bool accept_loss = false;
  bool json = false;
};

ExitCode Tell(const RepairReport& report, const Options& options) {
  const bool sound = report.repaired || !report.findings.needs_repair();
  return Print(options.json ? RepairReportJson(report) : RepairReportText(report),
               sound ? ExitCode::kSound : ExitCode::kViolation,
               report.repaired ? "the log was repaired all the same; what was removed is in " +
                                     report.removed.string()
                               : "nothing was changed");
}

ExitCode Run(const Options& options) {
  Result<std::unique_ptr<storage::LogRepair>> repair;
  {
    ProgressBar bar("reading the log");
    repair = storage::LogRepair::Inspect(
        options.directory,
        [&bar](std::uint64_t done, std::uint64_t groups) { bar.Show(done, groups); });
  }
  if (!repair) return TellError(repair.error(), options.json);
  const storage::RepairFindings& findings = (*repair)->findings();
  if (!options.accept_loss || !findings.needs_repair()) {
    return Tell({.findings = findings, .removed = (*repair)->removed_pattern()}, options);
  }
  // Before anything is changed, whatever happens then. Programs get one object at the end.
  const std::string look = RepairFindingsText(findings);
  if (options.json) {
    std::cerr << look << std::flush;
  } else if (const ExitCode told = Print(look, ExitCode::kSound, "nothing was changed");
             told != ExitCode::kSound) {
    return told;
  }
  Result<std::filesystem::path> removed;
  {
    ProgressBar bar("repairing");
    const SystemClock clock;
    removed = (*repair)->AcceptLoss(
        clock, [&bar](std::uint64_t done, std::uint64_t groups) { bar.Show(done, groups); },
        nullptr);
  }
  if (!removed) return TellError(removed.error(), options.json);
  return Tell({.findings = findings, .removed = *removed, .repaired = true}, options);
}

}  // namespace

void AddRepairCommand(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<Options>();
  CLI::App* const repair = app.add_subcommand(
      "repair", "Say what a damaged store has lost, and with --accept-loss cut it off");
  repair->footer(
      "Without --accept-loss nothing is changed; the exit code is then 1 if there is something to\n"
      "repair. With it, the log is rewritten from its longest sound beginning, and everything\n"
      "that is removed is kept in a folder in DIR. That takes as much room again as the log.");
  repair->add_option("DIR", options->directory, "The data directory; no server may use it")
      ->required();
  repair->add_flag("--accept-loss", options->accept_loss,
                   "Drop what cannot be kept, even if it was acknowledged to callers");
  repair->add_flag("--json", options->json, "One JSON object for programs");
  repair->callback([options, &exit_code] { exit_code = static_cast<int>(Run(*options)); });
}

}  // namespace coupond::audit
