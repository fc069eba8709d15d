#ifndef COUPOND_API_STATUS_PAGES_H_
#define COUPOND_API_STATUS_PAGES_H_

#include <string>

#include "api/readiness.h"
#include "rpc/connect/router.h"

namespace coupond::service {

/// Adds the pages for people, supervisors and load balancers: `/` describes the server, as text or,
/// if the request accepts it, as JSON; `/health` and `/healthz` report that the process is alive;
/// `/readyz` reports whether it accepts commands. None may be cached. The readiness must outlive
/// the router.
void AddStatusPages(connect::Router& router, const Readiness& readiness, std::string version);

}  // namespace coupond::service

#endif  // COUPOND_API_STATUS_PAGES_H_
