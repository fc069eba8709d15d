#include "rpc/http/host_policy.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <charconv>
#include <cstddef>

#include "base/ascii.h"
#include "base/display_text.h"
#include "base/hex.h"
#include "rpc/http/socket_file.h"

namespace coupond::http {
namespace {

namespace ip = boost::asio::ip;

constexpr std::string_view kLoopbackName = "localhost";
constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;

/// Reports whether the character is one of "unreserved" or "sub-delims" of RFC 3986.
bool IsNameCharacter(char c) {
  return IsLetter(c) || IsDigit(c) || std::string_view("-._~!$&'()*+,;=").contains(c);
}

bool IsRegisteredName(std::string_view text) {
  if (text.empty() || text == ".") return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (IsNameCharacter(text[i])) continue;
    if (text[i] != '%' || text.size() - i < 3) return false;
    if (!HexDigitValue(text[i + 1]) || !HexDigitValue(text[i + 2])) return false;
    i += 2;
  }
  return true;
}

/// Parses an IP address. Returns nullopt if the text is not one; does not even parse a text that is
/// longer than any address.
std::optional<ip::address> ReadAddress(std::string_view text) {
  constexpr std::size_t kAddressCharactersMax = 45;
  if (text.empty() || text.size() > kAddressCharactersMax) return std::nullopt;
  boost::system::error_code error;
  ip::address address = ip::make_address(std::string(text), error);
  if (error) return std::nullopt;
  return address;
}

std::optional<ip::address> AddressOf(const Authority& authority) {
  if (!authority.is_ip_literal && !IsDigit(authority.host.front())) return std::nullopt;
  auto address = ReadAddress(authority.host);
  if (address && address->is_v6() && address->to_v6().is_v4_mapped()) {
    return ip::make_address_v4(ip::v4_mapped, address->to_v6());
  }
  return address;
}

std::string_view WithoutLastDot(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  return name;
}

/// Reports whether the host is an IP address.
bool IsIpAddress(const Authority& authority) { return AddressOf(authority).has_value(); }

/// Reports whether two hosts are the same name or address, ignoring case and a trailing dot.
bool IsSameHost(const Authority& a, const Authority& b) {
  if (EqualsIgnoringCase(WithoutLastDot(a.host), WithoutLastDot(b.host))) return true;
  const auto address = AddressOf(a);
  return address && address == AddressOf(b);
}

Authority OfListenAddress(std::string_view address) {
  return {.host = address, .port = std::nullopt, .is_ip_literal = address.contains(':')};
}

}  // namespace

std::optional<Authority> ParseAuthority(std::string_view text) {
  Authority authority;
  std::string_view rest;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    authority.is_ip_literal = true;
    authority.host = text.substr(1, end - 1);
    rest = text.substr(end + 1);
    // A zone ("%eth0") has a meaning only on the client's machine.
    if (authority.host.contains('%')) return std::nullopt;
    const auto address = ReadAddress(authority.host);
    if (!address || !address->is_v6()) return std::nullopt;
  } else {
    const std::size_t colon = std::min(text.find(':'), text.size());
    authority.host = text.substr(0, colon);
    rest = text.substr(colon);
    if (!IsRegisteredName(authority.host)) return std::nullopt;
  }
  if (rest.empty()) return authority;
  if (rest.front() != ':') return std::nullopt;
  const std::string_view digits = rest.substr(1);
  if (digits.empty()) return authority;
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  authority.port = port;
  return authority;
}

bool IsLoopback(const Authority& authority) {
  if (const auto address = AddressOf(authority)) return address->is_loopback();
  const std::string_view name = WithoutLastDot(authority.host);
  if (name.size() < kLoopbackName.size()) return false;
  const std::size_t rest = name.size() - kLoopbackName.size();
  if (!EqualsIgnoringCase(name.substr(rest), kLoopbackName)) return false;
  return rest == 0 || (rest > 1 && name[rest - 1] == '.');
}

std::expected<HostName, std::string> HostName::Parse(std::string_view text) {
  // The grammar allows a star in a name, but an operator who types one means a pattern.
  if (!ParseAuthority(text) || text.contains('*')) {
    return std::unexpected(Quoted(text) +
                           " is not a host; give a name or address, with a port if it matters, "
                           "such as coupons.example.com, coupons.example.com:8443 or "
                           "[2001:db8::1]");
  }
  return HostName(std::string(text));
}

bool HostName::Matches(const Authority& authority) const {
  const Authority own = *ParseAuthority(text_);
  if (!IsSameHost(own, authority)) return false;
  if (!own.port || own.port == authority.port) return true;
  return !authority.port && (own.port == kHttpPort || own.port == kHttpsPort);
}

HostPolicy::HostPolicy(std::string_view address, std::vector<HostName> names)
    : names_(std::move(names)) {
  const bool on_loopback = SocketPathOf(address) || IsLoopback(OfListenAddress(address));
  accepts_all_ = !on_loopback && names_.empty();
  accepts_addresses_ = !on_loopback;
}

bool HostPolicy::Accepts(const Authority& authority) const {
  if (accepts_all_ || IsLoopback(authority)) return true;
  if (accepts_addresses_ && IsIpAddress(authority)) return true;
  return std::ranges::any_of(
      names_, [&authority](const HostName& name) { return name.Matches(authority); });
}

}  // namespace coupond::http
