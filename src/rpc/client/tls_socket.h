#ifndef COUPOND_RPC_CLIENT_TLS_SOCKET_H_
#define COUPOND_RPC_CLIENT_TLS_SOCKET_H_

#include <boost/system/error_code.hpp>
#include <cstddef>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct ssl_st;  // OpenSSL's SSL

namespace boost::asio::ssl {
class context;  // NOLINT(readability-identifier-naming): the library's own name
}

namespace coupond::rpc_client {

/// The client's side of TLS on a socket that is connected and does not block, for an event loop of
/// the caller's own. The server has to prove that it is the one whose name the caller gives.
///
/// Nothing here waits: with the error would_block, call again when the socket has become readable
/// or writable. Other errors are those of Judged (tls_trust.h) and of the system,
/// boost::asio::error::eof after the server's own end (close_notify), and
/// boost::asio::ssl::error::stream_truncated if it ended without one, which may have been forged on
/// the way. After any of them the connection is of no more use. One thread.
class TlsSocket {
 public:
  using Error = boost::system::error_code;

  /// `socket` must stay open while this is used. `trust` is what LoadTrust returns.
  TlsSocket(int socket, boost::asio::ssl::context& trust, const std::string& host);
  /// Sends no close_notify, as ClientSocket does not either: a request says where it ends, so the
  /// server needs no proof that nothing was cut off.
  ~TlsSocket();
  TlsSocket(const TlsSocket&) = delete;
  TlsSocket& operator=(const TlsSocket&) = delete;

  /// Begins the handshake, or goes on with it. It is done when there is no error; before, nothing
  /// can be read or written.
  [[nodiscard]] Error Handshake();
  /// Reads what has arrived, at least one byte.
  [[nodiscard]] std::expected<std::size_t, Error> Read(std::span<char> space);
  /// Reports whether another Read may find more, although the socket does not become readable anew.
  [[nodiscard]] bool MayHaveMore() const;
  /// Writes all of the bytes. With would_block, a part may have been sent: the next call must be
  /// with the same bytes. If the socket failed and the server has said why, that is the error.
  [[nodiscard]] Error Write(std::string_view bytes);

 private:
  struct Wire;  // what OpenSSL reads ciphertext from and writes it to
  struct FreeSsl {
    void operator()(ssl_st* ssl) const;
  };
  [[nodiscard]] bool IsTransient(int error);
  [[nodiscard]] Error ErrorOf(int result);

  int socket_;
  std::unique_ptr<ssl_st, FreeSsl> ssl_;  ///< null if OpenSSL could not make it
  int system_error_ = 0;                  ///< why the socket has failed
  bool ended_ = false;                    ///< the server will send no more
  bool drained_ = true;                   ///< the last recv has left nothing behind
};

}  // namespace coupond::rpc_client

#endif  // COUPOND_RPC_CLIENT_TLS_SOCKET_H_
