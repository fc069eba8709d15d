#include "rpc/client/tls_socket.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <cerrno>

#include "rpc/client/tls_trust.h"

namespace coupond::rpc_client {

namespace asio = boost::asio;

void TlsSocket::FreeSsl::operator()(ssl_st* ssl) const { SSL_free(ssl); }

/// A BIO over the socket. OpenSSL's own does not tell whether a read has left something behind, so
/// each answer would cost a recv in vain; and its writes raise SIGPIPE.
struct TlsSocket::Wire {
  static int Read(BIO* bio, char* space, int size) {
    auto& self = *static_cast<TlsSocket*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    ssize_t count = 0;
    do {
      count = recv(self.socket_, space, static_cast<std::size_t>(std::max(size, 0)), 0);
    } while (count < 0 && errno == EINTR);
    // After a short count, the next bytes make the socket readable anew.
    self.drained_ = count < size;
    if (count == 0) self.ended_ = true;
    if (count < 0 && self.IsTransient(errno)) BIO_set_retry_read(bio);
    return static_cast<int>(count);
  }

  static int Write(BIO* bio, const char* bytes, int size) {
    auto& self = *static_cast<TlsSocket*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    const ssize_t count =
        send(self.socket_, bytes, static_cast<std::size_t>(std::max(size, 0)), MSG_NOSIGNAL);
    if (count < 0 && self.IsTransient(errno)) BIO_set_retry_write(bio);
    return static_cast<int>(count);
  }

  static long Control(BIO* bio, int command, long /*number*/, void* /*pointer*/) {
    if (command == BIO_CTRL_FLUSH) return 1;
    if (command == BIO_CTRL_EOF) return static_cast<TlsSocket*>(BIO_get_data(bio))->ended_ ? 1 : 0;
    return 0;
  }

  struct FreeMethod {
    void operator()(BIO_METHOD* method) const { BIO_meth_free(method); }
  };

  /// Returns null if there is no memory for it.
  static const BIO_METHOD* Method() {
    static const std::unique_ptr<BIO_METHOD, FreeMethod> kMethod = [] {
      std::unique_ptr<BIO_METHOD, FreeMethod> method(
          BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "watched socket"));
      if (method != nullptr) {
        BIO_meth_set_read(method.get(), Read);
        BIO_meth_set_write(method.get(), Write);
        BIO_meth_set_ctrl(method.get(), Control);
      }
      return method;
    }();
    return kMethod.get();
  }
};

TlsSocket::TlsSocket(int socket, asio::ssl::context& trust, const std::string& host)
    : socket_(socket), ssl_(SSL_new(trust.native_handle())) {
  BIO* const wire = ssl_ == nullptr ? nullptr : BIO_new(Wire::Method());
  if (wire == nullptr) {
    ssl_.reset();
    return;
  }
  BIO_set_data(wire, this);
  BIO_set_init(wire, 1);
  SSL_set_bio(ssl_.get(), wire, wire);
  SSL_set_connect_state(ssl_.get());
  // One recv takes a record's head and what follows it. A connection that waits keeps no buffers.
  SSL_set_read_ahead(ssl_.get(), 1);
  SSL_set_mode(ssl_.get(), SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  if (!ExpectName(ssl_.get(), host)) ssl_.reset();
}

TlsSocket::~TlsSocket() = default;

TlsSocket::Error TlsSocket::Handshake() {
  if (ssl_ == nullptr) return asio::error::invalid_argument;
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  return result == 1 ? Error() : ErrorOf(result);
}

std::expected<std::size_t, TlsSocket::Error> TlsSocket::Read(std::span<char> space) {
  std::size_t count = 0;
  ERR_clear_error();
  const int result = SSL_read_ex(ssl_.get(), space.data(), space.size(), &count);
  if (result == 1) return count;
  return std::unexpected(ErrorOf(result));
}

bool TlsSocket::MayHaveMore() const { return !drained_ || SSL_has_pending(ssl_.get()) == 1; }

TlsSocket::Error TlsSocket::Write(std::string_view bytes) {
  std::size_t count = 0;
  ERR_clear_error();
  const int result = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &count);
  if (result == 1) return {};
  const Error error = ErrorOf(result);
  if (error.category() != asio::error::get_system_category() || error == asio::error::would_block) {
    return error;
  }
  // The server may have said why before it closed, as one does that wants a client certificate.
  std::array<char, 1> ignored;
  const auto read = Read(ignored);
  return !read && FaultOf(read.error()) ? read.error() : error;
}

/// Notes why the socket could not do something. Returns whether it may be able to later.
bool TlsSocket::IsTransient(int error) {
  if (error == EAGAIN || error == EINTR) return true;
  system_error_ = error;
  return false;
}

/// Returns why OpenSSL could not do something.
TlsSocket::Error TlsSocket::ErrorOf(int result) {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return asio::error::would_block;
    case SSL_ERROR_ZERO_RETURN:
      return asio::error::eof;
    default:
      break;
  }
  const Error why = Judged({static_cast<int>(ERR_peek_error()), asio::error::get_ssl_category()},
                           SSL_get_verify_result(ssl_.get()));
  // Telling the server of an end or of a fault may have failed as well, which is not why.
  if (FaultOf(why)) return why;
  if (ended_) return asio::ssl::error::stream_truncated;
  if (system_error_ != 0) return {system_error_, asio::error::get_system_category()};
  return why ? why : asio::ssl::error::unexpected_result;
}

}  // namespace coupond::rpc_client
