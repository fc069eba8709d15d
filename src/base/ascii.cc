#include "base/ascii.h"

#include <algorithm>
#include <charconv>
#include <system_error>

#include "base/display_text.h"

namespace coupond {
namespace {

constexpr std::size_t kFractionDigitsMax = 9;

bool IsDigits(std::string_view text) { return !text.empty() && std::ranges::all_of(text, IsDigit); }

}  // namespace

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    // Most characters are equal as they are.
    if (a[i] != b[i] && LowerCase(a[i]) != LowerCase(b[i])) return false;
  }
  return true;
}

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  const std::size_t start = text.find_first_not_of(kBlanks);
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(kBlanks) - start + 1);
}

std::string_view TakeUntil(char separator, std::string_view& text) {
  const std::string_view taken = text.substr(0, text.find(separator));
  text.remove_prefix(taken.size());
  if (!text.empty()) text.remove_prefix(1);
  return Trimmed(taken);
}

bool HasWeight(std::string_view parameters) {
  while (!parameters.empty()) {
    std::string_view parameter = TakeUntil(';', parameters);
    if (!EqualsIgnoringCase(TakeUntil('=', parameter), "q")) continue;
    // Only "0", "0.", "0.0" … are no weight.
    if (Trimmed(parameter).find_first_not_of("0.") == std::string_view::npos) return false;
  }
  return true;
}

std::expected<std::uint64_t, std::string> ParseDecimal(std::string_view text, std::uint64_t min,
                                                       std::uint64_t max) {
  const auto wrong = [&](std::string_view why) -> std::unexpected<std::string> {
    std::string message = Quoted(text) + ' ';
    message.append(why).append("; write a whole number from ");
    return std::unexpected(message + std::to_string(min) + " to " + std::to_string(max) +
                           " in decimal digits");
  };
  if (!IsDigits(text)) return wrong("is not a whole number");
  if (text.size() > 1 && text.front() == '0') return wrong("begins with a zero");
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool fits = error == std::errc() && number >= min && number <= max;
  if (!fits) return wrong(error == std::errc() && number < min ? "is too small" : "is too large");
  return number;
}

std::optional<std::int32_t> TakeDigits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return std::nullopt;
  std::int32_t value = 0;
  for (const char digit : text.substr(0, count)) {
    if (!IsDigit(digit)) return std::nullopt;
    value = value * 10 + (digit - '0');
  }
  text.remove_prefix(count);
  return value;
}

std::optional<std::int32_t> TakeFraction(std::string_view& text) {
  if (!text.starts_with('.')) return 0;
  text.remove_prefix(1);
  std::size_t count = 0;
  while (count < text.size() && IsDigit(text[count])) ++count;
  if (count == 0 || count > kFractionDigitsMax) return std::nullopt;
  std::int32_t nanoseconds = *TakeDigits(text, count);
  for (; count < kFractionDigitsMax; ++count) nanoseconds *= 10;
  return nanoseconds;
}

void AppendDigits(std::int32_t value, std::size_t count, std::string& out) {
  out.append(count, '0');
  for (std::size_t i = out.size(); value > 0; value /= 10) {
    out[--i] = static_cast<char>('0' + value % 10);
  }
}

void AppendFraction(std::int32_t nanoseconds, std::string& out) {
  if (nanoseconds == 0) return;
  out.push_back('.');
  if (nanoseconds % 1'000'000 == 0) {
    AppendDigits(nanoseconds / 1'000'000, 3, out);
  } else if (nanoseconds % 1'000 == 0) {
    AppendDigits(nanoseconds / 1'000, 6, out);
  } else {
    AppendDigits(nanoseconds, kFractionDigitsMax, out);
  }
}

}  // namespace coupond
