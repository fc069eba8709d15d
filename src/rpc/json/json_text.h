#ifndef COUPOND_RPC_JSON_JSON_TEXT_H_
#define COUPOND_RPC_JSON_JSON_TEXT_H_

#include <array>
#include <charconv>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

/// JSON's texts for strings and numbers. The errors complete a sentence that begins with the
/// field's name.
namespace coupond::connect {

/// Appends the text in quotes, escaping only what JSON requires. Fails, without appending anything,
/// if the text is not UTF-8.
[[nodiscard]] std::expected<void, std::string_view> AppendJsonString(std::string_view text,
                                                                     std::string& out);

/// Appends text for people that may contain any bytes: those that are not UTF-8 become '?'.
void AppendJsonStringLossy(std::string_view text, std::string& out);

/// Reads a whole number of the given type. "1.0" and "1e2" are whole, too; in these forms a number
/// beyond 2^53 is refused, because other readers would round it.
template <std::integral T>
[[nodiscard]] std::expected<T, std::string> ParseJsonInteger(std::string_view text);

/// Reads the nearest number of the given type; "NaN" and the infinities are not numbers here. A
/// number that would be rounded to infinity, or from a non-zero value to zero, is out of range.
template <std::floating_point T>
[[nodiscard]] std::expected<T, std::string> ParseJsonFloat(std::string_view text);

/// Appends the shortest text that reads back as the same number. NaN and the infinities, which JSON
/// does not have, become the strings that the protobuf mapping gives them.
template <typename T>
  requires std::integral<T> || std::floating_point<T>
void AppendJsonNumber(T value, std::string& out) {
  if constexpr (std::floating_point<T>) {
    if (!std::isfinite(value)) {
      out.append(std::isnan(value) ? "\"NaN\"" : value > 0 ? "\"Infinity\"" : "\"-Infinity\"");
      return;
    }
  }
  // Enough for every integer and for the shortest form of every double.
  std::array<char, 32> text;
  const auto result = std::to_chars(text.data(), text.data() + text.size(), value);
  out.append(text.data(), result.ptr);
}

/// Appends the same in quotes, as JSON has 64-bit integers.
template <typename T>
void AppendQuotedJsonNumber(T value, std::string& out) {
  out.push_back('"');
  AppendJsonNumber(value, out);
  out.push_back('"');
}

/// Reports whether the text is a whole number in its shortest form: "0", "-12", but not "+1", "01",
/// "-0" or "1.0".
[[nodiscard]] bool IsCanonicalInteger(std::string_view text);

}  // namespace coupond::connect

#endif  // COUPOND_RPC_JSON_JSON_TEXT_H_
