#include "api/metrics/families.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

namespace coupond::api {

using prometheus::ClientMetric;
using prometheus::MetricType;

Families& Families::Begin(MetricType type, std::string name, std::string help) {
  families_.push_back(
      {.name = std::move(name), .help = std::move(help), .type = type, .metric = {}});
  return *this;
}

Families& Families::Add(double value, Labels labels) {
  prometheus::MetricFamily& family = families_.back();
  ClientMetric& metric = family.metric.emplace_back();
  metric.label = std::move(labels);
  if (family.type == MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
  return *this;
}

Families& Families::Add(const HistogramFigures& figures, double units, Labels labels) {
  ClientMetric& metric = families_.back().metric.emplace_back();
  metric.label = std::move(labels);
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < figures.counts.size(); ++i) {
    count += figures.counts[i];
    const double bound = i < figures.bounds.size() ? static_cast<double>(figures.bounds[i]) / units
                                                   : std::numeric_limits<double>::infinity();
    metric.histogram.bucket.push_back({.cumulative_count = count, .upper_bound = bound});
  }
  metric.histogram.sample_count = count;
  metric.histogram.sample_sum = static_cast<double>(figures.sum) / units;
  return *this;
}

void Families::AddGauge(std::string name, std::string help, double value) {
  Begin(MetricType::Gauge, std::move(name), std::move(help)).Add(value);
}

void Families::AddGaugeIf(std::string name, std::string help, std::optional<double> value) {
  if (value) AddGauge(std::move(name), std::move(help), *value);
}

}  // namespace coupond::api
