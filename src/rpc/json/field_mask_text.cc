#include "rpc/json/field_mask_text.h"

#include "base/decimal_digits.h"

namespace coupond::connect {
namespace {

constexpr bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool IsLower(char c) { return c >= 'a' && c <= 'z'; }

}  // namespace

std::optional<std::string> FieldMaskPathFromJson(std::string_view path) {
  std::string snake;
  bool starts_name = true;
  for (const char c : path) {
    const bool is_upper = IsUpper(c);
    if (!is_upper && !IsLower(c) && !IsDigit(c) && c != '.') return std::nullopt;
    if (is_upper && starts_name) return std::nullopt;
    if (is_upper) snake.push_back('_');
    snake.push_back(is_upper ? static_cast<char>(c - 'A' + 'a') : c);
    starts_name = c == '.';
  }
  return snake;
}

std::optional<std::string> FieldMaskPathToJson(std::string_view path) {
  std::string camel;
  bool capital = false;
  for (const char c : path) {
    if (IsUpper(c) || (capital && !IsLower(c))) return std::nullopt;
    if (c == '_') {
      capital = true;
    } else {
      camel.push_back(capital ? static_cast<char>(c - 'a' + 'A') : c);
      capital = false;
    }
  }
  if (capital || FieldMaskPathFromJson(camel) != path) return std::nullopt;
  return camel;
}

}  // namespace coupond::connect
