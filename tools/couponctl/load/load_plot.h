#ifndef COUPOND_TOOLS_COUPONCTL_LOAD_LOAD_PLOT_H_
#define COUPOND_TOOLS_COUPONCTL_LOAD_LOAD_PLOT_H_

#include <string>

#include "couponctl/load/load_generator.h"

namespace coupond::ctl {

/// Draws the course of a load as an SVG document: above, the percentiles of the latency on a
/// logarithmic scale; below, what the requests got, per second. Redeeming follows issuing on the
/// same axis of time. The title has the parameters, and the legend the figures of the whole load.
[[nodiscard]] std::string DrawLoad(const LoadPlan& plan, const LoadResult& result);

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_LOAD_LOAD_PLOT_H_
