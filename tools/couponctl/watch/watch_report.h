#ifndef COUPOND_TOOLS_COUPONCTL_WATCH_WATCH_REPORT_H_
#define COUPOND_TOOLS_COUPONCTL_WATCH_WATCH_REPORT_H_

#include <chrono>
#include <string>

#include "couponctl/watch/watch_run.h"
#include "couponctl/watch/watch_tally.h"

/// What many streams tell at the end.
namespace coupond::ctl {

struct WatchReport {
  const WatchPlan& plan;
  WatchFigures figures;
  std::chrono::nanoseconds elapsed{};
  WatchOver over = WatchOver::kAllEnded;
};

/// For people.
[[nodiscard]] std::string WatchReportText(const WatchReport& report);
/// The same as one JSON object, on one line with its newline.
[[nodiscard]] std::string WatchReportJson(const WatchReport& report);

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_WATCH_WATCH_REPORT_H_
