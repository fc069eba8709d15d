#ifndef COUPOND_COUPOND_LISTEN_ADDRESS_H_
#define COUPOND_COUPOND_LISTEN_ADDRESS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace coupond {

/// An address and a port to listen on, or a socket of the Unix domain.
struct ListenAddress {
  std::string host;  ///< without brackets; or "unix:/run/coupond.sock", without a port
  std::uint16_t port = 0;

  friend bool operator==(const ListenAddress&, const ListenAddress&) = default;
};

/// Parses "127.0.0.1:8080", "[::1]:8080", "localhost:0" or "unix:/run/coupond.sock". Returns
/// nullopt for any other text.
[[nodiscard]] std::optional<ListenAddress> ParseListenAddress(std::string_view text);
[[nodiscard]] std::string FormatListenAddress(const ListenAddress& address);
/// Reports whether the address is a socket of the Unix domain.
[[nodiscard]] bool IsSocket(const ListenAddress& address);
/// Reports whether only this machine reaches the address.
[[nodiscard]] bool IsLoopback(const ListenAddress& address);

}  // namespace coupond

#endif  // COUPOND_COUPOND_LISTEN_ADDRESS_H_
