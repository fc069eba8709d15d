#ifndef COUPOND_TOOLS_COUPONCTL_LOAD_PLOT_STYLE_H_
#define COUPOND_TOOLS_COUPONCTL_LOAD_PLOT_STYLE_H_

#include <string_view>

namespace coupond::ctl {

/// How the classes of a load's drawing look (CSS).
inline constexpr std::string_view kPlotStyle = R"(
text { font: 13px "DejaVu Sans", Verdana, sans-serif; fill: #333; }
.paper { fill: #fff; }
.title { font-size: 18px; font-weight: bold; fill: #111; }
.heading { font-weight: bold; }
.label { font-size: 12px; fill: #555; }
.limit { font-weight: bold; fill: #c62828; }
.grid { stroke: #e4e4e4; fill: none; }
.frame { stroke: #888; fill: none; }
.mark { stroke: #777; stroke-dasharray: 4 4; fill: none; }
.p50, .p90, .p999, .p99, .max, .issued, .already, .redeemed, .refused, .failed {
  fill: none; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
.p50 { stroke: #1b5e9e; }
.p90 { stroke: #2a9d8f; }
.p99 { stroke: #e0a100; }
.p999 { stroke: #e2711d; }
.max { stroke: #c62828; stroke-width: 1; }
.issued { stroke: #2e7d32; }
.already { stroke: #6a51a3; }
.redeemed { stroke: #1b5e9e; }
.refused { stroke: #757575; }
.failed { stroke: #c62828; }
)";

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_LOAD_PLOT_STYLE_H_
