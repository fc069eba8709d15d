#include "base/duration_text.h"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <limits>

#include "base/display_text.h"

namespace coupond {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t nanoseconds;
};

// Largest first, as FormatDuration wants them. No two fit the same text: the whole rest must match.
constexpr std::array kUnits = {
    Unit{"d", 86'400'000'000'000},
    Unit{"h", 3'600'000'000'000},
    Unit{"m", 60'000'000'000},
    Unit{"s", 1'000'000'000},
    Unit{"ms", 1'000'000},
    Unit{"us", 1'000},
    Unit{"ns", 1},
};
// Beyond every limit of an option, and so far from the largest integer that a digit more does not
// overflow.
constexpr std::int64_t kDurationMaxDays = 100'000;
constexpr std::int64_t kDurationMaxNanoseconds = kDurationMaxDays * 86'400'000'000'000;
static_assert(kDurationMaxNanoseconds <=
              std::numeric_limits<std::int64_t>::max() - 9 * kUnits.front().nanoseconds);

std::unexpected<std::string> NotADuration(std::string_view text) {
  return std::unexpected(
      Quoted(text) +
      " is not a duration; write a number and a unit, such as 500ms, 30s, 5m, 2h or 1d");
}

std::string OneDecimal(std::int64_t value, std::int64_t unit, std::string_view name) {
  const std::int64_t tenths = (value % unit) * 10 / unit;
  return tenths == 0 ? fmt::format("{}{}", value / unit, name)
                     : fmt::format("{}.{}{}", value / unit, tenths, name);
}

}  // namespace

std::expected<std::chrono::nanoseconds, std::string> ParseDuration(std::string_view text) {
  // Integer and fractional digits are added up as integers, so that 0.1s is exactly 100ms.
  const std::size_t end = text.find_first_not_of("0123456789.");
  if (end == std::string_view::npos || end == 0) return NotADuration(text);
  const std::string_view number = text.substr(0, end);
  const Unit* unit = nullptr;
  for (const Unit& candidate : kUnits) {
    if (text.substr(end) == candidate.name) unit = &candidate;
  }
  const std::size_t point = number.find('.');
  const std::string_view whole = number.substr(0, point);
  const std::string_view decimals =
      point == std::string_view::npos ? std::string_view() : number.substr(point + 1);
  if (unit == nullptr || whole.empty() || decimals.find('.') != std::string_view::npos ||
      (point != std::string_view::npos && decimals.empty())) {
    return NotADuration(text);
  }
  if (whole.size() > 1 && whole.front() == '0') {
    return std::unexpected(Quoted(text) + " begins with a zero; write it without");
  }
  std::int64_t total = 0;
  for (const char digit : whole) {
    // Checked before the multiplication, so that nothing overflows.
    if (total <= kDurationMaxNanoseconds / 10) {
      total = total * 10 + (digit - '0') * unit->nanoseconds;
      if (total <= kDurationMaxNanoseconds) continue;
    }
    return std::unexpected(
        fmt::format("{} is too long; at most {}d", Quoted(text), kDurationMaxDays));
  }
  std::int64_t place = unit->nanoseconds;
  for (const char digit : decimals) {
    place /= 10;
    total += (digit - '0') * place;
  }
  return std::chrono::nanoseconds(total);
}

std::string FormatDuration(std::chrono::nanoseconds duration) {
  const std::int64_t value = duration.count();
  if (value < 0) return "-" + FormatDuration(std::chrono::nanoseconds(-value));
  for (std::size_t i = 0; i < kUnits.size(); ++i) {
    const Unit& unit = kUnits[i];
    if (value < unit.nanoseconds) continue;
    // Days, hours and minutes read best with the next smaller unit, others with a decimal.
    if (unit.nanoseconds <= 1'000'000'000) return OneDecimal(value, unit.nanoseconds, unit.name);
    const Unit& smaller = kUnits[i + 1];
    const std::int64_t rest = (value % unit.nanoseconds) / smaller.nanoseconds;
    const std::string first = fmt::format("{}{}", value / unit.nanoseconds, unit.name);
    return rest == 0 ? first : fmt::format("{} {}{}", first, rest, smaller.name);
  }
  return "0s";
}

}  // namespace coupond
