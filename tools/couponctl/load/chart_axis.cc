#include "couponctl/load/chart_axis.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/check.h"

namespace coupond::ctl {
namespace {

constexpr std::array kRound = {1.0, 2.0, 5.0};
/// The number of ticks on an even axis is at most one more.
constexpr double kStepsMax = 6;
/// With more powers of ten, only those get a tick.
constexpr double kDenseDecadesMax = 3;

/// Returns the smallest round value that is not below this one, which must be above 0. Rounding
/// errors of a part in a billion do not count.
double RoundedUp(double value) {
  const double power = std::pow(10, std::floor(std::log10(value)));
  for (const double round : kRound) {
    if (round * power >= value * (1 - 1e-9)) return round * power;
  }
  return 10 * power;
}

double RoundedDown(double value) {
  const double power = std::pow(10, std::floor(std::log10(value)));
  double rounded = power;
  for (const double round : kRound) {
    if (round * power <= value * (1 + 1e-9)) rounded = round * power;
  }
  return rounded;
}

}  // namespace

void ChartAxis::AddEvenTicks(double step) {
  for (int i = 0; i * step <= max_ * (1 + 1e-9); ++i) ticks_.push_back(i * step);
}

ChartAxis ChartAxis::To(double max, Places places) {
  COUPOND_CHECK(max > 0);
  ChartAxis axis(0, max, false, places);
  axis.AddEvenTicks(RoundedUp(max / kStepsMax));
  return axis;
}

ChartAxis ChartAxis::ToTick(double max, Places places) {
  if (max <= 0) max = 1;
  const double step = RoundedUp(max / kStepsMax);
  ChartAxis axis(0, step * std::ceil(max / step * (1 - 1e-9)), false, places);
  axis.AddEvenTicks(step);
  return axis;
}

ChartAxis ChartAxis::Logarithmic(double min, double max, Places places) {
  COUPOND_CHECK(min > 0 && max >= min);
  const double first = RoundedDown(min);
  double last = RoundedUp(max);
  if (last <= first * (1 + 1e-9)) last = RoundedUp(first * 1.5);
  ChartAxis axis(first, last, true, places);
  const bool dense = std::log10(last / first) <= kDenseDecadesMax;
  for (double tick = first; tick <= last * (1 + 1e-9); tick = RoundedUp(tick * 1.5)) {
    const double decades = std::log10(tick);
    if (dense || std::abs(decades - std::round(decades)) < 1e-9) axis.ticks_.push_back(tick);
  }
  return axis;
}

double ChartAxis::PlaceOf(double value) const {
  value = std::clamp(value, min_, max_);
  const double share = logarithmic_ ? std::log(value / min_) / std::log(max_ / min_)
                                    : (value - min_) / (max_ - min_);
  return places_.first + share * (places_.last - places_.first);
}

}  // namespace coupond::ctl
