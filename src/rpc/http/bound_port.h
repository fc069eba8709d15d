#ifndef COUPOND_RPC_HTTP_BOUND_PORT_H_
#define COUPOND_RPC_HTTP_BOUND_PORT_H_

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/file_descriptor.h"

namespace coupond::http {

/// A TCP port that this process has bound but does not listen on yet: connections to it are
/// refused. Binding it before anything else shows early that another program has it. Linux lets two
/// programs bind a port as long as neither listens, so listening can still fail.
///
/// Owns its socket. Not thread-safe.
class BoundPort {
 public:
  /// Binds a port of `address`, which is an IPv4 or IPv6 address without brackets, or "localhost".
  /// Port 0 picks a free port. Fails with kCannotListen.
  [[nodiscard]] static Result<BoundPort> Bind(const std::string& address, std::uint16_t port);

  [[nodiscard]] const boost::asio::ip::tcp::endpoint& endpoint() const { return endpoint_; }
  /// Returns the socket, which must not be taken twice.
  [[nodiscard]] FileDescriptor TakeSocket() { return std::move(socket_); }

 private:
  explicit BoundPort(FileDescriptor socket) : socket_(std::move(socket)) {}

  FileDescriptor socket_;
  boost::asio::ip::tcp::endpoint endpoint_;
};

/// Returns kCannotListen, "cannot listen on 127.0.0.1:8080: <why>".
[[nodiscard]] std::unexpected<Error> CannotListen(const boost::asio::ip::tcp::endpoint& endpoint,
                                                  int error_number);

}  // namespace coupond::http

#endif  // COUPOND_RPC_HTTP_BOUND_PORT_H_
