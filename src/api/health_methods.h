#ifndef COUPOND_API_HEALTH_METHODS_H_
#define COUPOND_API_HEALTH_METHODS_H_

#include <memory>

#include "api/readiness.h"
#include "grpc/health/v1/health.pb.h"
#include "rpc/connect/call.h"

namespace coupond::service {

/// The methods of grpc.health.v1.Health, for load balancers and orchestrators.
/// Source: https://github.com/grpc/grpc/blob/master/doc/health-checking.md
///
/// Threads: any. The readiness must outlive this.
class HealthMethods {
 public:
  using Call = std::unique_ptr<connect::UnaryCall>;

  explicit HealthMethods(const Readiness& readiness) : readiness_(readiness) {}

  /// Answers at once. All services share one engine, so each is as ready as the whole server.
  void Check(const grpc::health::v1::HealthCheckRequest& request, Call call) const;

 private:
  const Readiness& readiness_;
};

}  // namespace coupond::service

#endif  // COUPOND_API_HEALTH_METHODS_H_
