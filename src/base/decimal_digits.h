#ifndef COUPOND_BASE_DECIMAL_DIGITS_H_
#define COUPOND_BASE_DECIMAL_DIGITS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Runs of decimal digits inside timestamps and durations.
namespace coupond::connect {

[[nodiscard]] constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }

/// Takes exactly `count` (at most 9) digits off the front of the text.
[[nodiscard]] constexpr std::optional<std::int32_t> TakeDigits(std::string_view& text,
                                                               std::size_t count) {
  if (text.size() < count) return std::nullopt;
  std::int32_t value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (!IsDigit(text[i])) return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return value;
}

/// Takes ".123" off the front of the text, as nanoseconds: 0 if there is no point, nothing unless 1
/// to 9 digits follow the point.
[[nodiscard]] constexpr std::optional<std::int32_t> TakeFraction(std::string_view& text) {
  if (!text.starts_with('.')) return 0;
  text.remove_prefix(1);
  std::size_t count = 0;
  while (count < text.size() && IsDigit(text[count])) ++count;
  if (count == 0 || count > 9) return std::nullopt;
  std::int32_t nanos = *TakeDigits(text, count);
  for (; count < 9; ++count) nanos *= 10;
  return nanos;
}

/// Appends exactly `count` digits, with leading zeros.
inline void AppendDigits(std::int32_t value, std::size_t count, std::string& out) {
  out.append(count, '0');
  for (std::size_t i = out.size(); value > 0; value /= 10) {
    out[--i] = static_cast<char>('0' + value % 10);
  }
}

/// Appends nothing for 0, else a point and 3, 6 or 9 digits: as few as say it exactly.
inline void AppendFraction(std::int32_t nanos, std::string& out) {
  if (nanos == 0) return;
  out.push_back('.');
  if (nanos % 1'000'000 == 0) {
    AppendDigits(nanos / 1'000'000, 3, out);
  } else if (nanos % 1'000 == 0) {
    AppendDigits(nanos / 1'000, 6, out);
  } else {
    AppendDigits(nanos, 9, out);
  }
}

}  // namespace coupond::connect

#endif  // COUPOND_BASE_DECIMAL_DIGITS_H_
