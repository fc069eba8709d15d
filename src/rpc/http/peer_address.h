#ifndef COUPOND_RPC_HTTP_PEER_ADDRESS_H_
#define COUPOND_RPC_HTTP_PEER_ADDRESS_H_

#include <array>
#include <cstdint>
#include <string>

namespace coupond::http {

/// The other end of a connection: a client, or the proxy in front of it. A plain value that holds
/// no memory, so that each request can have its own.
struct PeerAddress {
  enum class Family : std::uint8_t { kUnknown, kIpV4, kIpV6 };

  Family family = Family::kUnknown;
  std::array<std::uint8_t, 16> bytes{};  ///< in network order; an IPv4 address has the first four
  std::uint16_t port = 0;

  /// Returns "127.0.0.1:49152" or "[::1]:49152", or an empty text if the address is unknown.
  [[nodiscard]] std::string Text() const;

  friend bool operator==(const PeerAddress&, const PeerAddress&) = default;
};

}  // namespace coupond::http

#endif  // COUPOND_RPC_HTTP_PEER_ADDRESS_H_
