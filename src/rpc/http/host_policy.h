#ifndef COUPOND_RPC_HTTP_HOST_POLICY_H_
#define COUPOND_RPC_HTTP_HOST_POLICY_H_

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The host that a request is for, and the hosts for which a server answers.
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

/// Reports whether the host can only be this machine: localhost, *.localhost (RFC 6761, section
/// 6.3), 127.0.0.0/8 or ::1. A trailing dot is ignored.
[[nodiscard]] bool IsLoopback(const Authority& authority);

/// A name under which clients reach the server, as given by an operator.
class HostName {
 public:
  /// Parses "coupons.example.com", "coupons.example.com:8443", "192.0.2.1" or "[2001:db8::1]". The
  /// error is a sentence that says what is wrong and what would be right.
  [[nodiscard]] static std::expected<HostName, std::string> Parse(std::string_view text);

  /// Reports whether a request for `authority` is for this name. A name without a port matches any
  /// port; one with port 80 or 443 also matches a request that gives no port.
  [[nodiscard]] bool Matches(const Authority& authority) const;

 private:
  explicit HostName(std::string text) : text_(std::move(text)) {}

  std::string text_;
};

/// The hosts for which a server answers requests. A web page can point its own domain name at any
/// address, including this server's. Its requests then look same-origin to the browser, and only
/// the host they name gives them away (DNS rebinding). Immutable, so any thread may use it.
class HostPolicy {
 public:
  /// Accepts any host.
  HostPolicy() = default;
  /// Makes the policy of a server that listens on `address` (without brackets, or "localhost") and
  /// is also reached under `names`.
  ///
  /// On a loopback address, it accepts loopback names and addresses, and `names`. On any other
  /// address, it accepts every host if `names` is empty; otherwise `names`, loopback, and IP
  /// addresses. IP addresses cannot be rebound, and accepting them keeps health checks by address
  /// working.
  HostPolicy(std::string_view address, std::vector<HostName> names);

  [[nodiscard]] bool Accepts(const Authority& authority) const;

 private:
  bool accepts_all_ = true;
  bool accepts_addresses_ = true;
  std::vector<HostName> names_;
};

}  // namespace coupond::http

#endif  // COUPOND_RPC_HTTP_HOST_POLICY_H_
