#include "couponctl/watch/watch_report.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/duration_text.h"
#include "common/table.h"

namespace coupond::ctl {

std::string WatchReportText(const WatchReport& report) {
  const WatchFigures& figures = report.figures;
  tools::Table counts(
      {{.title = ""}, {.title = "", .align = tools::Table::Align::kRight, .width_min = 10}});
  const auto row = [&counts](std::string name, std::uint64_t count) {
    counts.AddRow({std::move(name), fmt::format("{}", count)});
  };
  row("opened", figures.opened);
  row("messages", figures.messages);
  if (figures.sold_out > 0) row("ended: sold out", figures.sold_out);
  if (figures.deleted > 0) row("ended: deleted", figures.deleted);
  if (figures.live > 0) row("still live", figures.live);
  if (figures.failed > 0) row("failed", figures.failed);
  for (const auto& [name, count] : figures.errors) row("error: " + name, count);

  tools::Table rates({{.title = "min", .align = tools::Table::Align::kRight},
                      {.title = "median", .align = tools::Table::Align::kRight},
                      {.title = "max", .align = tools::Table::Align::kRight}});
  rates.AddRow({fmt::format("{:.2f}", figures.per_second_min),
                fmt::format("{:.2f}", figures.per_second_median),
                fmt::format("{:.2f}", figures.per_second_max)});
  return fmt::format(
      "watched: {} streams for {}{}\n{}messages a second per stream, after the first:\n{}"
      "longest without a message: {}\n",
      report.plan.streams, FormatDuration(report.elapsed),
      report.over == WatchOver::kInterrupted ? " (interrupted)" : "", counts.Text({.indent = 2}),
      rates.Text({.indent = 2}), FormatDuration(figures.gap_max));
}

std::string WatchReportJson(const WatchReport& report) {
  const WatchFigures& figures = report.figures;
  boost::json::object json;
  json["campaignId"] = report.plan.campaign_id;
  json["streams"] = report.plan.streams;
  json["elapsedSeconds"] = std::chrono::duration<double>(report.elapsed).count();
  json["interrupted"] = report.over == WatchOver::kInterrupted;
  json["opened"] = figures.opened;
  json["messages"] = figures.messages;
  json["issuedCoupons"] = figures.issued_coupons;
  json["soldOut"] = figures.sold_out;
  json["deleted"] = figures.deleted;
  json["live"] = figures.live;
  json["failed"] = figures.failed;
  boost::json::object& errors = json["errors"].emplace_object();
  for (const auto& [name, count] : figures.errors) errors[name] = count;
  json["messagesPerSecond"] = {{"min", figures.per_second_min},
                               {"median", figures.per_second_median},
                               {"max", figures.per_second_max}};
  json["longestGapMs"] = std::chrono::duration<double, std::milli>(figures.gap_max).count();
  return boost::json::serialize(json) + "\n";
}

}  // namespace coupond::ctl
