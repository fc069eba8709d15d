#ifndef COUPOND_COUPOND_LISTEN_ADDRESS_H_
#define COUPOND_COUPOND_LISTEN_ADDRESS_H_

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace coupond {

/// An address and a port to listen on, or a socket of the Unix domain.
struct ListenAddress {
  std::string host;  ///< without brackets; or "unix:/run/coupond.sock", without a port
  std::uint16_t port = 0;

  friend bool operator==(const ListenAddress&, const ListenAddress&) = default;
};

/// Parses "127.0.0.1:8080", "[::1]:8080", "localhost:0" or "unix:/run/coupond.sock". The error is a
/// sentence that says what is wrong and what would be right.
[[nodiscard]] std::expected<ListenAddress, std::string> ParseListenAddress(std::string_view text);

/// Writes the address as it is parsed.
[[nodiscard]] std::string FormatListenAddress(const ListenAddress& address);

/// Returns where clients of that scheme, "http" or "https", find a server: "http://127.0.0.1:8080".
/// A socket has no URL, so it is named as it is.
[[nodiscard]] std::string PlaceOf(std::string_view scheme, const ListenAddress& address);

/// Reports whether the address is a socket of the Unix domain.
[[nodiscard]] bool IsSocket(const ListenAddress& address);

/// Reports whether only this machine reaches the address.
[[nodiscard]] bool IsLoopback(const ListenAddress& address);

/// Reports whether one process cannot listen at both. Port 0 takes a free one each time.
[[nodiscard]] bool Collide(const ListenAddress& one, const ListenAddress& other);

}  // namespace coupond

#endif  // COUPOND_COUPOND_LISTEN_ADDRESS_H_
