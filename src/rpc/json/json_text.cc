#include "rpc/json/json_text.h"

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/hex.h"
#include "base/utf8.h"

namespace coupond::connect {
namespace {

/// What to do with a byte of a string; every other value is the letter of its short escape.
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

}  // namespace coupond::connect
