#include "rpc/json/json_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <system_error>
#include <utility>

#include "base/ascii.h"
#include "base/display_text.h"
#include "base/hex.h"
#include "base/utf8.h"

namespace coupond::connect {
namespace {

/// How a byte of a string is written. Every other value is the letter of its short escape.
enum ByteClass : char { kAsItIs = 0, kNotAscii = 1, kControl = 2 };

constexpr std::array<char, 256> kByteClasses = [] {
  std::array<char, 256> classes{};
  for (std::size_t i = 0; i < 0x20; ++i) classes[i] = kControl;
  for (std::size_t i = 0x80; i < 256; ++i) classes[i] = kNotAscii;
  classes['"'] = '"';
  classes['\\'] = '\\';
  classes['\b'] = 'b';
  classes['\f'] = 'f';
  classes['\n'] = 'n';
  classes['\r'] = 'r';
  classes['\t'] = 't';
  return classes;
}();

void AppendEscape(char byte, char byte_class, std::string& out) {
  if (byte_class != kControl) {
    out.push_back('\\');
    out.push_back(byte_class);
    return;
  }
  out.append("\\u00");
  AppendHex(static_cast<std::uint8_t>(byte), kHexDigits, out);
}

constexpr std::int64_t kExactDoubleMax = 9'007'199'254'740'992;  // 2^53
/// More zeros than any 64-bit number has.
constexpr std::int64_t kZerosMax = 30;
/// More than the digits of any text, so that an exponent clamped to this still outweighs them.
constexpr std::int64_t kExponentMax = std::int64_t{1} << 40;

enum class Form { kNotANumber, kInteger, kFraction };

void SkipDigits(std::string_view& text) {
  while (!text.empty() && IsDigit(text.front())) text.remove_prefix(1);
}

/// Returns which form of RFC 8259's number grammar the text has. The JSON parser has not checked
/// numbers in strings.
Form FormOf(std::string_view text) {
  const auto take_digits = [&] {
    const std::size_t before = text.size();
    SkipDigits(text);
    return text.size() < before;
  };
  if (text.starts_with('-')) text.remove_prefix(1);
  if (text.starts_with('0')) {
    text.remove_prefix(1);
  } else if (!take_digits()) {
    return Form::kNotANumber;
  }
  if (text.empty()) return Form::kInteger;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    if (!take_digits()) return Form::kNotANumber;
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
    if (!take_digits()) return Form::kNotANumber;
  }
  return text.empty() ? Form::kFraction : Form::kNotANumber;
}

/// Returns the value of a well-formed number. Fails if it is out of the type's range.
template <typename T>
std::expected<T, std::errc> FromChars(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::unexpected(error);
  return value;
}

/// Reads the digits after the "e", which may have a sign.
std::int64_t ReadExponent(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto read = FromChars<std::int64_t>(text);
  if (!read) return text.starts_with('-') ? -kExponentMax : kExponentMax;
  return std::clamp(*read, -kExponentMax, kExponentMax);
}

/// Returns the digits of a whole number with a fraction or an exponent, computed exactly:
/// "-12.50e1" is
/// "-125". Returns nullopt if the number is not whole. A number that is too large for any type may
/// become another one that is too large, too.
std::optional<std::string> WholeDigits(std::string_view text) {
  const std::size_t mantissa_end = text.find_first_of("eE");
  const std::string_view mantissa = text.substr(0, mantissa_end);
  const std::size_t point = mantissa.find('.');
  std::string digits(mantissa.substr(0, point));
  // The number of places by which the point is to the right of the digits, or to the left if
  // negative.
  std::int64_t shift = 0;
  if (mantissa_end != std::string_view::npos) shift = ReadExponent(text.substr(mantissa_end + 1));
  if (point != std::string_view::npos) {
    const std::string_view fraction = mantissa.substr(point + 1);
    digits.append(fraction);
    shift -= static_cast<std::int64_t>(fraction.size());
  }
  if (digits.find_first_not_of("-0") == std::string::npos) return "0";
  // Without trailing zeros, the number is whole only if the exponent makes up for the fraction.
  for (; digits.back() == '0'; ++shift) digits.pop_back();
  if (shift < 0) return std::nullopt;
  digits.append(static_cast<std::size_t>(std::min(shift, kZerosMax)), '0');
  return digits;
}

template <typename T>
constexpr std::string_view TypeName() {
  if constexpr (std::same_as<T, std::int32_t>) return "int32";
  if constexpr (std::same_as<T, std::int64_t>) return "int64";
  if constexpr (std::same_as<T, std::uint32_t>) return "uint32";
  if constexpr (std::same_as<T, std::uint64_t>) return "uint64";
  if constexpr (std::same_as<T, float>) return "float";
  if constexpr (std::same_as<T, double>) return "double";
}

std::unexpected<std::string> Wrong(std::string_view text, std::string_view reason) {
  return std::unexpected(Clipped(text) + " " + std::string(reason));
}

std::unexpected<std::string> NotANumber(std::string_view text) {
  return std::unexpected(Quoted(text) + " is not a number");
}

template <typename T>
std::unexpected<std::string> OutOfRange(std::string_view text) {
  return Wrong(text, "is out of range for " + std::string(TypeName<T>()));
}

}  // namespace

std::expected<void, std::string_view> AppendJsonString(std::string_view text, std::string& out) {
  const std::size_t start = out.size();
  out.push_back('"');
  std::size_t copied = 0;
  std::size_t i = 0;
  while (i < text.size()) {
    const char byte_class = kByteClasses[static_cast<std::uint8_t>(text[i])];
    if (byte_class == kAsItIs) {
      ++i;
    } else if (byte_class == kNotAscii) {
      const std::size_t length = FirstUtf8Length(text.substr(i));
      if (length == 0) {
        out.resize(start);
        return std::unexpected("is not valid UTF-8");
      }
      i += length;
    } else {
      out.append(text, copied, i - copied);
      AppendEscape(text[i], byte_class, out);
      copied = ++i;
    }
  }
  out.append(text, copied);
  out.push_back('"');
  return {};
}

void AppendJsonStringLossy(std::string_view text, std::string& out) {
  if (AppendJsonString(text, out)) return;
  std::string valid(text);
  for (std::size_t i = 0; i < valid.size();) {
    const std::size_t length = FirstUtf8Length(std::string_view(valid).substr(i));
    if (length == 0) valid[i] = '?';
    i += length == 0 ? 1 : length;
  }
  (void)AppendJsonString(valid, out);
}

template <std::integral T>
std::expected<T, std::string> ParseJsonInteger(std::string_view text) {
  const Form form = FormOf(text);
  if (form == Form::kNotANumber) return NotANumber(text);
  // Other readers differ even on -0.
  if (std::unsigned_integral<T> && text.starts_with('-')) return OutOfRange<T>(text);
  if (form == Form::kInteger) {
    const auto value = FromChars<T>(text);
    if (!value) return OutOfRange<T>(text);
    return *value;
  }
  const std::optional<std::string> digits = WholeDigits(text);
  if (!digits) return Wrong(text, "is not a whole number");
  const auto value = FromChars<T>(*digits);
  if (!value) return OutOfRange<T>(text);
  if (std::cmp_less(*value, -kExactDoubleMax) || std::cmp_greater(*value, kExactDoubleMax)) {
    return Wrong(text, "is too large to be exact in this form; write all its digits");
  }
  return *value;
}

template <std::floating_point T>
std::expected<T, std::string> ParseJsonFloat(std::string_view text) {
  if (FormOf(text) == Form::kNotANumber) return NotANumber(text);
  const auto value = FromChars<T>(text);
  if (!value) return OutOfRange<T>(text);
  return *value;
}

bool IsCanonicalInteger(std::string_view text) {
  return FormOf(text) == Form::kInteger && text != "-0";
}

template std::expected<std::int32_t, std::string> ParseJsonInteger(std::string_view);
template std::expected<std::int64_t, std::string> ParseJsonInteger(std::string_view);
template std::expected<std::uint32_t, std::string> ParseJsonInteger(std::string_view);
template std::expected<std::uint64_t, std::string> ParseJsonInteger(std::string_view);
template std::expected<float, std::string> ParseJsonFloat(std::string_view);
template std::expected<double, std::string> ParseJsonFloat(std::string_view);

}  // namespace coupond::connect
