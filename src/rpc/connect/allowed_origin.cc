#include "rpc/connect/allowed_origin.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>

#include "base/ascii.h"
#include "base/hex.h"

namespace coupond::connect {
namespace {

constexpr std::string_view kSchemeEnd = "://";

bool IsScheme(std::string_view text) {
  return !text.empty() && IsLetter(text.front()) && std::ranges::all_of(text, [](char c) {
    return IsLetter(c) || IsDigit(c) || c == '+' || c == '-' || c == '.';
  });
}

bool IsHost(std::string_view text) {
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
    return std::ranges::all_of(text.substr(1, text.size() - 2),
                               [](char c) { return HexDigitValue(c) || c == ':' || c == '.'; });
  }
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return IsLetter(c) || IsDigit(c) || c == '-' || c == '.' || c == '_';
  });
}

bool IsPort(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && text.front() != '0';
}

bool IsSchemesOwnPort(std::string_view scheme, std::string_view port) {
  return (scheme == "http" && port == "80") || (scheme == "https" && port == "443");
}

std::unexpected<std::string> Wrong(std::string_view text, const std::string& why) {
  return std::unexpected("\"" + std::string(text) + "\" is no origin: " + why +
                         "; give one such as https://app.example.com or http://localhost:3000, "
                         "or * for any");
}

}  // namespace

std::expected<AllowedOrigin, std::string> AllowedOrigin::Parse(std::string_view text) {
  if (text == "*") return AllowedOrigin("*");
  // Sandboxed frames and local files send it, whoever made them.
  if (text == "null") return Wrong(text, "it would stand for pages of anybody's");

  std::string origin(text);
  std::ranges::transform(origin, origin.begin(), LowerCase);
  const std::size_t scheme_bytes = origin.find(kSchemeEnd);
  if (scheme_bytes == std::string::npos) return Wrong(text, "it does not begin with a scheme");
  const std::string_view scheme = std::string_view(origin).substr(0, scheme_bytes);
  if (!IsScheme(scheme)) return Wrong(text, "its scheme is malformed");

  const std::size_t host_begin = scheme_bytes + kSchemeEnd.size();
  const std::string_view authority = std::string_view(origin).substr(host_begin);
  if (authority.find_first_of("/?#") != std::string_view::npos) {
    return Wrong(text, "nothing follows its host and port, not even a slash");
  }
  if (authority.find('*') != std::string_view::npos) {
    return Wrong(text, "patterns are not known, each origin is named whole");
  }
  // The colons of an IPv6 address are in brackets.
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (!IsHost(authority.substr(0, colon))) {
    return Wrong(text,
                 "its host must be a name of ASCII letters (others are spelled xn--...), an IPv4 "
                 "address, or an IPv6 address in brackets");
  }
  if (colon == std::string_view::npos) return AllowedOrigin(std::move(origin));
  const std::string_view port = authority.substr(colon + 1);
  if (!IsPort(port)) return Wrong(text, "its port must be a number from 1 to 65535");
  if (IsSchemesOwnPort(scheme, port)) origin.resize(host_begin + colon);
  return AllowedOrigin(std::move(origin));
}

}  // namespace coupond::connect
