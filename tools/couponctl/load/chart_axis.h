#ifndef COUPOND_TOOLS_COUPONCTL_LOAD_CHART_AXIS_H_
#define COUPOND_TOOLS_COUPONCTL_LOAD_CHART_AXIS_H_

#include <vector>

namespace coupond::ctl {

/// Maps the values of a chart to places on the drawing. Its ticks are round values: 1, 2 or 5 times
/// a power of ten.
class ChartAxis {
 public:
  /// Where the smallest and the largest value are drawn, in pixels.
  struct Places {
    double first = 0;
    double last = 0;
  };

  /// From 0 to `max`.
  [[nodiscard]] static ChartAxis To(double max, Places places);
  /// From 0 to a tick that is not below `max`.
  [[nodiscard]] static ChartAxis ToTick(double max, Places places);
  /// On a logarithmic scale, from a tick that is not above `min` to one that is not below `max`.
  /// Both must be above 0.
  [[nodiscard]] static ChartAxis Logarithmic(double min, double max, Places places);

  /// Returns the place of the value, which is moved into the range of the axis.
  [[nodiscard]] double PlaceOf(double value) const;
  /// The ticks in ascending order; at least two.
  [[nodiscard]] const std::vector<double>& ticks() const { return ticks_; }

 private:
  ChartAxis(double min, double max, bool logarithmic, Places places)
      : min_(min), max_(max), logarithmic_(logarithmic), places_(places) {}
  void AddEvenTicks(double step);

  double min_;
  double max_;
  bool logarithmic_;
  Places places_;
  std::vector<double> ticks_;
};

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_LOAD_CHART_AXIS_H_
