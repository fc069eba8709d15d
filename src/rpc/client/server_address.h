#ifndef COUPOND_RPC_CLIENT_SERVER_ADDRESS_H_
#define COUPOND_RPC_CLIENT_SERVER_ADDRESS_H_

#include <expected>
#include <string>
#include <string_view>

namespace coupond::ctl {

/// Where the server is.
struct ServerAddress {
  std::string host;  ///< a name, an IPv4 address, or an IPv6 address without brackets
  std::string port;

  /// As the Host header wants it: "127.0.0.1:8080", "[::1]:8080".
  [[nodiscard]] std::string Authority() const;
  /// As people write it: "http://127.0.0.1:8080".
  [[nodiscard]] std::string Url() const { return "http://" + Authority(); }
};

/// "http://127.0.0.1:8080", "[::1]:8080", "localhost" (then port 80). The error says what is wrong
/// in words for the person who typed it.
[[nodiscard]] std::expected<ServerAddress, std::string> ParseServerAddress(std::string_view url);

}  // namespace coupond::ctl

#endif  // COUPOND_RPC_CLIENT_SERVER_ADDRESS_H_
