#ifndef COUPOND_API_METRICS_FAMILIES_H_
#define COUPOND_API_METRICS_FAMILIES_H_

#include <prometheus/client_metric.h>
#include <prometheus/metric_family.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/metrics/counters.h"

/// Builds prometheus-cpp's metric families. Only the sources of this folder include this.
namespace coupond::api {

using Labels = std::vector<prometheus::ClientMetric::Label>;

/// The families of one answer, in the order in which they were added.
class Families {
 public:
  /// Begins a family, whose values are added next.
  Families& Begin(prometheus::MetricType type, std::string name, std::string help);
  /// Adds a value to the last family.
  Families& Add(double value, Labels labels = {});
  /// Adds a histogram to the last family, one of whose units is `units` of the histogram's.
  Families& Add(const HistogramFigures& figures, double units, Labels labels = {});

  /// Adds a family with one value.
  void AddGauge(std::string name, std::string help, double value);
  /// Does the same; without a value there is no family.
  void AddGaugeIf(std::string name, std::string help, std::optional<double> value);

  [[nodiscard]] const std::vector<prometheus::MetricFamily>& all() const { return families_; }

 private:
  std::vector<prometheus::MetricFamily> families_;
};

/// The nanoseconds of a second.
inline constexpr double kNanoseconds = 1e9;

}  // namespace coupond::api

#endif  // COUPOND_API_METRICS_FAMILIES_H_
