#ifndef COUPOND_API_HTTP_HOST_POLICY_H_
#define COUPOND_API_HTTP_HOST_POLICY_H_

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/http/authority.h"

namespace coupond::http {

/// A name that the server is reached under, as an operator gives it.
class HostName {
 public:
  /// "coupons.example.com", "coupons.example.com:8443", "192.0.2.1", "[2001:db8::1]". The error is
  /// a sentence that says what is wrong and what would be right.
  [[nodiscard]] static std::expected<HostName, std::string> Parse(std::string_view text);

  /// Whether a request for `authority` is for this name. A name without a port is good for any
  /// port; one with the port of http or https also for a request that names no port.
  [[nodiscard]] bool Matches(const Authority& authority) const;

 private:
  explicit HostName(std::string text) : text_(std::move(text)) {}

  std::string text_;
};

/// The hosts that a server answers for. A web page can have its own name point at any address, this
/// server's too, and its requests then look to a browser as if they were the page's own business;
/// only the host that they name gives them away (DNS rebinding). Immutable, so any thread may use
/// it.
class HostPolicy {
 public:
  /// Any host is accepted.
  HostPolicy() = default;
  /// The policy of a server that listens on `address`, without brackets or "localhost", and is also
  /// reached under `names`.
  ///
  /// On a loopback address: loopback names and addresses, and `names`. On any other: everything if
  /// there are no `names`; else these, loopback, and IP addresses, which cannot be re-pointed, so
  /// that health checks by address go on working.
  HostPolicy(std::string_view address, std::vector<HostName> names);

  [[nodiscard]] bool Accepts(const Authority& authority) const;

 private:
  bool accepts_all_ = true;
  bool accepts_addresses_ = true;
  std::vector<HostName> names_;
};

}  // namespace coupond::http

#endif  // COUPOND_API_HTTP_HOST_POLICY_H_
