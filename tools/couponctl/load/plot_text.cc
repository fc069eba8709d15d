#include "couponctl/load/plot_text.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstddef>

namespace coupond::ctl {
namespace {

constexpr std::array kTimeUnits = {TimeUnit{"h", 3600e9}, TimeUnit{"min", 60e9}, TimeUnit{"s", 1e9},
                                   TimeUnit{"ms", 1e6}};

}  // namespace

std::string Grouped(std::uint64_t number) {
  std::string text = fmt::format("{}", number);
  for (std::size_t i = text.size(); i > 3;) text.insert(i -= 3, 1, ',');
  return text;
}

std::string TickText(double value) {
  return value >= 10 ? Grouped(static_cast<std::uint64_t>(std::llround(value)))
                     : fmt::format("{:g}", value);
}

TimeUnit UnitFor(double span) {
  for (const TimeUnit& unit : kTimeUnits) {
    if (span >= 2 * unit.nanoseconds) return unit;
  }
  return kTimeUnits.back();
}

}  // namespace coupond::ctl
