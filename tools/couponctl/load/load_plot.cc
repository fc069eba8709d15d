#include "couponctl/load/load_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/duration_text.h"
#include "couponctl/load/chart_axis.h"
#include "couponctl/load/load_report.h"
#include "couponctl/load/plot_style.h"
#include "couponctl/load/plot_text.h"
#include "couponctl/load/svg_writer.h"

namespace coupond::ctl {
namespace {

using std::chrono::nanoseconds;
using Anchor = SvgWriter::Anchor;
using Point = SvgWriter::Point;

constexpr Point kSize{1100, 700};
constexpr double kLeft = 84;
constexpr double kRight = 830;
constexpr double kTextLeft = 24;
constexpr double kLegendLeft = 850;
constexpr double kLegendRow = 24;
/// Where figures end; those of issuing, if there are figures of redeeming beside them.
constexpr double kFiguresRight = 1076;
constexpr double kIssuingRight = 985;

/// A diagram of the drawing, from the top to the bottom of its frame.
struct Panel {
  double top;
  double bottom;
};
constexpr Panel kLatencyPanel{132, 372};
constexpr Panel kOutcomePanel{440, 630};

/// The classes of kShownPercentiles.
constexpr std::array<std::string_view, kShownPercentiles.size()> kPercentileClasses = {
    "p50", "p90", "p99", "p999"};

/// What a request can get, and how that is drawn.
struct Outcome {
  std::string_view name;
  std::string_view style;
  std::uint64_t LoadInterval::* count;
};
constexpr std::array kOutcomes = {
    Outcome{"issued", "issued", &LoadInterval::issued},
    Outcome{"already issued", "already", &LoadInterval::already_issued},
    Outcome{"redeemed", "redeemed", &LoadInterval::redeemed},
    Outcome{"refused", "refused", &LoadInterval::refused},
    Outcome{"failed or unknown", "failed", &LoadInterval::failed},
};

double Number(nanoseconds duration) { return static_cast<double>(duration.count()); }

std::uint64_t Sum(std::span<const LoadInterval> course, const Outcome& outcome) {
  std::uint64_t sum = 0;
  for (const LoadInterval& interval : course) sum += interval.*outcome.count;
  return sum;
}

double PerSecond(const LoadInterval& interval, const Outcome& outcome) {
  return static_cast<double>(interval.*outcome.count) * 1e9 / Number(interval.end - interval.begin);
}

/// The drawing of one load.
class LoadDrawing {
 public:
  LoadDrawing(const LoadPlan& plan, const LoadResult& result)
      : plan_(plan),
        result_(result),
        svg_(kSize, Title(), kPlotStyle),
        time_(ChartAxis::To(Span(), {.first = kLeft, .last = kRight})) {}

  std::string Draw() {
    svg_.AddRectangle({}, kSize, "paper");
    DrawTitle();
    DrawLatency();
    DrawOutcomes();
    DrawTimeLabels();
    return svg_.Document();
  }

 private:
  [[nodiscard]] std::string Title() const {
    return fmt::format("couponctl load: {}", LoadText(plan_));
  }
  /// The length of the time axis in nanoseconds.
  [[nodiscard]] double Span() const {
    const nanoseconds end = result_.course.empty() ? nanoseconds(1) : result_.course.back().end;
    return Number(result_.interrupted ? end : std::max(end, plan_.schedule.duration()));
  }
  [[nodiscard]] double XOf(nanoseconds time) const { return time_.PlaceOf(Number(time)); }

  void DrawTitle() {
    const LoadTally& tally = result_.tally;
    svg_.AddText({kTextLeft, 36}, Anchor::kStart, Title(), "title");
    svg_.AddText({kTextLeft, 60}, Anchor::kStart,
                 fmt::format("campaign {}: {} requests sent, {} answered per second{}",
                             plan_.campaign_id, Grouped(tally.sent()),
                             Grouped(static_cast<std::uint64_t>(AchievedRate(result_))),
                             result_.interrupted ? " (interrupted)" : "") +
                     RedeemedText(),
                 "label");
    if (const auto why = WhyLimit()) {
      svg_.AddText({kTextLeft, 80}, Anchor::kStart,
                   "This load generator, not the server, was the limit:", "limit");
      svg_.AddText({kTextLeft, 98}, Anchor::kStart, *why, "label");
    } else {
      svg_.AddText({kTextLeft, 80}, Anchor::kStart,
                   fmt::format("load generator: not the limit, busy {:.0f} % of the time",
                               100 * result_.use.BusyShare()),
                   "label");
    }
  }

  /// Returns why the generator was the limit, in issuing or in redeeming.
  [[nodiscard]] std::optional<std::string> WhyLimit() const {
    auto why = result_.use.WhyLimit(result_.tally.latency());
    if (why || !result_.redeemed) return why;
    const auto& redeemed = *result_.redeemed;
    const auto why_redeeming = redeemed.use.WhyLimit(redeemed.tally.latency());
    if (!why_redeeming) return std::nullopt;
    return "while redeeming, " + *why_redeeming;
  }

  [[nodiscard]] std::string RedeemedText() const {
    if (!result_.redeemed) return {};
    return fmt::format("; {} coupons redeemed, {} redemptions answered per second",
                       Grouped(result_.redeemed->tally.redeemed()),
                       Grouped(static_cast<std::uint64_t>(AchievedRate(*result_.redeemed))));
  }

  /// Draws what both diagrams have: the grid, the frame, and the marks of the plan.
  void DrawPanel(const Panel& panel, const ChartAxis& axis, std::string_view heading) {
    svg_.AddText({kLeft, panel.top - 10}, Anchor::kStart, heading, "heading");
    for (const double tick : axis.ticks()) {
      const double y = axis.PlaceOf(tick);
      svg_.AddLine({kLeft, y}, {kRight, y}, "grid");
    }
    svg_.AddRectangle({kLeft, panel.top}, {kRight - kLeft, panel.bottom - panel.top}, "frame");
    const ArrivalSchedule& schedule = plan_.schedule;
    if (schedule.ramp().count() > 0) DrawMark(panel, schedule.ramp(), "full load");
    if (result_.redeemed) {
      DrawMark(panel, result_.redeemed->begin, "redeeming");
    } else if (Number(schedule.duration()) < 0.95 * Span()) {
      DrawMark(panel, schedule.duration(), "end of sending");
    }
  }

  void DrawMark(const Panel& panel, nanoseconds time, std::string_view text) {
    if (Number(time) > 0.99 * Span()) return;
    const double x = XOf(time);
    svg_.AddLine({x, panel.top}, {x, panel.bottom}, "mark");
    const bool fits = x + 100 < kRight;
    svg_.AddText({fits ? x + 5 : x - 5, panel.top + 15}, fits ? Anchor::kStart : Anchor::kEnd, text,
                 "label");
  }

  void DrawLegend(const Panel& panel, int row, std::string_view style, std::string_view name,
                  std::string_view figure) {
    const double y = panel.top + 12 + kLegendRow * row;
    svg_.AddLine({kLegendLeft, y - 4}, {kLegendLeft + 22, y - 4}, style);
    svg_.AddText({kLegendLeft + 30, y}, Anchor::kStart, name, "label");
    svg_.AddText({kFiguresRight, y}, Anchor::kEnd, figure, "heading");
  }

  /// Draws the legend of a latency that `of` takes from those of all requests of a kind.
  void DrawLatencyLegend(int row, std::string_view style, std::string_view name,
                         const std::function<nanoseconds(const LatencyRecord&)>& of) {
    const std::string issuing = FormatDuration(of(result_.tally.latency()));
    if (!result_.redeemed) return DrawLegend(kLatencyPanel, row, style, name, issuing);
    DrawLegend(kLatencyPanel, row, style, name,
               FormatDuration(of(result_.redeemed->tally.latency())));
    const double y = kLatencyPanel.top + 12 + kLegendRow * row;
    svg_.AddText({kIssuingRight, y}, Anchor::kEnd, issuing, "heading");
  }

  void DrawLatency() {
    const auto [min, max] = LatencyRange();
    const ChartAxis axis = ChartAxis::Logarithmic(
        min, max, {.first = kLatencyPanel.bottom, .last = kLatencyPanel.top});
    DrawPanel(kLatencyPanel, axis,
              plan_.schedule.rate_per_second() ? "latency from when a request was due"
                                               : "latency from when a request was sent");
    for (const double tick : axis.ticks()) {
      svg_.AddText({kLeft - 8, axis.PlaceOf(tick) + 4}, Anchor::kEnd,
                   FormatDuration(nanoseconds(std::llround(tick))), "label");
    }
    if (result_.redeemed) {
      const double y = kLatencyPanel.top - 10;
      svg_.AddText({kIssuingRight, y}, Anchor::kEnd, "issuing", "label");
      svg_.AddText({kFiguresRight, y}, Anchor::kEnd, "redeeming", "label");
    }
    DrawLatencyLegend(0, "max", "max", [](const LatencyRecord& latency) { return latency.max(); });
    for (std::size_t i = kShownPercentiles.size(); i-- > 0;) {
      DrawLatencyLine(axis, kPercentileClasses[i],
                      [i](const LoadInterval& interval) { return interval.percentiles[i]; });
      DrawLatencyLegend(static_cast<int>(kShownPercentiles.size() - i), kPercentileClasses[i],
                        kShownPercentiles[i].name, [i](const LatencyRecord& latency) {
                          return latency.Percentile(kShownPercentiles[i].percent);
                        });
    }
    // Often the highest percentile is the maximum, so the thinner line is drawn over it.
    DrawLatencyLine(axis, "max", [](const LoadInterval& interval) { return interval.latency_max; });
  }

  [[nodiscard]] std::pair<double, double> LatencyRange() const {
    nanoseconds min = nanoseconds::max();
    nanoseconds max(1);
    for (const LoadInterval& interval : result_.course) {
      if (interval.ended() == 0) continue;
      min = std::min(min, std::max(interval.percentiles.front(), nanoseconds(1)));
      max = std::max(max, interval.latency_max);
    }
    return {Number(std::min(min, max)), Number(max)};
  }

  /// Draws one line for each stretch of time in which requests ended.
  void DrawLatencyLine(const ChartAxis& axis, std::string_view style,
                       const std::function<nanoseconds(const LoadInterval&)>& latency) {
    std::vector<Point> line;
    for (const LoadInterval& interval : result_.course) {
      if (interval.ended() > 0) {
        line.push_back(
            {XOf((interval.begin + interval.end) / 2), axis.PlaceOf(Number(latency(interval)))});
      } else {
        svg_.AddLine(line, style);
        line.clear();
      }
    }
    svg_.AddLine(line, style);
  }

  void DrawOutcomes() {
    double max = 0;
    for (const LoadInterval& interval : result_.course) {
      for (const Outcome& outcome : kOutcomes) max = std::max(max, PerSecond(interval, outcome));
    }
    const ChartAxis axis =
        ChartAxis::ToTick(max, {.first = kOutcomePanel.bottom, .last = kOutcomePanel.top});
    DrawPanel(kOutcomePanel, axis, "requests per second, by what they got");
    for (const double tick : axis.ticks()) {
      svg_.AddText({kLeft - 8, axis.PlaceOf(tick) + 4}, Anchor::kEnd, TickText(tick), "label");
    }
    int row = 0;
    for (const Outcome& outcome : kOutcomes) {
      const std::uint64_t sum = Sum(result_.course, outcome);
      if (sum == 0 && outcome.count != &LoadInterval::issued) continue;
      std::vector<Point> line;
      for (const LoadInterval& interval : result_.course) {
        const double y = axis.PlaceOf(PerSecond(interval, outcome));
        line.push_back({XOf(interval.begin), y});
        line.push_back({XOf(interval.end), y});
      }
      svg_.AddLine(line, outcome.style);
      DrawLegend(kOutcomePanel, row++, outcome.style, outcome.name, Grouped(sum));
    }
  }

  void DrawTimeLabels() {
    const TimeUnit unit = UnitFor(Span());
    const ChartAxis axis =
        ChartAxis::To(Span() / unit.nanoseconds, {.first = kLeft, .last = kRight});
    for (const double tick : axis.ticks()) {
      for (const Panel& panel : {kLatencyPanel, kOutcomePanel}) {
        const double x = axis.PlaceOf(tick);
        svg_.AddLine({x, panel.bottom}, {x, panel.bottom + 5}, "frame");
        svg_.AddText({x, panel.bottom + 20}, Anchor::kMiddle, TickText(tick), "label");
      }
    }
    svg_.AddText({(kLeft + kRight) / 2, kOutcomePanel.bottom + 44}, Anchor::kMiddle,
                 fmt::format("time since the start ({})", unit.name), "label");
  }

  const LoadPlan& plan_;
  const LoadResult& result_;
  SvgWriter svg_;
  ChartAxis time_;
};

}  // namespace

std::string DrawLoad(const LoadPlan& plan, const LoadResult& result) {
  return LoadDrawing(plan, result).Draw();
}

}  // namespace coupond::ctl
