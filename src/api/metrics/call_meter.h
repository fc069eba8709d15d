#ifndef COUPOND_API_METRICS_CALL_METER_H_
#define COUPOND_API_METRICS_CALL_METER_H_

#include <cstddef>
#include <expected>
#include <memory>
#include <string_view>
#include <unordered_map>

#include "api/metrics/worker_figures.h"
#include "rpc/connect/interceptor.h"
#include "rpc/http/handler.h"

namespace coupond::api {

/// Counts the calls of one worker. As the first of the interceptors, it also counts those that
/// another one refuses.
class CallMeter final : public connect::Interceptor {
 public:
  /// The figures are the worker's, and must outlive this.
  explicit CallMeter(WorkerFigures& figures) : figures_(figures) {}

  [[nodiscard]] std::expected<void, connect::Error> OnStart(
      connect::CallContext& /*context*/, const http::Request& /*request*/) override {
    figures_.BeginCall();
    return {};
  }
  void OnEnd(const connect::CallContext& context, const connect::CallOutcome& outcome) override;

 private:
  WorkerFigures& figures_;
  std::unordered_map<const connect::MethodDescriptor*, std::size_t> methods_;
  // The same method is called again and again, so the last one is kept.
  const connect::MethodDescriptor* last_ = nullptr;
  std::size_t last_method_ = 0;
};

/// Returns an exchange that counts the request for a page that stands for the method at `path`,
/// when its answer begins. Returns `inside` without figures.
[[nodiscard]] std::shared_ptr<http::Exchange> MeteredPage(WorkerFigures* figures,
                                                          std::string_view path,
                                                          std::shared_ptr<http::Exchange> inside);

}  // namespace coupond::api

#endif  // COUPOND_API_METRICS_CALL_METER_H_
