#ifndef COUPOND_RPC_HTTP_IP_NETWORK_H_
#define COUPOND_RPC_HTTP_IP_NETWORK_H_

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "rpc/http/handler.h"

namespace coupond::http {

/// Parses an IPv4 or IPv6 address without brackets and port: "192.0.2.1", "2001:db8::1". An
/// IPv4-mapped IPv6 address is the IPv4 address. Returns nullopt for any other text.
[[nodiscard]] std::optional<PeerAddress> ParseIpAddress(std::string_view text);

/// A block of addresses (RFC 4632, RFC 4291): those that share a prefix.
class IpNetwork {
 public:
  /// Parses "10.0.0.0/8", "2001:db8::/32", or a single address. The error says what is wrong.
  [[nodiscard]] static std::expected<IpNetwork, std::string> Parse(std::string_view text);

  [[nodiscard]] bool Contains(const PeerAddress& address) const;

  friend bool operator==(const IpNetwork&, const IpNetwork&) = default;

 private:
  IpNetwork(const PeerAddress& base, unsigned prefix_bits)
      : base_(base), prefix_bits_(prefix_bits) {}

  PeerAddress base_;
  unsigned prefix_bits_;
};

/// Reports whether the address is this machine's own: 127.0.0.0/8 or ::1.
[[nodiscard]] bool IsLoopbackAddress(const PeerAddress& address);

/// Returns the part of an address that limits go by: an IPv4 address is one client, and so are the
/// 2^64 addresses of an IPv6 network, because a provider gives each customer at least that many.
[[nodiscard]] PeerAddress ClientPart(PeerAddress address);

}  // namespace coupond::http

#endif  // COUPOND_RPC_HTTP_IP_NETWORK_H_
