#include "rpc/json/json_text.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace coupond::connect {
namespace {

/// The length in bytes of the character that the text begins with; 0 if it is not well-formed.
std::size_t CharacterLength(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const auto continues = [&](std::size_t i) { return i < text.size() && (byte(i) & 0xC0) == 0x80; };
  const std::uint8_t first = byte(0);
  if (first < 0x80) return 1;
  if (first < 0xC2) return 0;
  if (!continues(1)) return 0;
  if (first < 0xE0) return 2;
  const std::uint8_t second = byte(1);
  if (first < 0xF0) {
    const bool overlong = first == 0xE0 && second < 0xA0;
    const bool surrogate = first == 0xED && second >= 0xA0;
    return !overlong && !surrogate && continues(2) ? 3 : 0;
  }
  if (first > 0xF4) return 0;
  const bool overlong = first == 0xF0 && second < 0x90;
  const bool too_large = first == 0xF4 && second >= 0x90;
  return !overlong && !too_large && continues(2) && continues(3) ? 4 : 0;
}

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
  constexpr std::string_view kHex = "0123456789abcdef";
  const auto value = static_cast<std::uint8_t>(byte);
  out.append("\\u00");
  out.push_back(kHex[value >> 4]);
  out.push_back(kHex[value & 15]);
}

}  // namespace

std::size_t ValidUtf8Length(std::string_view text) {
  std::size_t place = 0;
  while (place < text.size()) {
    const std::size_t length = CharacterLength(text.substr(place));
    if (length == 0) break;
    place += length;
  }
  return place;
}

bool IsValidUtf8(std::string_view text) { return ValidUtf8Length(text) == text.size(); }

bool AppendJsonString(std::string_view text, std::string& out) {
  const std::size_t start = out.size();
  out.push_back('"');
  std::size_t copied = 0;
  std::size_t i = 0;
  while (i < text.size()) {
    const char byte_class = kByteClasses[static_cast<std::uint8_t>(text[i])];
    if (byte_class == kAsItIs) {
      ++i;
    } else if (byte_class == kNotAscii) {
      const std::size_t length = CharacterLength(text.substr(i));
      if (length == 0) {
        out.resize(start);
        return false;
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
  return true;
}

void AppendJsonStringLossy(std::string_view text, std::string& out) {
  if (AppendJsonString(text, out)) return;
  std::string valid(text);
  for (std::size_t i = 0; i < valid.size();) {
    const std::size_t length = CharacterLength(std::string_view(valid).substr(i));
    if (length == 0) valid[i] = '?';
    i += length == 0 ? 1 : length;
  }
  (void)AppendJsonString(valid, out);
}

std::string Clip(std::string_view text, std::string::size_type bytes_max) {
  if (text.size() <= bytes_max) return std::string(text);
  std::size_t end = bytes_max;
  while (end > 0 && (static_cast<std::uint8_t>(text[end]) & 0xC0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "…";
}

}  // namespace coupond::connect
