#include "rpc/http/handler.h"

#include <algorithm>

namespace coupond::http {
namespace {

char LowerAscii(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool SameName(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, LowerAscii, LowerAscii);
}

}  // namespace

std::optional<std::string_view> Request::Header(std::string_view name) const {
  for (const HeaderField& field : headers) {
    if (SameName(field.name, name)) return field.value;
  }
  return std::nullopt;
}

}  // namespace coupond::http
