#include "coupond/listen_address.h"

#include "base/ascii.h"
#include "rpc/http/host_policy.h"
#include "rpc/http/socket_file.h"

namespace coupond {
namespace {

constexpr std::uint16_t kPortMax = 65'535;

}  // namespace

std::optional<ListenAddress> ParseListenAddress(std::string_view text) {
  if (http::SocketPathOf(text)) return ListenAddress{std::string(text), 0};
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  if (host.front() == '[') {
    if (host.back() != ']' || host.size() < 3) return std::nullopt;
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return std::nullopt;  // an IPv6 address without brackets: its port is ambiguous
  }
  const std::string_view digits = text.substr(colon + 1);
  const auto port = ParseDecimalAs<std::uint16_t>(digits, 0, kPortMax);
  if (!port) return std::nullopt;
  return ListenAddress{std::string(host), *port};
}

std::string FormatListenAddress(const ListenAddress& address) {
  if (IsSocket(address)) return address.host;
  const bool brackets = address.host.find(':') != std::string::npos;
  return (brackets ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

bool IsSocket(const ListenAddress& address) { return http::SocketPathOf(address.host).has_value(); }

bool IsLoopback(const ListenAddress& address) {
  if (IsSocket(address)) return true;
  const bool is_ipv6 = address.host.find(':') != std::string::npos;
  return http::IsLoopback({.host = address.host, .port = {}, .is_ip_literal = is_ipv6});
}

}  // namespace coupond
