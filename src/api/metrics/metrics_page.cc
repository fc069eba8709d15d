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

/// A request whose campaigns are being looked up. Is answered once: with them, or without them when
/// that has taken too long.
class WaitingPage {
 public:
  WaitingPage(std::shared_ptr<const MetricsSources> sources,
              std::shared_ptr<http::Exchange> exchange)
      : sources_(std::move(sources)), exchange_(std::move(exchange)) {}

  void SetTimer(std::unique_ptr<http::Timer> timer) { timer_ = std::move(timer); }
  void Answer(PageCampaigns campaigns) {
    if (exchange_ == nullptr) return;
    AnswerMetrics(*sources_, std::move(campaigns), *std::exchange(exchange_, nullptr));
    timer_.reset();
  }

 private:
  const std::shared_ptr<const MetricsSources> sources_;
  std::shared_ptr<http::Exchange> exchange_;  ///< null once it is answered
  std::unique_ptr<http::Timer> timer_;
};

}  // namespace

void AddMetricsPage(connect::Router& router, MetricsSources sources, Dispatcher& dispatcher,
                    http::Executor& executor, KeyCheck* keys) {
  const auto shared = std::make_shared<const MetricsSources>(std::move(sources));
  router.AddGet("/metrics", [shared, &dispatcher, &executor, keys](
                                const http::Request& request,
                                std::shared_ptr<http::Exchange> exchange) {
    auto caller = CheckPage(keys, kGetServerInfoPath, request);
    if (!caller) return exchange->Respond(PageFailure(std::move(caller.error())));
    if (shared->campaigns.empty()) return AnswerMetrics(*shared, {}, *exchange);
    const auto waiting = std::make_shared<WaitingPage>(shared, std::move(exchange));
    waiting->SetTimer(
        executor.StartTimer(kMetricsCampaignsWait, [page = std::weak_ptr<WaitingPage>(waiting)] {
          if (const auto late = page.lock()) late->Answer({});
        }));
    dispatcher.Ask<Result<PageCampaigns>>(
        [shared](const ViewStore& views) { return ReadCampaignFigures(views, shared->campaigns); },
        [waiting](Result<PageCampaigns> campaigns) {
          waiting->Answer(campaigns ? *std::move(campaigns) : PageCampaigns());
        });
  });
}

}  // namespace coupond::api
