#ifndef COUPOND_RPC_HTTP_TRANSPORT_H_
#define COUPOND_RPC_HTTP_TRANSPORT_H_

#include <boost/system/error_code.hpp>
#include <cstddef>
#include <functional>
#include <span>
#include <string_view>

#include "rpc/http/handler.h"

namespace coupond::http {

/// The byte stream under a connection: all that a session needs of a socket. TCP is one
/// implementation; an encrypted one would do its handshake within the first read.
///
/// Worker's thread only. The buffers of an operation stay valid, and its caller alive, until its
/// callback has been called. A callback that holds no more than one shared_ptr is not allocated.
/// At most one read, one write and one wait are pending at a time. Close ends all of them with an
/// error.
class Transport {
 public:
  using OnBytes =
      std::move_only_function<void(const boost::system::error_code& error, std::size_t bytes)>;
  using OnInput = std::move_only_function<void(const boost::system::error_code& error)>;

  virtual ~Transport() = default;

  /// Returns the other end's address, which is unknown if the connection is closed already.
  [[nodiscard]] virtual PeerAddress Peer() const = 0;

  /// Reads what has arrived, at least one byte. The end of the stream is reported as
  /// boost::asio::error::eof.
  virtual void ReadSome(std::span<char> space, OnBytes on_read) = 0;
  /// Ends a pending read with an error if no bytes have arrived yet. Bytes that have arrived are
  /// delivered.
  virtual void CancelRead() = 0;

  /// Writes what can be written without waiting. Returns the number of bytes written, which may be
  /// 0. Sets `error` only if the connection has failed.
  [[nodiscard]] virtual std::size_t WriteNow(std::string_view bytes,
                                             boost::system::error_code& error) = 0;
  /// Writes at least one byte of `bytes`.
  virtual void WriteSome(std::string_view bytes, OnBytes on_written) = 0;

  /// Waits until there is something to read, or the connection has ended, without reading.
  virtual void AwaitInput(OnInput on_input) = 0;
  /// Reports whether there are bytes that could be read now.
  [[nodiscard]] virtual bool HasInput() = 0;
  /// Reports whether the client has closed its half, even if unread bytes precede the end.
  [[nodiscard]] virtual bool HasPeerClosed() = 0;

  /// Ends the sending half in order. Returns an error if the connection has failed.
  [[nodiscard]] virtual boost::system::error_code ShutDownSend() = 0;
  /// Closes both halves.
  virtual void Close() = 0;
  /// Closes so that the client cannot take what it has received for a complete response.
  virtual void Reset() = 0;
};

}  // namespace coupond::http

#endif  // COUPOND_RPC_HTTP_TRANSPORT_H_
