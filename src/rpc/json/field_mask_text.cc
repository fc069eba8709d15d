#include "rpc/json/field_mask_text.h"

#include "base/ascii.h"

namespace coupond::connect {
std::optional<std::string> FieldMaskPathFromJson(std::string_view path) {
  std::string snake;
  bool starts_name = true;
  for (const char c : path) {
    const bool is_upper = IsUpperCaseLetter(c);
    if (!is_upper && !IsLowerCaseLetter(c) && !IsDigit(c) && c != '.') return std::nullopt;
    if (is_upper && starts_name) return std::nullopt;
    if (is_upper) snake.push_back('_');
    snake.push_back(is_upper ? LowerCase(c) : c);
    starts_name = c == '.';
  }
  return snake;
}

std::optional<std::string> FieldMaskPathToJson(std::string_view path) {
  std::string camel;
  bool capital = false;
  for (const char c : path) {
    if (IsUpperCaseLetter(c) || (capital && !IsLowerCaseLetter(c))) return std::nullopt;
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
