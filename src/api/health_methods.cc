#include "api/health_methods.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "base/display_text.h"

namespace coupond::service {
namespace {

using grpc::health::v1::HealthCheckResponse;

/// The empty name is the whole server.
constexpr std::array<std::string_view, 4> kServices = {
    "", "coupon.v1.CouponService", "coupon.v1.AdminService", "grpc.health.v1.Health"};

connect::Error UnknownService(std::string_view name) {
  std::string message = "service: there is no " + Quoted(name);
  message += "; give";
  for (const std::string_view known : kServices) {
    if (!known.empty()) message.append(" ").append(known).append(",");
  }
  message += " or nothing for the whole server";
  return {.code = connect::Code::kNotFound, .message = std::move(message)};
}

}  // namespace

void HealthMethods::Check(const grpc::health::v1::HealthCheckRequest& request, Call call) const {
  if (std::ranges::find(kServices, request.service()) == kServices.end()) {
    return call->Fail(UnknownService(request.service()));
  }
  HealthCheckResponse response;
  response.set_status(readiness_.state() == Readiness::State::kReady
                          ? HealthCheckResponse::SERVING
                          : HealthCheckResponse::NOT_SERVING);
  call->Finish(response);
}

}  // namespace coupond::service
