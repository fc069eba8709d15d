#ifndef COUPOND_BASE_DURATION_TEXT_H_
#define COUPOND_BASE_DURATION_TEXT_H_

#include <chrono>
#include <expected>
#include <string>
#include <string_view>

/// Durations as people write them: a number and a unit.
namespace coupond {

/// Reads a duration such as "500ms", "30s", "1.5s", "5m", "2h" or "1d": not negative, at most
/// 100,000 days, without leading zeros. The error is a message for the person who typed the text.
[[nodiscard]] std::expected<std::chrono::nanoseconds, std::string> ParseDuration(
    std::string_view text);

/// Returns the duration in its largest units, rounded down: "1d 2h", "5m 3s", "1.5s", "20ms", "0s".
[[nodiscard]] std::string FormatDuration(std::chrono::nanoseconds duration);

}  // namespace coupond

#endif  // COUPOND_BASE_DURATION_TEXT_H_
