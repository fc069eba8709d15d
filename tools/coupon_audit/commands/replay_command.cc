#include "coupon_audit/commands/replay_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/decimal_text.h"
#include "common/moment_text.h"
#include "common/table.h"
#include "coupon_audit/exit_code.h"
#include "coupon_audit/model/log_model.h"
#include "coupon_audit/read/log_visit.h"
#include "coupon_audit/read/stored_log.h"
#include "coupon_audit/report/event_json.h"
#include "coupon_audit/report/outcome.h"
#include "program/terminal.h"

namespace coupond::audit {
namespace {

namespace json = boost::json;

/// Both absent: up to the end of the log.
struct Until {
  std::optional<Sequence> sequence;
  std::optional<Timestamp> time;
};

struct Options {
  std::string directory;
  Until until;
  bool json = false;
};

void SetUntil(Until& until, const std::string& text) {
  // A time has more than digits in it.
  if (text.find_first_not_of("0123456789") == std::string::npos) {
    const auto sequence = ParseDecimal(text, 0, std::numeric_limits<std::int64_t>::max());
    if (!sequence) throw CLI::ValidationError("--until", sequence.error());
    until.sequence = Sequence(*sequence);
    return;
  }
  const auto moment = ctl::ParseMoment(text);
  if (!moment) {
    throw CLI::ValidationError("--until", "neither a sequence nor a time: " + moment.error());
  }
  until.time = *moment;
}

bool IsBeyond(const Until& until, const Moment& moment) {
  return (until.sequence && moment.sequence > *until.sequence) ||
         (until.time && moment.time > *until.time);
}

/// The campaigns, and the last event that they are the result of.
struct State {
  LogModel model;
  Moment last;
};

std::string StateText(const State& state) {
  using Align = ctl::Table::Align;
  ctl::Table table({{.title = "NUMBER", .align = Align::kRight},
                    {.title = "ID"},
                    {.title = "NAME", .may_be_cut = true},
                    {.title = "ISSUED", .align = Align::kRight},
                    {.title = "TOTAL", .align = Align::kRight},
                    {.title = "STARTS"},
                    {.title = "CREATED"},
                    {.title = "STATE"}});
  for (const ModelCampaign& campaign : state.model.campaigns()) {
    table.AddRow(
        {fmt::format("{}", campaign.number.value()), FormatUuid(campaign.id.bytes), campaign.name,
         fmt::format("{}", campaign.issued), fmt::format("{}", campaign.total),
         ctl::FormatMoment(campaign.start), ctl::FormatMoment(campaign.created),
         campaign.live() ? "live" : "deleted " + ctl::FormatMoment(campaign.deleted->time)});
  }
  return fmt::format("after sequence {} in group {}, {}: {} live, {} deleted, {} coupons\n",
                     state.last.sequence.value(), state.last.group.value(),
                     ctl::FormatMoment(state.last.time), state.model.live_campaigns(),
                     state.model.campaigns().size() - state.model.live_campaigns(),
                     state.model.issued_coupons()) +
         table.Text({.columns_max = TerminalColumns(STDOUT_FILENO)});
}

std::string StateJson(const State& state) {
  json::array campaigns;
  for (const ModelCampaign& campaign : state.model.campaigns()) {
    json::object row{{"campaign", campaign.number.value()},
                     {"campaignId", FormatUuid(campaign.id.bytes)},
                     {"name", ValidUtf8(campaign.name)},
                     {"totalCoupons", campaign.total},
                     {"issuedCoupons", campaign.issued},
                     {"startTime", ctl::FormatMoment(campaign.start)},
                     {"createdAt", ctl::FormatMoment(campaign.created)},
                     {"firstSerial", campaign.first_serial.value()},
                     {"live", campaign.live()}};
    row["deletedAt"] = campaign.live() ? json::value(nullptr)
                                       : json::value(ctl::FormatMoment(campaign.deleted->time));
    campaigns.push_back(std::move(row));
  }
  return json::serialize(json::object{{"sequence", state.last.sequence.value()},
                                      {"group", state.last.group.value()},
                                      {"time", ctl::FormatMoment(state.last.time)},
                                      {"campaigns", std::move(campaigns)}}) +
         "\n";
}

ExitCode Run(const Options& options) {
  const Audited<StoredLog> log = StoredLog::Open(options.directory);
  if (!log) return TellFinding(log.error(), options.json);
  State state;
  const Audited<void> visited =
      VisitLog(*log, "replaying", [&](const Event& event, const Moment& moment) -> Audited<bool> {
        if (IsBeyond(options.until, moment)) return false;
        if (auto taken = state.model.Take(event, moment); !taken) {
          return std::unexpected(std::move(taken.error()));
        }
        state.last = moment;
        return true;
      });
  if (!visited) return TellFinding(visited.error(), options.json);
  return Print(options.json ? StateJson(state) : StateText(state), ExitCode::kSound, {});
}

}  // namespace

void AddReplayCommand(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<Options>();
  CLI::App* const replay =
      app.add_subcommand("replay", "Show the campaigns as they were at some moment");
  replay->add_option("DIR", options->directory, "The data directory")->required();
  replay
      ->add_option_function<std::string>(
          "--until", [options](const std::string& text) { SetUntil(options->until, text); },
          "The last event to count: its sequence (0: none), or a time such as "
          "2026-12-01T10:00:00+09:00; "
          "without it, the end of the log")
      ->type_name("SEQUENCE|TIME");
  replay->add_flag("--json", options->json, "One JSON object for programs");
  replay->callback([options, &exit_code] { exit_code = static_cast<int>(Run(*options)); });
}

}  // namespace coupond::audit
