#ifndef COUPOND_BASE_HEX_H_
#define COUPOND_BASE_HEX_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>

/// Hexadecimal digits.
namespace coupond {

inline constexpr std::string_view kHexDigits = "0123456789abcdef";
inline constexpr std::string_view kUpperCaseHexDigits = "0123456789ABCDEF";

/// The value of each character as a hexadecimal digit in either case, or 0xff if it is not one.
inline constexpr std::array<std::uint8_t, 256> kHexDigitValues = [] {
  std::array<std::uint8_t, 256> values;
  values.fill(0xff);
  for (std::uint8_t value = 0; value < 16; ++value) {
    values[static_cast<unsigned char>(kHexDigits[value])] = value;
    values[static_cast<unsigned char>(kUpperCaseHexDigits[value])] = value;
  }
  return values;
}();

/// Returns the value of a hexadecimal digit in either case, or a number above 15 if `c` is not one.
[[nodiscard]] constexpr std::uint8_t HexDigitOrNone(char c) {
  return kHexDigitValues[static_cast<unsigned char>(c)];
}

/// Returns the value of a hexadecimal digit in either case, or nullopt if `c` is not one.
[[nodiscard]] constexpr std::optional<std::uint8_t> HexDigitValue(char c) {
  const std::uint8_t value = HexDigitOrNone(c);
  return value < 16 ? std::optional(value) : std::nullopt;
}

/// Appends the two digits of a byte, out of kHexDigits or kUpperCaseHexDigits.
inline void AppendHex(std::uint8_t byte, std::string_view digits, std::string& out) {
  out.push_back(digits[byte >> 4]);
  out.push_back(digits[byte & 0xf]);
}

/// Returns two lower-case digits for each byte of a string, an array or another range of bytes.
template <std::ranges::sized_range Bytes>
  requires(sizeof(std::ranges::range_value_t<Bytes>) == 1)
[[nodiscard]] std::string Hex(const Bytes& bytes) {
  std::string text;
  text.reserve(2 * static_cast<std::size_t>(std::ranges::size(bytes)));
  for (const auto byte : bytes) AppendHex(static_cast<std::uint8_t>(byte), kHexDigits, text);
  return text;
}

}  // namespace coupond

#endif  // COUPOND_BASE_HEX_H_
