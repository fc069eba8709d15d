#include "coupond/listen_address.h"

#include "base/ascii.h"
#include "base/display_text.h"
#include "rpc/http/host_policy.h"
#include "rpc/http/ip_network.h"
#include "rpc/http/socket_file.h"

namespace coupond {
namespace {

constexpr std::string_view kSocketScheme = "unix:";
constexpr std::string_view kLoopbackName = "localhost";
constexpr std::uint16_t kPortMax = 65'535;

std::unexpected<std::string> Wrong(std::string_view text, std::string_view why) {
  std::string sentence = Quoted(text) + " is not an address and port";
  if (!why.empty()) sentence.append(": ").append(why);
  return std::unexpected(sentence +
                         "; give for example 127.0.0.1:8080, [::1]:8080 or unix:/run/coupond.sock");
}

/// Returns the host as one that can be compared.
std::string_view HostOf(const ListenAddress& address) {
  return address.host == kLoopbackName ? "127.0.0.1" : std::string_view(address.host);
}

/// Reports whether whoever listens at `wide` also takes connections to `host`.
bool Covers(std::string_view wide, std::string_view host) {
  if (wide == "::") return true;  // it takes those of IPv4, too
  return wide == "0.0.0.0" && host.find(':') == std::string_view::npos;
}

}  // namespace

std::expected<ListenAddress, std::string> ParseListenAddress(std::string_view text) {
  if (http::SocketPathOf(text)) return ListenAddress{std::string(text), 0};
  if (text.starts_with(kSocketScheme)) {
    return Wrong(text,
                 "the path of a socket begins with a slash, ends with a name and has at most " +
                     std::to_string(http::kSocketPathBytesMax) + " bytes");
  }
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return Wrong(text, {});
  std::string_view host = text.substr(0, colon);
  if (host.front() == '[') {
    if (host.back() != ']' || host.size() < 3) return Wrong(text, {});
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return Wrong(text, "an IPv6 address is written in brackets, and its port after them");
  }
  const auto port = ParseDecimalAs<std::uint16_t>(text.substr(colon + 1), 0, kPortMax);
  if (!port) return Wrong(text, "the port is a number from 0 to " + std::to_string(kPortMax));
  const std::string_view ip = host.substr(0, host.find('%'));  // a link-local one has a zone
  if (host != kLoopbackName && !http::ParseIpAddress(ip)) {
    return Wrong(text, "the server listens at an IP address or localhost, not at another name");
  }
  return ListenAddress{std::string(host), *port};
}

std::string FormatListenAddress(const ListenAddress& address) {
  if (IsSocket(address)) return address.host;
  const bool brackets = address.host.find(':') != std::string::npos;
  return (brackets ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

std::string PlaceOf(std::string_view scheme, const ListenAddress& address) {
  const std::string text = FormatListenAddress(address);
  return IsSocket(address) ? text : std::string(scheme) + "://" + text;
}

bool IsSocket(const ListenAddress& address) { return http::SocketPathOf(address.host).has_value(); }

bool IsLoopback(const ListenAddress& address) {
  if (IsSocket(address)) return true;
  const bool is_ipv6 = address.host.find(':') != std::string::npos;
  return http::IsLoopback({.host = address.host, .port = {}, .is_ip_literal = is_ipv6});
}

bool Collide(const ListenAddress& one, const ListenAddress& other) {
  if (IsSocket(one) || IsSocket(other)) return one == other;
  if (one.port == 0 || one.port != other.port) return false;
  const std::string_view host = HostOf(one);
  const std::string_view other_host = HostOf(other);
  return host == other_host || Covers(host, other_host) || Covers(other_host, host);
}

}  // namespace coupond
