#ifndef COUPOND_BASE_DURATION_TEXT_H_
#define COUPOND_BASE_DURATION_TEXT_H_

#include <chrono>
#include <expected>
#include <string>
#include <string_view>

/// Durations as people write them: a number and a unit.
namespace coupond {

/// "500ms", "30s", "1.5s", "5m", "2h", "1d"; not negative, at most 100 years, without leading
/// zeros. The error says what is wrong in words for the person who typed it.
[[nodiscard]] std::expected<std::chrono::nanoseconds, std::string> ParseDuration(
    std::string_view text);

/// The largest two units that are not zero: "1d 2h", "5m 3s", "1.5s", "20ms", "0s". Rounded down.
[[nodiscard]] std::string FormatDuration(std::chrono::nanoseconds duration);

}  // namespace coupond

#endif  // COUPOND_BASE_DURATION_TEXT_H_
