#ifndef COUPOND_API_METRICS_METRICS_H_
#define COUPOND_API_METRICS_METRICS_H_

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "api/access/access_counters.h"
#include "api/metrics/engine_meter.h"
#include "api/metrics/server_figures.h"
#include "api/metrics/worker_figures.h"

namespace coupond::api {

/// Everything that a server counts about itself, and its text for Prometheus. docs/OPERATIONS.md
/// lists the metrics.
///
/// Must outlive the engine, the workers and the service that count here. Any thread, but each part
/// says which thread writes to it.
class Metrics {
 public:
  /// Returns new figures for one worker. Its thread alone may write to them.
  [[nodiscard]] WorkerFigures& AddWorker();
  [[nodiscard]] EngineMeter& engine() { return engine_; }
  [[nodiscard]] AccessCounters& access() { return access_; }

  /// Returns all metrics in Prometheus' text format, version 0.0.4.
  [[nodiscard]] std::string Expose(const ServerFigures& server) const;

 private:
  EngineMeter engine_;
  AccessCounters access_;
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<WorkerFigures>> workers_;  // guarded by mutex_; only ever added to
};

/// The media type of what Metrics::Expose returns.
inline constexpr const char* kMetricsType = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace coupond::api

#endif  // COUPOND_API_METRICS_METRICS_H_
