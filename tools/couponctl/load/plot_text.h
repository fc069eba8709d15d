#ifndef COUPOND_TOOLS_COUPONCTL_LOAD_PLOT_TEXT_H_
#define COUPOND_TOOLS_COUPONCTL_LOAD_PLOT_TEXT_H_

#include <cstdint>
#include <string>
#include <string_view>

/// Numbers and times as a drawing writes them.
namespace coupond::ctl {

/// Returns the number with commas: "1,203,000".
[[nodiscard]] std::string Grouped(std::uint64_t number);

/// Returns the text of a tick: whole and with commas from 10 on, otherwise with its decimals.
[[nodiscard]] std::string TickText(double value);

/// A unit of the time axis.
struct TimeUnit {
  std::string_view name;
  double nanoseconds;
};

/// Returns the largest unit of which there are at least two in `span` nanoseconds.
[[nodiscard]] TimeUnit UnitFor(double span);

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_LOAD_PLOT_TEXT_H_
