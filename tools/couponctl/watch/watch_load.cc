#include "couponctl/watch/watch_load.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <ostream>
#include <string>

#include "base/display_text.h"
#include "base/duration_text.h"
#include "common/progress_bar.h"
#include "common/table.h"
#include "program/process_environment.h"

namespace coupond::ctl {
namespace {

using Time = WatchListener::Time;
using rpc_client::CallError;

constexpr std::chrono::milliseconds kTickEvery{200};
/// The number of files that are open besides the streams: standard ones, and those of the event
/// loop.
constexpr std::size_t kOtherFiles = 32;

/// Shows the progress of the watch.
class Progress {
 public:
  Progress(std::ostream& err, const WatchTally& tally, bool live_line)
      : err_(err), tally_(tally), live_(live_line), line_(err) {}

  void Show(Time now) {
    if (!all_open_ && tally_.opened() == tally_.streams()) {
      all_open_ = true;
      line_.Erase();
      err_ << fmt::format("couponctl: all {} streams are open\n", tally_.streams());
    }
    if (live_) {
      const std::chrono::duration<double> elapsed = now - start_;
      line_.Show(fmt::format("{:>6.1f}s  opened {}  messages {}  issued coupons {}",
                             elapsed.count(), tally_.opened(), tally_.messages(),
                             tally_.issued_coupons()));
    }
    err_.flush();
  }

  void Close() { line_.Erase(); }

  [[nodiscard]] Time start() const { return start_; }

 private:
  std::ostream& err_;
  const WatchTally& tally_;
  const bool live_;
  tools::LiveLine line_;
  const Time start_ = std::chrono::steady_clock::now();
  bool all_open_ = false;
};

struct WatchReport {
  const WatchPlan& plan;
  WatchFigures figures;
  std::chrono::nanoseconds elapsed{};
  WatchOver over = WatchOver::kAllEnded;
};

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
  if (figures.over > 0) row("ended: campaign over", figures.over);
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
  json["over"] = figures.over;
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

}  // namespace

void WatchTally::OnMessage(std::size_t number, const coupon::v1::WatchCampaignResponse& message,
                           Time now) {
  Stream& stream = streams_[number];
  if (stream.messages == 0) {
    ++opened_;
    stream.first_message = now;
  } else {
    stream.gap_max = std::max<std::chrono::nanoseconds>(stream.gap_max, now - stream.last_message);
  }
  stream.last_message = now;
  stream.state = message.state();
  ++stream.messages;
  ++messages_;
  if (message.sequence() < sequence_) return;
  sequence_ = message.sequence();
  issued_coupons_ = message.campaign().issued_coupons();
}

void WatchTally::OnEnd(std::size_t number, const rpc_client::StreamEnd& end, Time now) {
  Stream& stream = streams_[number];
  stream.end = now;
  stream.failed = !end.has_value();
  if (!stream.failed) return;
  const CallError& error = end.error();
  ++errors_[error.code ? std::string(error.CodeName()) : error.message];
  if (!first_error_) first_error_ = error;
}

std::size_t& WatchTally::CountOf(const Stream& stream, WatchFigures& figures) {
  if (!stream.end) return figures.live;
  switch (stream.state) {
    case coupon::v1::WATCH_STATE_SOLD_OUT:
      return figures.sold_out;
    case coupon::v1::WATCH_STATE_ENDED:
      return figures.over;
    case coupon::v1::WATCH_STATE_DELETED:
      return figures.deleted;
    default:
      return figures.live;
  }
}

WatchFigures WatchTally::At(Time now) const {
  WatchFigures figures{.messages = messages_,
                       .issued_coupons = issued_coupons_,
                       .opened = opened_,
                       .errors = errors_};
  std::vector<double> rates;
  for (const Stream& stream : streams_) {
    figures.failed += stream.failed ? 1 : 0;
    if (stream.messages == 0) continue;
    if (!stream.failed) ++CountOf(stream, figures);
    const Time end = stream.end.value_or(now);
    const std::chrono::duration<double> seconds = end - stream.first_message;
    rates.push_back(
        stream.messages == 1 ? 0 : static_cast<double>(stream.messages - 1) / seconds.count());
    figures.gap_max = std::max<std::chrono::nanoseconds>(
        {figures.gap_max, stream.gap_max, end - stream.last_message});
  }
  if (rates.empty()) return figures;
  std::ranges::sort(rates);
  figures.per_second_min = rates.front();
  figures.per_second_median = rates[rates.size() / 2];
  figures.per_second_max = rates.back();
  return figures;
}

ExitCode WatchWithManyStreams(const CommandContext& context, const WatchPlan& plan,
                              bool live_line) {
  const std::size_t files_max = RaiseOpenFileLimit();
  if (plan.streams + kOtherFiles > files_max) {
    context.err << fmt::format(
        "couponctl: {} streams need {} open files, but only {} are allowed; raise the limit "
        "(ulimit -n) or use fewer streams\n",
        plan.streams, plan.streams + kOtherFiles, files_max);
    return ExitCode::kUsage;
  }
  WatchTally tally(plan.streams);
  Progress progress(context.err, tally, live_line);
  const WatchOver over =
      RunWatch(plan, tally, kTickEvery, [&progress](Time now) { progress.Show(now); });
  progress.Close();
  const Time end = std::chrono::steady_clock::now();
  const WatchReport report{
      .plan = plan, .figures = tally.At(end), .elapsed = end - progress.start(), .over = over};
  context.out << (context.json ? WatchReportJson(report) : WatchReportText(report)) << std::flush;
  if (!tally.first_error()) return ExitCode::kDone;
  const CallError& error = *tally.first_error();
  context.err << fmt::format("couponctl: {} of {} streams failed, the first with: {}\n",
                             report.figures.failed, plan.streams, Printable(Describe(error)));
  return ExitCodeOf(error);
}

}  // namespace coupond::ctl
