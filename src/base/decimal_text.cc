#include "base/decimal_text.h"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace coupond {
namespace {

bool IsDigits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::expected<std::uint64_t, std::string> ParseDecimal(std::string_view text, std::uint64_t min,
                                                       std::uint64_t max) {
  const auto wrong = [&](std::string_view why) -> std::unexpected<std::string> {
    std::string message = "\"";
    message.append(text).append("\" ").append(why);
    return std::unexpected(message + "; write a whole number from " + std::to_string(min) + " to " +
                           std::to_string(max) + " in decimal digits");
  };
  if (!IsDigits(text)) return wrong("is not a whole number");
  if (text.size() > 1 && text.front() == '0') return wrong("begins with a zero");
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool fits = error == std::errc() && number >= min && number <= max;
  if (!fits) return wrong(error == std::errc() && number < min ? "is too small" : "is too large");
  return number;
}

}  // namespace coupond
