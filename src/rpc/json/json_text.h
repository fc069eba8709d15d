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

/// Strings and numbers as JSON writes them. The errors are the end of a sentence that begins with
/// the field's name.
namespace coupond::connect {

/// Appends the text in quotes, escaping only what JSON demands. The error, after which nothing was
/// appended, is the end of a sentence: the text is not UTF-8.
[[nodiscard]] std::expected<void, std::string_view> AppendJsonString(std::string_view text,
                                                                     std::string& out);

/// Appends text that people read and that may hold anything: bytes that are not UTF-8 become '?'.
void AppendJsonStringLossy(std::string_view text, std::string& out);

/// Reads a whole number of the given type. "1.0" and "1e2" are whole too; written in that way, a
/// number past 2^53 is refused, because other readers would round it.
template <std::integral T>
[[nodiscard]] std::expected<T, std::string> ParseJsonInteger(std::string_view text);

/// Reads the nearest number of the given type; "NaN" and the infinities are not numbers here. One
/// that the type could only hold as infinity, or as zero though it is none, is out of range.
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

/// The same in quotes, as 64-bit integers are written.
template <typename T>
void AppendQuotedJsonNumber(T value, std::string& out) {
  out.push_back('"');
  AppendJsonNumber(value, out);
  out.push_back('"');
}

/// True for a whole number that is written as one: "0", "-12", but not "+1", "01", "-0" or "1.0".
[[nodiscard]] bool IsCanonicalInteger(std::string_view text);

}  // namespace coupond::connect

#endif  // COUPOND_RPC_JSON_JSON_TEXT_H_
