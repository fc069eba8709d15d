#ifndef COUPOND_RPC_CLIENT_CLIENT_SOCKET_H_
#define COUPOND_RPC_CLIENT_CLIENT_SOCKET_H_

#include <boost/system/error_code.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include "rpc/client/server_address.h"

namespace boost::asio {
class io_context;  // NOLINT(readability-identifier-naming): the library's own name
}

namespace coupond::rpc_client {

/// A connection to a server, over TCP or, for an https address, over TLS. The server then has to
/// prove that it is the one whose name the address has.
///
/// Its io_context's thread only. Callbacks come from there, each once, also when Close has ended
/// the operation. At most one read and one write are pending at a time; their buffers stay valid
/// until then. Destroy it when nothing is pending any more. Errors are those of Judged
/// (tls_trust.h).
class ClientSocket {
 public:
  using OnDone = std::function<void(const boost::system::error_code& error)>;
  using OnBytes = std::function<void(const boost::system::error_code& error, std::size_t bytes)>;

  /// `context` must outlive this.
  ClientSocket(boost::asio::io_context& context, const ServerAddress& server);
  ~ClientSocket();
  ClientSocket(const ClientSocket&) = delete;
  ClientSocket& operator=(const ClientSocket&) = delete;

  /// Connects to the first of the endpoints that can be reached. They are copied.
  void Connect(const Endpoints& endpoints, OnDone on_connected);
  /// Writes all of the bytes.
  void Write(std::string_view bytes, OnBytes on_written);
  /// Reads what has arrived, at least one byte. The error at the end is boost::asio::error::eof.
  void ReadSome(std::span<char> space, OnBytes on_read);

  /// Lets TCP notice a server that has vanished.
  void KeepAlive();
  void Close();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace coupond::rpc_client

#endif  // COUPOND_RPC_CLIENT_CLIENT_SOCKET_H_
