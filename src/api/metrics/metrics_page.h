#ifndef COUPOND_API_METRICS_METRICS_PAGE_H_
#define COUPOND_API_METRICS_METRICS_PAGE_H_

#include <chrono>
#include <functional>
#include <vector>

#include "api/access/key_check.h"
#include "api/dispatcher.h"
#include "api/metrics/metrics.h"
#include "api/metrics/server_figures.h"
#include "engine/rules/ids.h"
#include "rpc/connect/router.h"
#include "rpc/http/handler.h"

namespace coupond::api {

/// What the page /metrics shows. All of it must outlive the router.
struct MetricsSources {
  const Metrics& metrics;
  /// Looks up everything but the campaigns. Called on the workers' threads.
  std::function<ServerFigures()> look_up;
  /// Those whose coupons are shown.
  std::vector<CampaignId> campaigns = {};
};

/// How long the page waits for its campaigns: the views may be far behind when it is needed most.
inline constexpr std::chrono::milliseconds kMetricsCampaignsWait{1'000};

/// Adds the page /metrics for Prometheus. With `keys`, callers need one that may read the
/// server's state (GetServerInfo). Campaigns are looked up on the query thread; if that cannot be
/// done, or not in time, the page comes without them.
///
/// The dispatcher and the worker's executor must outlive the router.
void AddMetricsPage(connect::Router& router, MetricsSources sources, Dispatcher& dispatcher,
                    http::Executor& executor, KeyCheck* keys);

}  // namespace coupond::api

#endif  // COUPOND_API_METRICS_METRICS_PAGE_H_
