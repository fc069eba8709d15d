#include "engine/rules/ids.h"

#include <algorithm>

#include "base/hex.h"

namespace coupond {
namespace {

constexpr std::size_t kUuidTextLength = 36;

constexpr std::array<std::size_t, 4> kHyphenPlaces = {8, 13, 18, 23};
/// Where the two digits of each byte are.
constexpr std::array<std::size_t, 16> kDigitPlaces = {0,  2,  4,  6,  9,  11, 14, 16,
                                                      19, 21, 24, 26, 28, 30, 32, 34};

}  // namespace

std::array<std::uint8_t, 16> AsRandomUuid(std::array<std::uint8_t, 16> random) {
  random[6] = static_cast<std::uint8_t>((random[6] & 0x0F) | 0x40);
  random[8] = static_cast<std::uint8_t>((random[8] & 0x3F) | 0x80);
  return random;
}

std::string FormatUuid(const std::array<std::uint8_t, 16>& bytes) {
  std::string text(kUuidTextLength, '-');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    text[kDigitPlaces[i]] = kHexDigits[bytes[i] >> 4];
    text[kDigitPlaces[i] + 1] = kHexDigits[bytes[i] & 0xf];
  }
  return text;
}

std::optional<std::array<std::uint8_t, 16>> ParseUuid(std::string_view text) {
  if (text.size() != kUuidTextLength) return std::nullopt;
  for (const std::size_t place : kHyphenPlaces) {
    if (text[place] != '-') return std::nullopt;
  }
  std::array<std::uint8_t, 16> bytes;
  unsigned all = 0;  // every digit's value; looking at them once at the end is fastest
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const unsigned high = HexDigitOrNone(text[kDigitPlaces[i]]);
    const unsigned low = HexDigitOrNone(text[kDigitPlaces[i] + 1]);
    all |= high | low;
    bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  if (all > 0xf) return std::nullopt;
  return bytes;
}

std::string FormatKeyId(KeyId key) {
  if (key == kNoKey) return {};
  std::string text;
  for (unsigned shift = 64; shift > 0; shift -= 8) {
    text.push_back(static_cast<char>(key.value() >> (shift - 8) & 0xff));
  }
  const bool is_plain = std::ranges::all_of(
      text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
  return is_plain ? text : Hex(text);
}

}  // namespace coupond
