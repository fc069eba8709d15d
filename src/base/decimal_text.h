#ifndef COUPOND_BASE_DECIMAL_TEXT_H_
#define COUPOND_BASE_DECIMAL_TEXT_H_

#include <concepts>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

/// Whole numbers as people write them, in one grammar for flags, configuration files, ports and
/// sequences, so that no text means 64 in one place and 100 in another.
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

}  // namespace coupond

#endif  // COUPOND_BASE_DECIMAL_TEXT_H_
