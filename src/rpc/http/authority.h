#ifndef COUPOND_RPC_HTTP_AUTHORITY_H_
#define COUPOND_RPC_HTTP_AUTHORITY_H_

#include <cstdint>
#include <optional>
#include <string_view>

namespace coupond::http {

/// The host, and perhaps the port, that a request is for, as the Host field and an absolute target
/// give them (RFC 9110, section 7.2). Holds views into the parsed text.
struct Authority {
  std::string_view host;              ///< not empty; an IPv6 address without its brackets
  std::optional<std::uint16_t> port;  ///< absent if there is none, or nothing after the colon
  bool is_ip_literal = false;         ///< the host was in brackets
};

/// Parses uri-host [ ":" port ] of RFC 3986, section 3.2.2. Returns nullopt if the text is
/// malformed, or has what no http URI may have: an empty host, user information, or a port above
/// 65535.
[[nodiscard]] std::optional<Authority> ParseAuthority(std::string_view text);

/// Reports whether the host is an IP address.
[[nodiscard]] bool IsIpAddress(const Authority& authority);
/// Reports whether the host can only be this machine: localhost, *.localhost (RFC 6761, section
/// 6.3), 127.0.0.0/8 or ::1. A trailing dot is ignored.
[[nodiscard]] bool IsLoopback(const Authority& authority);

/// Reports whether two hosts are the same name or address, ignoring case and a trailing dot.
[[nodiscard]] bool IsSameHost(const Authority& a, const Authority& b);

}  // namespace coupond::http

#endif  // COUPOND_RPC_HTTP_AUTHORITY_H_
