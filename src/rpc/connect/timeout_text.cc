#include "rpc/connect/timeout_text.h"

#include <charconv>
#include <cstddef>
#include <cstdint>

namespace coupond::connect {
namespace {

constexpr std::size_t kConnectDigitsMax = 10;
constexpr std::size_t kGrpcDigitsMax = 8;

using std::chrono::milliseconds;

std::optional<std::int64_t> ParseDigits(std::string_view text, std::size_t digits_max) {
  if (text.empty() || text.size() > digits_max) return std::nullopt;
  if (text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::optional<milliseconds> ParseGrpc(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const auto value = ParseDigits(text.substr(0, text.size() - 1), kGrpcDigitsMax);
  if (!value) return std::nullopt;
  switch (text.back()) {
    case 'H':
      return std::chrono::hours(*value);
    case 'M':
      return std::chrono::minutes(*value);
    case 'S':
      return std::chrono::seconds(*value);
    case 'm':
      return milliseconds(*value);
    case 'u':
      return std::chrono::ceil<milliseconds>(std::chrono::microseconds(*value));
    case 'n':
      return std::chrono::ceil<milliseconds>(std::chrono::nanoseconds(*value));
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<milliseconds> ParseTimeout(TimeoutForm form, std::string_view text) {
  if (form == TimeoutForm::kGrpc) return ParseGrpc(text);
  const auto value = ParseDigits(text, kConnectDigitsMax);
  if (!value || *value == 0) return std::nullopt;
  return milliseconds(*value);
}

std::string_view Describe(TimeoutForm form) {
  if (form == TimeoutForm::kGrpc) return "1 to 8 digits and one of the units H, M, S, m, u, n";
  return "a positive whole number of at most 10 digits";
}

}  // namespace coupond::connect
