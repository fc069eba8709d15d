#include "rpc/json/base64.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace coupond::connect {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::int8_t kNone = -1;

constexpr std::array<std::int8_t, 256> kValues = [] {
  std::array<std::int8_t, 256> values{};
  values.fill(kNone);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::int8_t>(i);
  }
  values['-'] = 62;
  values['_'] = 63;
  return values;
}();

/// Returns the text without its padding, or nullopt if the padding is wrong.
std::optional<std::string_view> WithoutPadding(std::string_view text) {
  const std::size_t end = text.find('=');
  if (end == std::string_view::npos) return text;
  const std::string_view padding = text.substr(end);
  if (text.size() % 4 != 0 || padding.size() > 2 || padding.back() != '=') return std::nullopt;
  return text.substr(0, end);
}

}  // namespace

void AppendBase64(std::string_view bytes, Base64Padding padding, std::string& out) {
  std::uint32_t bits = 0;
  int bit_count = 0;
  for (const char byte : bytes) {
    bits = (bits << 8) | static_cast<unsigned char>(byte);
    for (bit_count += 8; bit_count >= 6;) {
      bit_count -= 6;
      out.push_back(kAlphabet[(bits >> bit_count) & 63]);
    }
  }
  if (bit_count > 0) out.push_back(kAlphabet[(bits << (6 - bit_count)) & 63]);
  if (padding == Base64Padding::kPadded) out.append((3 - bytes.size() % 3) % 3, '=');
}

std::optional<std::string> DecodeBase64(std::string_view text) {
  const std::optional<std::string_view> digits = WithoutPadding(text);
  if (!digits || digits->size() % 4 == 1) return std::nullopt;
  const bool standard = digits->find_first_of("+/") != std::string_view::npos;
  const bool url_safe = digits->find_first_of("-_") != std::string_view::npos;
  if (standard && url_safe) return std::nullopt;

  std::string bytes;
  bytes.reserve(digits->size() / 4 * 3 + 2);
  std::uint32_t bits = 0;
  int bit_count = 0;
  for (const char digit : *digits) {
    const std::int8_t value = kValues[static_cast<unsigned char>(digit)];
    if (value == kNone) return std::nullopt;
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    bit_count += 6;
    if (bit_count >= 8) {
      bit_count -= 8;
      bytes.push_back(static_cast<char>((bits >> bit_count) & 255));
    }
  }
  if ((bits & ((1U << bit_count) - 1)) != 0) return std::nullopt;
  return bytes;
}

}  // namespace coupond::connect
