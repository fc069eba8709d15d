#include "api/metrics/metrics_page.h"

#include <memory>
#include <string>
#include <utility>

#include "api/access/method_access.h"
#include "api/refusal_mapping.h"
#include "rpc/http/handler.h"

namespace coupond::api {
namespace {

using PageCampaigns = std::vector<CampaignFigures>;

void AnswerMetrics(const MetricsSources& sources, PageCampaigns campaigns,
                   http::Exchange& exchange) {
  ServerFigures figures = sources.look_up();
  figures.campaigns = std::move(campaigns);
  figures.process = ReadProcessFigures();
  exchange.Respond({.status = 200,
                    .content_type = kMetricsType,
                    .headers = {{"Cache-Control", "no-store"}},
                    .body = sources.metrics.Expose(figures)});
}

}  // namespace

void AddMetricsPage(connect::Router& router, MetricsSources sources, Dispatcher& dispatcher,
                    KeyCheck* keys) {
  const auto shared = std::make_shared<const MetricsSources>(std::move(sources));
  router.AddGet("/metrics", [shared, &dispatcher, keys](const http::Request& request,
                                                        std::shared_ptr<http::Exchange> exchange) {
    auto caller = CheckPage(keys, kGetServerInfoPath, request);
    if (!caller) return exchange->Respond(PageFailure(std::move(caller.error())));
    if (shared->campaigns.empty()) return AnswerMetrics(*shared, {}, *exchange);
    dispatcher.Ask<PageCampaigns>(
        [shared](const ViewStore& views) { return ReadCampaignFigures(views, shared->campaigns); },
        [shared, exchange = std::move(exchange)](Result<PageCampaigns> campaigns) {
          AnswerMetrics(*shared, campaigns ? *std::move(campaigns) : PageCampaigns(), *exchange);
        });
  });
}

}  // namespace coupond::api
