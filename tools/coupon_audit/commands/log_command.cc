#include "coupon_audit/commands/log_command.h"

#include <CLI/CLI.hpp>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>

#include "common/output.h"
#include "coupon_audit/commands/campaign_selector.h"
#include "coupon_audit/exit_code.h"
#include "coupon_audit/read/log_visit.h"
#include "coupon_audit/read/stored_log.h"
#include "coupon_audit/report/event_json.h"
#include "coupon_audit/report/outcome.h"
#include "program/options.h"

namespace coupond::audit {
namespace {

struct Options {
  std::string directory;
  std::uint64_t from = 1;
  std::uint64_t to = std::numeric_limits<std::uint64_t>::max();
  std::optional<CampaignSelector> campaign;
};

ExitCode Run(Options& options) {
  const Audited<StoredLog> log = StoredLog::Open(options.directory);
  if (!log) return TellFinding(log.error(), false);
  EventJson json;
  Output output;
  const Audited<void> visited = VisitLog(
      *log, "reading the log", [&](const Event& event, const Moment& moment) -> Audited<bool> {
        if (moment.sequence.value() > options.to) {
          // What is left may still hold the campaign that was asked for.
          if (!options.campaign || options.campaign->found()) return false;
          options.campaign->Observe(event);
          return true;
        }
        json.Observe(event);
        if (options.campaign) options.campaign->Observe(event);
        if (moment.sequence.value() < options.from) return true;
        if (options.campaign && !options.campaign->Selects(event)) return true;
        return output.Write(json.Line(event, moment));
      });
  if (const auto unwritten = output.Finish()) return TellUnwritten(*unwritten);
  if (!visited) return TellFinding(visited.error(), false);
  if (options.campaign && !options.campaign->found()) return TellNoSuchCampaign();
  return ExitCode::kSound;
}

}  // namespace

void AddLogCommand(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<Options>();
  CLI::App* const log = app.add_subcommand("log", "Show the events as JSON, one a line");
  log->add_option("DIR", options->directory, "The data directory")->required();
  constexpr OptionRange<std::uint64_t> kSequences{1, std::numeric_limits<std::int64_t>::max()};
  AddInteger(*log, "--from", options->from, kSequences, "The first sequence to show")
      ->type_name("SEQUENCE");
  AddInteger(*log, "--to", options->to, kSequences, "The last sequence to show")
      ->type_name("SEQUENCE");
  AddCampaignOption(*log, options->campaign);
  log->callback([options, &exit_code] {
    if (options->from > options->to) {
      throw CLI::ValidationError("--from", "is after --to, so that there is nothing to show");
    }
    exit_code = static_cast<int>(Run(*options));
  });
}

}  // namespace coupond::audit
