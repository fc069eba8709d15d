#include "rpc/json/text_encoding.h"

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/hex.h"
#include "base/utf8.h"

namespace coupond::connect {
namespace {

struct ByteOrderMark {
  std::string_view bytes;
  std::string_view encoding;
};

// Longer marks come first: UTF-32's little-endian mark begins with that of UTF-16.
constexpr std::array kByteOrderMarks = {
    ByteOrderMark{std::string_view("\xFF\xFE\0\0", 4), "UTF-32"},
    ByteOrderMark{std::string_view("\0\0\xFE\xFF", 4), "UTF-32"},
    ByteOrderMark{"\xFF\xFE", "UTF-16"},
    ByteOrderMark{"\xFE\xFF", "UTF-16"},
};

/// Guesses the encoding from the zeros among the first bytes, which works because JSON begins with
/// an ASCII character. Returns an empty string if it is neither UTF-16 nor UTF-32.
std::string_view EncodingByZeros(std::string_view json) {
  const auto is_zero = [json](std::size_t place) {
    return place < json.size() && json[place] == '\0';
  };
  if (is_zero(0)) return is_zero(1) && is_zero(2) && !is_zero(3) ? "UTF-32" : "UTF-16";
  if (is_zero(1)) return is_zero(2) && is_zero(3) ? "UTF-32" : "UTF-16";
  return {};
}

}  // namespace

std::optional<std::string> NotUtf8Problem(std::string_view text) {
  const std::size_t place = ValidUtf8Length(text);
  if (place == text.size()) return std::nullopt;
  std::string problem = "byte " + std::to_string(place) + " (0x";
  AppendHex(static_cast<std::uint8_t>(text[place]), kUpperCaseHexDigits, problem);
  return problem + ") is not UTF-8; send UTF-8, not CP949 or another encoding";
}

std::optional<std::string> JsonEncodingProblem(std::string_view json) {
  if (json.starts_with("\xEF\xBB\xBF")) {
    return "the JSON begins with a byte order mark; send it in UTF-8 without one";
  }
  for (const ByteOrderMark& mark : kByteOrderMarks) {
    if (json.starts_with(mark.bytes)) {
      return "the JSON is not UTF-8 (it begins with a " + std::string(mark.encoding) +
             " byte order mark); send it in UTF-8 without one";
    }
  }
  if (const std::string_view encoding = EncodingByZeros(json); !encoding.empty()) {
    return "the JSON is not UTF-8 (it looks like " + std::string(encoding) + "); send it in UTF-8";
  }
  if (const auto problem = NotUtf8Problem(json)) return "invalid JSON: " + *problem;
  return std::nullopt;
}

}  // namespace coupond::connect
