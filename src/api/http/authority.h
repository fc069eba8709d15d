#ifndef COUPOND_API_HTTP_AUTHORITY_H_
#define COUPOND_API_HTTP_AUTHORITY_H_

#include <cstdint>
#include <optional>
#include <string_view>

namespace coupond::http {

/// Whom a request is for: a host and perhaps a port, as the Host field and an absolute target spell
/// it (RFC 9110, section 7.2). Views into the text that was parsed.
struct Authority {
  std::string_view host;              ///< not empty; an IPv6 address without its brackets
  std::optional<std::uint16_t> port;  ///< absent if there is none, or nothing behind the colon
  bool is_ip_literal = false;         ///< it was in brackets
};

/// Parses uri-host [ ":" port ] of RFC 3986, section 3.2.2. Returns nullopt if it is malformed, and
/// also for what no http URI may have: an empty host, user information, a port above 65535.
[[nodiscard]] std::optional<Authority> ParseAuthority(std::string_view text);

/// Whether a host is an IP address.
[[nodiscard]] bool IsIpAddress(const Authority& authority);
/// Whether a host can only be this machine: localhost, *.localhost (RFC 6761, section 6.3),
/// 127.0.0.0/8 or ::1. A dot behind a name does not matter.
[[nodiscard]] bool IsLoopback(const Authority& authority);

/// Whether two hosts are the same name or address: case and a dot behind the name do not matter.
[[nodiscard]] bool IsSameHost(const Authority& a, const Authority& b);

}  // namespace coupond::http

#endif  // COUPOND_API_HTTP_AUTHORITY_H_
