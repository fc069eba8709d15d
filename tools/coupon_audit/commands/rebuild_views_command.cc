#include "coupon_audit/commands/rebuild_views_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <memory>
#include <string>

#include "common/progress_bar.h"
#include "coupon_audit/commands/view_rebuild.h"
#include "coupon_audit/exit_code.h"
#include "coupon_audit/report/outcome.h"

namespace coupond::audit {
namespace {

struct Options {
  std::string directory;
  bool json = false;
};

ExitCode Run(const Options& options) {
  Result<ViewRebuildReport> report;
  {
    ProgressBar bar("rebuilding the views");
    report = RebuildViews(options.directory, [&bar](std::uint64_t done, std::uint64_t groups) {
      bar.Show(done, groups);
    });
  }
  if (!report) return TellError(report.error(), options.json);
  const std::string text =
      options.json
          ? boost::json::serialize(boost::json::object{{"groups", report->tip.group.value()},
                                                       {"events", report->tip.sequence.value()},
                                                       {"campaigns", report->campaigns},
                                                       {"coupons", report->coupons}}) +
                "\n"
          : fmt::format(
                "rebuilt the views from {} events in {} groups: {} live campaigns, {} "
                "coupons\n",
                report->tip.sequence.value(), report->tip.group.value(), report->campaigns,
                report->coupons);
  return Print(text, ExitCode::kSound, "the views were rebuilt all the same");
}

}  // namespace

void AddRebuildViewsCommand(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<Options>();
  CLI::App* const rebuild =
      app.add_subcommand("rebuild-views", "Rebuild the views of a stopped server from its log");
  rebuild->footer(
      "The log is read through first. If it is damaged, nothing is changed: see `repair`.");
  rebuild->add_option("DIR", options->directory, "The data directory; no server may use it")
      ->required();
  rebuild->add_flag("--json", options->json, "One JSON object for programs");
  rebuild->callback([options, &exit_code] { exit_code = static_cast<int>(Run(*options)); });
}

}  // namespace coupond::audit
