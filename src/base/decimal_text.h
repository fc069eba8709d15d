#ifndef COUPOND_BASE_DECIMAL_TEXT_H_
#define COUPOND_BASE_DECIMAL_TEXT_H_

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

/// Whole numbers as people write them, and the digits inside times and durations. One grammar for
/// flags, configuration files, ports and sequences, so that no text means 64 in one place and 100
/// in another.
namespace coupond {

/// Reads a number in decimal digits and nothing else: no sign, no blanks, no leading zero, no 0x,
/// no exponent, no separators. The error is a message for the person who typed the text.
[[nodiscard]] std::expected<std::uint64_t, std::string> ParseDecimal(std::string_view text,
                                                                     std::uint64_t min,
                                                                     std::uint64_t max);

/// Reads a number as ParseDecimal does, into another type. `min` and `max` must not be negative.
template <std::integral T>
[[nodiscard]] std::expected<T, std::string> ParseDecimalAs(std::string_view text, T min, T max) {
  auto number =
      ParseDecimal(text, static_cast<std::uint64_t>(min), static_cast<std::uint64_t>(max));
  if (!number) return std::unexpected(std::move(number.error()));
  return static_cast<T>(*number);
}

/// Removes exactly `count` digits, at most 9, from the front of the text and returns their value.
/// Returns nullopt if the text does not begin with that many digits.
[[nodiscard]] std::optional<std::int32_t> TakeDigits(std::string_view& text, std::size_t count);

/// Removes a fraction of a second such as ".123" from the front of the text and returns it in
/// nanoseconds: 0 if there is no point, nullopt unless 1 to 9 digits follow the point.
[[nodiscard]] std::optional<std::int32_t> TakeFraction(std::string_view& text);

/// Appends exactly `count` digits, with leading zeros. `value` must not be negative or longer.
void AppendDigits(std::int32_t value, std::size_t count, std::string& out);

/// Appends nothing for 0, otherwise a point and 3, 6 or 9 digits: the fewest that are exact.
void AppendFraction(std::int32_t nanoseconds, std::string& out);

}  // namespace coupond

#endif  // COUPOND_BASE_DECIMAL_TEXT_H_
