#include "coupon_audit/commands/verify_command.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "common/progress_bar.h"
#include "coupon_audit/compare/verification.h"
#include "coupon_audit/exit_code.h"
#include "coupon_audit/report/outcome.h"
#include "coupon_audit/report/verification_report.h"

namespace coupond::audit {
namespace {

struct Options {
  std::string directory;
  bool json = false;
};

ExitCode Run(const Options& options) {
  std::expected<VerificationReport, Error> report;
  {
    ProgressBar bar("verifying");
    report = Verify(options.directory, [&bar](GroupNumber done, GroupNumber all) {
      bar.Show(done.value(), all.value());
    });
  }
  if (!report) return TellError(report.error(), options.json);
  return Print(options.json ? ReportJson(*report) : ReportText(*report),
               report->sound() ? ExitCode::kSound : ExitCode::kViolation,
               report->sound()
                   ? "the store was verified all the same: it is sound"
                   : "the store was verified all the same: " + ViolationText(*report->violation));
}

}  // namespace

void AddVerifyCommand(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<Options>();
  CLI::App* const verify = app.add_subcommand(
      "verify", "Read the whole log, replay it twice, hold the views against it");
  verify->add_option("DIR", options->directory, "The data directory")->required();
  verify->add_flag("--json", options->json, "One JSON object for programs");
  verify->callback([options, &exit_code] { exit_code = static_cast<int>(Run(*options)); });
}

}  // namespace coupond::audit
