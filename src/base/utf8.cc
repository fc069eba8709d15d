#include "base/utf8.h"

namespace coupond {

std::size_t FirstUtf8Length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const auto continues = [&](std::size_t i) {
    return i < text.size() && IsUtf8Continuation(text[i]);
  };
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

std::size_t ValidUtf8Length(std::string_view text) {
  std::size_t place = 0;
  while (place < text.size()) {
    const std::size_t length = FirstUtf8Length(text.substr(place));
    if (length == 0) break;
    place += length;
  }
  return place;
}

}  // namespace coupond
