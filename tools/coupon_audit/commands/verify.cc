#include "common/progress_bar.h"
#include "coupon_audit/commands/commands.h"
#include "coupon_audit/compare/verification.h"

namespace coupond::audit {

ExitCode RunVerify(const Options& options, tools::Output& output) {
  Result<VerificationReport> report;
  {
    tools::ProgressBar bar("verifying");
    report = Verify(options.directory, [&bar](GroupNumber done, GroupNumber all) {
      bar.Show(done.value(), all.value());
    });
  }
  if (!report) return ReportError(report.error(), options.json, output);
  output.done = "the verification has finished: " +
                (report->sound() ? "the store is sound" : ViolationText(*report->violation));
  output.text << (options.json ? ReportJson(*report) : ReportText(*report));
  return report->sound() ? ExitCode::kSound : ExitCode::kViolation;
}

}  // namespace coupond::audit
