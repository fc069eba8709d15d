#include "couponctl/load/load_report.h"

#include <fmt/format.h>

#include <array>
#include <boost/json.hpp>
#include <string_view>
#include <utility>
#include <vector>

#include "base/display_text.h"
#include "base/duration_text.h"
#include "common/table.h"

namespace coupond::ctl {
namespace {

struct RefusedName {
  IssueAnswer::Refused reason;
  std::string_view text;
  std::string_view json;
};
constexpr std::array<RefusedName, LoadTally::kRefusals> kRefusedNames = {{
    {IssueAnswer::Refused::kNotStarted, "not started", "notStarted"},
    {IssueAnswer::Refused::kPaused, "paused", "paused"},
    {IssueAnswer::Refused::kSoldOut, "sold out", "soldOut"},
    {IssueAnswer::Refused::kEnded, "ended", "ended"},
    {IssueAnswer::Refused::kNoSuchCampaign, "no such campaign", "noSuchCampaign"},
    {IssueAnswer::Refused::kOther, "other", "other"},
}};

double Seconds(std::chrono::nanoseconds duration) {
  return static_cast<double>(duration.count()) / 1e9;
}

double Milliseconds(std::chrono::nanoseconds duration) {
  return static_cast<double>(duration.count()) / 1e6;
}

std::string CountsText(const LoadTally& tally) {
  tools::Table table(
      {{.title = ""}, {.title = "", .align = tools::Table::Align::kRight, .width_min = 10}});
  const auto row = [&table](std::string name, std::uint64_t count) {
    table.AddRow({std::move(name), fmt::format("{}", count)});
  };
  row("sent", tally.sent());
  if (tally.attempts() > tally.sent()) row("  repeated", tally.attempts() - tally.sent());
  row("issued", tally.issued());
  if (tally.already_issued() > 0) {
    // A repeated request counts once, as issued; a user who asks again makes another request.
    row(tally.users() == 0 ? "  already issued (retries)" : "already issued (asked again)",
        tally.already_issued());
  }
  for (const RefusedName& name : kRefusedNames) {
    const std::uint64_t count = tally.refused(name.reason);
    if (count > 0) row(fmt::format("refused: {}", name.text), count);
  }
  if (tally.failed() > 0) row("failed", tally.failed());
  if (tally.open() > 0) row("outcome unknown", tally.open());
  if (tally.not_sent() > 0) row("due, but never sent", tally.not_sent());
  for (const auto& [name, count] : tally.errors()) row("error: " + name, count);
  return table.Text({.indent = 2});
}

std::string LatencyText(const LatencyRecord& latency) {
  std::vector<tools::Table::Column> columns;
  std::vector<std::string> values;
  for (const NamedPercentile& percentile : kShownPercentiles) {
    columns.push_back(
        {.title = std::string(percentile.name), .align = tools::Table::Align::kRight});
    values.push_back(FormatDuration(latency.Percentile(percentile.percent)));
  }
  columns.push_back({.title = "max", .align = tools::Table::Align::kRight});
  values.push_back(FormatDuration(latency.max()));
  tools::Table table(std::move(columns));
  table.AddRow(std::move(values));
  return table.Text({.indent = 2});
}

std::string UseText(const GeneratorUse& use, const LatencyRecord& latency) {
  if (const auto why = use.WhyLimit(latency)) {
    return fmt::format("THIS LOAD GENERATOR, NOT THE SERVER, WAS THE LIMIT: {}\n", *why);
  }
  return fmt::format("load generator: not the limit, busy {:.0f} % of the time\n",
                     100 * use.BusyShare());
}

boost::json::object UseJson(const GeneratorUse& use, const LatencyRecord& latency) {
  boost::json::object json;
  const auto why = use.WhyLimit(latency);
  json["wasLimit"] = why.has_value();
  if (why) json["message"] = "this load generator, not the server, was the limit: " + *why;
  json["busyShare"] = use.BusyShare();
  json["waitedForProcessorShare"] = use.WaitedShare();
  json["lateRequests"] = use.late;
  json["latenessP99Ms"] = Milliseconds(use.lateness.Percentile(99));
  json["latenessMaxMs"] = Milliseconds(use.lateness.max());
  return json;
}

std::string CheckText(const CheckOutcome& check, const LoadTally& tally) {
  switch (check.state) {
    case CheckOutcome::State::kSkipped:
      return "consistency: not checked\n";
    case CheckOutcome::State::kImpossible:
      return fmt::format("consistency: COULD NOT BE CHECKED: {}\n",
                         Printable(check.why_impossible));
    case CheckOutcome::State::kPassed:
      return fmt::format(
          "consistency: ok ({} of {} issued, {} before; no code twice, every coupon held is "
          "listed, none before the start{}{})\n",
          check.issued_after, check.total, check.issued_before,
          tally.users() == 0 ? "" : ", none for another user, no user has two",
          tally.open() == 0 ? "" : fmt::format("; {} unknown outcomes allowed for", tally.open()));
    case CheckOutcome::State::kFailed:
      break;
  }
  std::string text = "CONSISTENCY CHECK FAILED\n";
  for (const Fault& fault : check.faults) {
    text += fmt::format("  {}: {}{}\n", FaultName(fault.kind), Printable(fault.message),
                        fault.count > 1 ? fmt::format(" (and {} more)", fault.count - 1) : "");
  }
  return text;
}

boost::json::object CheckJson(const CheckOutcome& check) {
  constexpr std::array<std::string_view, 4> kStates = {"passed", "failed", "skipped", "impossible"};
  boost::json::object json;
  json["state"] = kStates[static_cast<std::size_t>(check.state)];
  if (check.state == CheckOutcome::State::kSkipped) return json;
  json["total"] = check.total;
  json["issuedBefore"] = check.issued_before;
  if (check.state == CheckOutcome::State::kImpossible) {
    json["message"] = check.why_impossible;
    return json;
  }
  json["issuedAfter"] = check.issued_after;
  json["listed"] = check.listed;
  boost::json::array& faults = json["faults"].emplace_array();
  for (const Fault& fault : check.faults) {
    faults.push_back(
        {{"kind", FaultName(fault.kind)}, {"count", fault.count}, {"message", fault.message}});
  }
  return json;
}

}  // namespace

double AchievedRate(const LoadResult& result) {
  const double seconds = Seconds(result.elapsed);
  return seconds > 0 ? static_cast<double>(result.tally.answered()) / seconds : 0;
}

std::string LoadText(const LoadPlan& plan) {
  const ArrivalSchedule& schedule = plan.schedule;
  std::string text = schedule.rate_per_second()
                         ? fmt::format("{:g} requests/s", *schedule.rate_per_second())
                         : std::string("as fast as possible");
  text += fmt::format(" for {} over {} connections", FormatDuration(schedule.duration()),
                      plan.connections);
  if (plan.users > 0) text += fmt::format(" as {} users", plan.users);
  if (schedule.ramp().count() > 0)
    text += fmt::format(", rising for {}", FormatDuration(schedule.ramp()));
  return text;
}

std::string ProgressLine(const LoadProgress& progress) {
  const LoadTally& tally = progress.tally;
  return fmt::format("{:>6.1f}s  sent {}  issued {}  refused {}  errors {}  waiting {}  p99 {}",
                     Seconds(progress.elapsed), tally.sent(), tally.issued(),
                     tally.refused_in_all(), tally.failed() + tally.open(), progress.waiting,
                     FormatDuration(tally.latency().Percentile(99)));
}

std::string SummaryText(const LoadPlan& plan, const LoadResult& result, const CheckOutcome& check) {
  std::string text =
      fmt::format("requested: {}{}\n", LoadText(plan), result.interrupted ? " (interrupted)" : "");
  text += CountsText(result.tally);
  text +=
      fmt::format("answered: {:.1f} requests/s over {}, {} connections opened\n",
                  AchievedRate(result), FormatDuration(result.elapsed), result.tally.connections());
  text += plan.schedule.rate_per_second() ? "latency from when a request was due:\n"
                                          : "latency from when a request was sent:\n";
  text += LatencyText(result.tally.latency());
  return text + UseText(result.use, result.tally.latency()) + CheckText(check, result.tally);
}

std::string SummaryJson(const LoadPlan& plan, const LoadResult& result, const CheckOutcome& check) {
  const LoadTally& tally = result.tally;
  boost::json::object json;
  json["campaignId"] = plan.campaign_id;
  json["connections"] = plan.connections;
  json["rate"] = plan.schedule.rate_per_second()
                     ? boost::json::value(*plan.schedule.rate_per_second())
                     : boost::json::value("max");
  json["durationSeconds"] = Seconds(plan.schedule.duration());
  json["users"] = plan.users;
  json["rampSeconds"] = Seconds(plan.schedule.ramp());
  json["elapsedSeconds"] = Seconds(result.elapsed);
  json["interrupted"] = result.interrupted;
  json["sent"] = tally.sent();
  json["attempts"] = tally.attempts();
  json["issued"] = tally.issued();
  json["alreadyIssued"] = tally.already_issued();
  boost::json::object& refused = json["refused"].emplace_object();
  for (const RefusedName& name : kRefusedNames) refused[name.json] = tally.refused(name.reason);
  json["failed"] = tally.failed();
  json["outcomeUnknown"] = tally.open();
  json["notSent"] = tally.not_sent();
  boost::json::object& errors = json["errors"].emplace_object();
  for (const auto& [name, count] : tally.errors()) errors[name] = count;
  json["connectionsOpened"] = tally.connections();
  json["achievedRate"] = AchievedRate(result);
  boost::json::object& latency = json["latencyMs"].emplace_object();
  for (const NamedPercentile& percentile : kShownPercentiles) {
    latency[percentile.name] = Milliseconds(tally.latency().Percentile(percentile.percent));
  }
  latency["max"] = Milliseconds(tally.latency().max());
  json["generator"] = UseJson(result.use, tally.latency());
  json["check"] = CheckJson(check);
  return boost::json::serialize(json) + "\n";
}

}  // namespace coupond::ctl
