#ifndef COUPOND_API_METRICS_ENGINE_METER_H_
#define COUPOND_API_METRICS_ENGINE_METER_H_

#include <chrono>

#include "api/metrics/counters.h"
#include "engine/ports/engine_observer.h"

namespace coupond::api {

/// Counts what the engine does. The histograms may be read on any thread; each is written by one of
/// the engine's threads.
class EngineMeter final : public EngineObserver {
 public:
  void OnGroup(const GroupMeasures& measures) override {
    group_commands_.Record(measures.commands);
    queue_wait_.Record(measures.longest_wait);
    if (measures.events > 0) append_.Record(measures.append_time);
  }
  void OnProjected(std::size_t /*events_behind*/) override {}
  void OnQuery(std::chrono::nanoseconds time) override { queries_.Record(time); }

  [[nodiscard]] HistogramFigures group_commands() const { return group_commands_.figures(); }
  /// Returns how long the first command of each group was in the queue: none waited longer.
  [[nodiscard]] HistogramFigures queue_wait() const { return queue_wait_.figures(); }
  [[nodiscard]] HistogramFigures append() const { return append_.figures(); }
  [[nodiscard]] HistogramFigures queries() const { return queries_.figures(); }

 private:
  alignas(kCacheLineBytes) GroupHistogram group_commands_;
  TimeHistogram queue_wait_;
  TimeHistogram append_;
  alignas(kCacheLineBytes) TimeHistogram queries_;  // of another thread than those above
};

}  // namespace coupond::api

#endif  // COUPOND_API_METRICS_ENGINE_METER_H_
