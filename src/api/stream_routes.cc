#include "api/stream_routes.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "api/access/campaign_limits.h"
#include "api/access/guarded_page.h"
#include "api/access/method_access.h"
#include "api/metrics/call_meter.h"
#include "api/refusal_mapping.h"
#include "coupon/v1/admin_service.pb.h"
#include "coupon/v1/coupon_service.pb.h"
#include "rpc/connect/call.h"
#include "rpc/http/handler.h"

namespace coupond::api {
namespace {

using Stream = std::unique_ptr<connect::StreamCall>;

/// Adds a method that answers with a stream.
template <typename Request, typename Response, typename Methods>
void AddStream(connect::Router& router, std::string_view path, Methods& methods,
               void (Methods::*method)(const Request&, Stream), KeyedStreams* streams) {
  router.AddServerStream<Request, Response>(
      std::string(path), [&methods, method, streams](const Request& request, Stream stream) {
        WithinCampaigns(request, std::move(stream), [&](const Request& allowed, Stream call) {
          if (streams != nullptr) {
            call->GuardBy(streams->Guard(SharedCallerOf(*call), CampaignNamedIn(allowed)));
          }
          (methods.*method)(allowed, std::move(call));
        });
      });
}

}  // namespace

void AddWatch(connect::Router& router, CouponMethods& methods, const StreamRouteParts& parts) {
  AddStream<coupon::v1::WatchCampaignRequest, coupon::v1::WatchCampaignResponse>(
      router, kWatchCampaignPath, methods, &CouponMethods::WatchCampaign, parts.streams);
}

void AddExports(connect::Router& router, ExportMethods& methods, const StreamRouteParts& parts) {
  AddStream<coupon::v1::ExportCouponsRequest, coupon::v1::ExportCouponsResponse>(
      router, kExportCouponsPath, methods, &ExportMethods::ExportCoupons, parts.streams);
  const auto add_file = [&](const char* name, CouponFileFormat format) {
    router.AddGetWithSegment(
        "/campaigns/", name,
        [&methods, parts, format](const http::Request& request, std::string_view id,
                                  std::shared_ptr<http::Exchange> exchange) {
          exchange = MeteredPage(parts.figures, kExportCouponsPath, std::move(exchange));
          auto caller = CheckPage(parts.keys, kExportCouponsPath, request);
          if (!caller) return exchange->Respond(PageFailure(std::move(caller.error())));
          methods.ExportFile(format, request, id,
                             {.caller = *std::move(caller), .streams = parts.streams},
                             std::move(exchange));
        });
  };
  add_file("/coupons.csv", CouponFileFormat::kCsv);
  add_file("/coupons.jsonl", CouponFileFormat::kJsonLines);
}

void AddEvents(connect::Router& router, EventMethods& methods, const StreamRouteParts& parts) {
  AddStream<coupon::v1::ReadEventsRequest, coupon::v1::ReadEventsResponse>(
      router, kReadEventsPath, methods, &EventMethods::ReadEvents, parts.streams);
  router.AddGet("/events", [&methods, parts](const http::Request& request,
                                             std::shared_ptr<http::Exchange> exchange) {
    exchange = MeteredPage(parts.figures, kReadEventsPath, std::move(exchange));
    auto caller = CheckPage(parts.keys, kReadEventsPath, request);
    if (!caller) return exchange->Respond(PageFailure(std::move(caller.error())));
    methods.GetEvents(request, {.caller = *std::move(caller), .streams = parts.streams},
                      std::move(exchange));
  });
}

}  // namespace coupond::api
