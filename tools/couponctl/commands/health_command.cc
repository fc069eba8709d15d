#include "couponctl/commands/health_command.h"

#include <ostream>

#include "couponctl/commands/coupon_service.h"
#include "grpc/health/v1/health.pb.h"

namespace coupond::ctl {

ExitCode ShowHealth(const CommandContext& context) {
  using grpc::health::v1::HealthCheckResponse;
  HealthCheckResponse response;
  if (auto done =
          context.client.Call(kCheckHealth, grpc::health::v1::HealthCheckRequest(), response);
      !done) {
    return ReportError(context, done.error());
  }
  if (response.status() == HealthCheckResponse::UNKNOWN) {
    return ReportEmptyAnswer(context, kCheckHealth, {});
  }
  const bool ready = response.status() == HealthCheckResponse::SERVING;
  if (context.json) {
    context.out << JsonLine(response);
  } else if (ready) {
    context.out << "ready\n";
  } else {
    context.err << "couponctl: the server is not ready; its /readyz says why\n";
  }
  return ready ? ExitCode::kDone : ExitCode::kRefused;
}

}  // namespace coupond::ctl
