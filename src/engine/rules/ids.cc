#include "engine/rules/ids.h"

#include "base/hex.h"

namespace coupond {
namespace {

constexpr std::size_t kUuidTextLength = 36;

constexpr bool IsHyphenPlace(std::size_t place) {
  return place == 8 || place == 13 || place == 18 || place == 23;
}

}  // namespace

std::array<std::uint8_t, 16> AsRandomUuid(std::array<std::uint8_t, 16> random) {
  random[6] = static_cast<std::uint8_t>((random[6] & 0x0F) | 0x40);
  random[8] = static_cast<std::uint8_t>((random[8] & 0x3F) | 0x80);
  return random;
}

std::string FormatUuid(const std::array<std::uint8_t, 16>& bytes) {
  std::string text;
  text.reserve(kUuidTextLength);
  for (const std::uint8_t byte : bytes) {
    if (IsHyphenPlace(text.size())) text.push_back('-');
    AppendHex(byte, kHexDigits, text);
  }
  return text;
}

std::optional<std::array<std::uint8_t, 16>> ParseUuid(std::string_view text) {
  if (text.size() != kUuidTextLength) return std::nullopt;
  std::array<std::uint8_t, 16> bytes{};
  std::size_t digits = 0;
  for (std::size_t place = 0; place < text.size(); ++place) {
    if (IsHyphenPlace(place)) {
      if (text[place] != '-') return std::nullopt;
      continue;
    }
    const std::optional<std::uint8_t> digit = HexDigitValue(text[place]);
    if (!digit) return std::nullopt;
    auto& byte = bytes[digits / 2];
    byte = static_cast<std::uint8_t>((byte << 4) | *digit);
    ++digits;
  }
  return bytes;
}

}  // namespace coupond
