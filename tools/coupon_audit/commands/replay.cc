#include <fmt/format.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <utility>

#include "common/moment_text.h"
#include "common/table.h"
#include "coupon_audit/commands/commands.h"
#include "coupon_audit/model/log_model.h"
#include "coupon_audit/read/read_ahead.h"
#include "program/standard_streams.h"

namespace coupond::audit {
namespace {

namespace json = boost::json;

/// Reports whether the event comes after the moment that was asked for.
bool IsBeyond(const Options& options, const Moment& moment) {
  return (options.until_sequence && moment.sequence > *options.until_sequence) ||
         (options.until_time && moment.time > *options.until_time);
}

/// The campaigns, and the last event that has contributed to them.
struct State {
  LogModel model;
  Moment last;
};

std::string StateText(const State& state) {
  using Align = tools::Table::Align;
  tools::Table table({{.title = "NUMBER", .align = Align::kRight},
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
         tools::FormatMoment(campaign.start), tools::FormatMoment(campaign.created),
         campaign.live() ? "live" : "deleted " + tools::FormatMoment(campaign.deleted->time)});
  }
  return fmt::format("after sequence {} in group {}, {}: {} live, {} deleted, {} coupons\n",
                     state.last.sequence.value(), state.last.group.value(),
                     tools::FormatMoment(state.last.time), state.model.live_campaigns(),
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
                     {"startTime", tools::FormatMoment(campaign.start)},
                     {"createdAt", tools::FormatMoment(campaign.created)},
                     {"firstSerial", campaign.first_serial.value()},
                     {"live", campaign.live()}};
    row["deletedAt"] = campaign.live() ? json::value(nullptr)
                                       : json::value(tools::FormatMoment(campaign.deleted->time));
    campaigns.push_back(std::move(row));
  }
  return json::serialize(json::object{{"sequence", state.last.sequence.value()},
                                      {"group", state.last.group.value()},
                                      {"time", tools::FormatMoment(state.last.time)},
                                      {"campaigns", std::move(campaigns)}}) +
         "\n";
}

}  // namespace

ExitCode RunReplay(const Options& options, tools::Output& output) {
  const Audited<WitnessedLog> log = WitnessedLog::Open(options.directory);
  if (!log) return ReportFinding(log.error(), options.json, output);
  State state;
  const Audited<void> visited =
      VisitLog(*log, "replaying", [&](const Event& event, const Moment& moment) -> Audited<bool> {
        if (IsBeyond(options, moment)) return false;
        TRY(state.model.Take(event, moment));
        state.last = moment;
        return true;
      });
  if (!visited) return ReportFinding(visited.error(), options.json, output);
  output.text << (options.json ? StateJson(state) : StateText(state));
  return ExitCode::kSound;
}

}  // namespace coupond::audit
