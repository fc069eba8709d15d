#include "api/metrics/worker_figures.h"

#include <array>
#include <string_view>
#include <variant>

#include "api/access/method_access.h"

namespace coupond::api {

std::string_view CallWayName(CallWay way) {
  constexpr std::array<std::string_view, kCallWays> kNames = {"connect", "grpc_web", "short",
                                                              "page"};
  return kNames[static_cast<std::size_t>(way)];
}

std::string_view RejectionName(Rejection rejection) {
  constexpr std::array<std::string_view, kRejections> kNames = {"queue_full", "stopping", "fenced",
                                                                "outcome_unknown", "clock_ahead"};
  return kNames[static_cast<std::size_t>(rejection)];
}

void CommandOutcomes::Count(const Reply& reply) {
  if (const auto* const coupon = std::get_if<GrantedCoupon>(&reply.outcome)) {
    if (coupon->limit_reached) {
      refused_[static_cast<std::size_t>(RefusalReason::kUserLimitReached)].Add();
    } else {
      (coupon->already_issued ? repeated_ : done_).Add();
    }
  } else if (const auto* const refusal = std::get_if<Refusal>(&reply.outcome)) {
    refused_[static_cast<std::size_t>(refusal->reason)].Add();
  } else if (const auto* const done = std::get_if<Done>(&reply.outcome)) {
    (done->repeated ? repeated_ : done_).Add();
  }
}

void CommandOutcomes::CountBatch(const Reply& reply, const BatchResults& results) {
  const auto* const done = std::get_if<Done>(&reply.outcome);
  if (done == nullptr || done->repeated) return Count(reply);
  for (const BatchResult& result : results.coupons) {
    if (result.refusal) {
      refused_[static_cast<std::size_t>(result.refusal->reason)].Add();
    } else if (result.coupon) {
      (result.is_new ? done_ : repeated_).Add();
    }
  }
}

WorkerFigures::WorkerFigures() : methods_(AllMethodAccess().size()) {}

void WorkerFigures::EndCall(std::size_t method, CallWay way, std::optional<connect::Code> error,
                            std::chrono::nanoseconds duration) {
  ended_.Add();
  MethodFigures& figures = methods_[method];
  const std::size_t code = error ? static_cast<std::size_t>(*error) : 0;
  figures.outcomes[static_cast<std::size_t>(way)][code].Add();
  figures.duration.Record(duration);
}

void WorkerFigures::CountRejection(ErrorCode code) {
  const auto count = [this](Rejection rejection) {
    rejections_[static_cast<std::size_t>(rejection)].Add();
  };
  switch (code) {
    case ErrorCode::kOverloaded:
      return count(Rejection::kQueueFull);
    case ErrorCode::kFenced:
      return count(Rejection::kFenced);
    case ErrorCode::kOutcomeUnknown:
      return count(Rejection::kOutcomeUnknown);
    case ErrorCode::kClockAhead:
      return count(Rejection::kClockAhead);
    default:
      return count(Rejection::kStopping);
  }
}

}  // namespace coupond::api
