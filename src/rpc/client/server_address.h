#ifndef COUPOND_RPC_CLIENT_SERVER_ADDRESS_H_
#define COUPOND_RPC_CLIENT_SERVER_ADDRESS_H_

#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace boost::asio::ssl {
class context;  // NOLINT(readability-identifier-naming): the library's own name
}

namespace coupond::rpc_client {

/// The address of a server, and how to be let in.
struct ServerAddress {
  std::string host;  ///< a name, an IPv4 address, or an IPv6 address without brackets
  std::string port;
  /// Sent with each call as a bearer token (RFC 6750); empty: none is. Without characters that
  /// could end a header field.
  std::string key = {};
  bool secure = false;  ///< whether the server is called over TLS
  /// Whom to believe then, as LoadTrust (tls_trust.h) returns it; null: the system's CAs.
  std::shared_ptr<boost::asio::ssl::context> trust = {};

  /// Returns the address as the Host header has it: "127.0.0.1:8080", "[::1]:8080".
  [[nodiscard]] std::string Authority() const;
  /// Returns the address as people write it: "http://127.0.0.1:8080".
  [[nodiscard]] std::string Url() const { return (secure ? "https://" : "http://") + Authority(); }
};

/// Reads "http://127.0.0.1:8080", "[::1]:8080", "localhost" (port 80) or "https://example.com"
/// (port 443). The error says what is wrong, for the person who typed it.
[[nodiscard]] std::expected<ServerAddress, std::string> ParseServerAddress(std::string_view url);

using Endpoints = std::vector<boost::asio::ip::tcp::endpoint>;

/// Looks up the endpoints to connect to. Returns at least one. Blocks while the name is resolved.
[[nodiscard]] std::expected<Endpoints, boost::system::error_code> FindServer(
    const ServerAddress& server);

}  // namespace coupond::rpc_client

#endif  // COUPOND_RPC_CLIENT_SERVER_ADDRESS_H_
