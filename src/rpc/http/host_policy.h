#ifndef COUPOND_RPC_HTTP_HOST_POLICY_H_
#define COUPOND_RPC_HTTP_HOST_POLICY_H_

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rpc/http/authority.h"

namespace coupond::http {

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
