#ifndef COUPOND_API_METRICS_METRICS_PAGE_H_
#define COUPOND_API_METRICS_METRICS_PAGE_H_

#include <functional>
#include <vector>

#include "api/access/key_check.h"
#include "api/dispatcher.h"
#include "api/metrics/metrics.h"
#include "api/metrics/server_figures.h"
#include "engine/rules/ids.h"
#include "rpc/connect/router.h"

namespace coupond::api {

/// What the page /metrics shows. All of it must outlive the router.
struct MetricsSources {
  const Metrics& metrics;
  /// Looks up everything but the campaigns. Called on the workers' threads.
  std::function<ServerFigures()> look_up;
  /// Those whose coupons are shown.
  std::vector<CampaignId> campaigns = {};
};

/// Adds the page /metrics for Prometheus. With `keys`, callers need one that may read the
/// server's state (GetServerInfo). Campaigns are looked up on the query thread; if that cannot be
/// done now, the page comes without them.
void AddMetricsPage(connect::Router& router, MetricsSources sources, Dispatcher& dispatcher,
                    KeyCheck* keys);

}  // namespace coupond::api

#endif  // COUPOND_API_METRICS_METRICS_PAGE_H_
