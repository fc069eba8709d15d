#ifndef COUPOND_RPC_HTTP_BOUND_PORT_H_
#define COUPOND_RPC_HTTP_BOUND_PORT_H_

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/file_descriptor.h"
#include "rpc/http/socket_file.h"

namespace coupond::http {

/// A TCP port, or a socket of the Unix domain, that this process has bound but does not listen on
/// yet: connections to it are refused. Binding it before anything else shows early that another
/// program has it. Linux lets two programs bind a port as long as neither listens, so listening can
/// still fail.
///
/// Owns its socket. Not thread-safe.
class BoundPort {
 public:
  /// Binds a port of `address`, which is an IPv4 or IPv6 address without brackets, or "localhost".
  /// Port 0 picks a free port. Or binds the socket of an address such as "unix:/run/coupond.sock",
  /// for which there is no port (socket_file.h). Fails with kCannotListen.
  [[nodiscard]] static Result<BoundPort> Bind(const std::string& address, std::uint16_t port);

  /// Returns the address and port; of a socket of the Unix domain, nothing but zeros.
  [[nodiscard]] const boost::asio::ip::tcp::endpoint& endpoint() const { return endpoint_; }
  /// Returns the socket, which must not be taken twice.
  [[nodiscard]] FileDescriptor TakeSocket() { return std::move(socket_); }

  /// Returns the file of a socket of the Unix domain, which must live as long as the socket;
  /// nullopt for a port. Must not be taken twice.
  [[nodiscard]] std::optional<SocketFile> TakeFile() { return std::move(file_); }

 private:
  explicit BoundPort(FileDescriptor socket) : socket_(std::move(socket)) {}

  FileDescriptor socket_;
  std::optional<SocketFile> file_;
  boost::asio::ip::tcp::endpoint endpoint_;
};

/// Returns kCannotListen, "cannot listen on 127.0.0.1:8080: <why>".
[[nodiscard]] std::unexpected<Error> CannotListen(const boost::asio::ip::tcp::endpoint& endpoint,
                                                  int error_number);

}  // namespace coupond::http

#endif  // COUPOND_RPC_HTTP_BOUND_PORT_H_
