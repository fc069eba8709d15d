#ifndef COUPOND_BASE_ASCII_H_
#define COUPOND_BASE_ASCII_H_

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

/// Text in ASCII: its characters, the lists and parameters of header fields, and whole numbers.
/// There is one grammar of numbers for options, configuration files, ports, times and durations, so
/// that no text means 64 in one place and 100 in another.
namespace coupond {

[[nodiscard]] constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }
[[nodiscard]] constexpr bool IsLowerCaseLetter(char c) { return c >= 'a' && c <= 'z'; }
[[nodiscard]] constexpr bool IsUpperCaseLetter(char c) { return c >= 'A' && c <= 'Z'; }

/// Returns the lower-case form of an ASCII letter, and every other character unchanged.
[[nodiscard]] constexpr char LowerCase(char c) {
  return IsUpperCaseLetter(c) ? static_cast<char>(c - 'A' + 'a') : c;
}

[[nodiscard]] constexpr bool IsLetter(char c) { return IsLowerCaseLetter(LowerCase(c)); }

/// Compares two texts, ignoring the case of ASCII letters.
[[nodiscard]] bool EqualsIgnoringCase(std::string_view a, std::string_view b);

/// Returns the text without the spaces and tabs around it.
[[nodiscard]] std::string_view Trimmed(std::string_view text);

/// Removes the first element of a list, and the separator after it, from the front of `text`.
/// Returns the element, trimmed. The text is empty after the last element.
[[nodiscard]] std::string_view TakeUntil(char separator, std::string_view& text);

/// Reports whether the parameters of an element of an Accept or Accept-Encoding field, such as
/// "charset=utf-8;q=0.5", leave it acceptable: there is no weight, or one above 0 (RFC 9110,
/// section 12.4.2).
[[nodiscard]] bool HasWeight(std::string_view parameters);

/// Reads a number in decimal digits and nothing else: no sign, no blanks, no leading zero, no 0x,
/// no exponent, no separators. The error is a message for the person who typed the text.
[[nodiscard]] std::expected<std::uint64_t, std::string> ParseDecimal(std::string_view text,
                                                                     std::uint64_t min,
                                                                     std::uint64_t max);

/// Reads a number as ParseDecimal does, into another type. `min` and `max` must not be negative.
template <std::integral T>
[[nodiscard]] std::expected<T, std::string> ParseDecimalAs(std::string_view text, T min, T max) {
  const std::uint64_t number =
      TRY(ParseDecimal(text, static_cast<std::uint64_t>(min), static_cast<std::uint64_t>(max)));
  return static_cast<T>(number);
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

#endif  // COUPOND_BASE_ASCII_H_
