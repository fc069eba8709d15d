#ifndef COUPOND_TEST_SYSTEM_CONFORMANCE_CONFORMANCE_SERVICE_H_
#define COUPOND_TEST_SYSTEM_CONFORMANCE_CONFORMANCE_SERVICE_H_

#include <memory>

#include "rpc/connect/method.h"
#include "rpc/http/handler.h"

namespace coupond::conformance {

/// Returns one worker's handler of connectrpc.conformance.v1.ConformanceService, without the
/// methods that take a stream of requests. The suite's service.proto describes the methods.
[[nodiscard]] std::unique_ptr<http::Handler> MakeConformanceService(
    http::Executor& executor, const connect::MethodLimits& limits);

}  // namespace coupond::conformance

#endif  // COUPOND_TEST_SYSTEM_CONFORMANCE_CONFORMANCE_SERVICE_H_
