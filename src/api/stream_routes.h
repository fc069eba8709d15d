#ifndef COUPOND_API_STREAM_ROUTES_H_
#define COUPOND_API_STREAM_ROUTES_H_

#include "api/access/key_check.h"
#include "api/access/keyed_streams.h"
#include "api/coupon_methods.h"
#include "api/events/event_methods.h"
#include "api/exports/export_methods.h"
#include "api/metrics/worker_figures.h"
#include "rpc/connect/router.h"

/// The routes whose answers go on for long. Each of them ends when the key of its caller would be
/// refused now.
namespace coupond::api {

/// What of one worker goes along with these routes.
struct StreamRouteParts {
  KeyCheck* keys = nullptr;          ///< null if the server has no keys
  KeyedStreams* streams = nullptr;   ///< likewise
  WorkerFigures* figures = nullptr;  ///< null: nothing is counted
};

void AddWatch(connect::Router& router, CouponMethods& methods, const StreamRouteParts& parts);
void AddExports(connect::Router& router, ExportMethods& methods, const StreamRouteParts& parts);
void AddEvents(connect::Router& router, EventMethods& methods, const StreamRouteParts& parts);

}  // namespace coupond::api

#endif  // COUPOND_API_STREAM_ROUTES_H_
