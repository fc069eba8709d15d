#ifndef COUPOND_RPC_HTTP_TRANSPORT_H_
#define COUPOND_RPC_HTTP_TRANSPORT_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>

#include "rpc/http/handler.h"

namespace coupond::http {

/// The byte stream under a connection: all that a session needs of a socket. TCP is one
/// implementation; TLS is another, which does its handshake within the first read.
///
/// Worker's thread only. A callback is called once, from the worker's event loop, never inside the
/// function that took it; it may destroy the transport. The buffers of an operation stay valid
/// until then. At most one read, one write and one wait are pending at a time. Close drops them all
/// uncalled.
class Transport {
 public:
  enum class Outcome : std::uint8_t {
    kDone,
    kEnd,     ///< of a read: the client will send no more
    kFailed,  ///< the connection has failed
  };
  /// `bytes` is the number of bytes that were moved, at least one with kDone and else 0. A callback
  /// that holds no more than one shared_ptr is not allocated.
  using OnBytes = std::move_only_function<void(Outcome outcome, std::size_t bytes)>;
  using OnInput = std::move_only_function<void()>;

  virtual ~Transport() = default;

  /// Returns the other end's address, which is unknown if the connection is closed already.
  [[nodiscard]] virtual PeerAddress Peer() const = 0;

  /// Reads what has arrived, at least one byte.
  virtual void ReadSome(std::span<char> space, OnBytes on_read) = 0;

  /// Writes what can be written without waiting. Returns the number of bytes written, which may be
  /// 0, or nullopt if the connection has failed.
  [[nodiscard]] virtual std::optional<std::size_t> WriteNow(std::string_view bytes) = 0;
  /// Writes at least one byte of `bytes`.
  virtual void WriteSome(std::string_view bytes, OnBytes on_written) = 0;

  /// Waits until there is something to read, or the connection has ended, without reading.
  virtual void AwaitInput(OnInput on_input) = 0;
  /// Reports whether there are bytes that could be read now.
  [[nodiscard]] virtual bool HasInput() = 0;
  /// Reports whether the client has closed its half, even if unread bytes precede the end.
  [[nodiscard]] virtual bool HasPeerClosed() = 0;

  /// Reports whether a handshake is going on, before which nothing can be read.
  [[nodiscard]] virtual bool IsOpening() const { return false; }

  /// Ends the sending half in order. Returns false if the connection has failed.
  [[nodiscard]] virtual bool ShutDownSend() = 0;
  /// Closes both halves.
  virtual void Close() = 0;
  /// Closes so that the client cannot take what it has received for a complete response.
  virtual void Reset() = 0;
};

}  // namespace coupond::http

#endif  // COUPOND_RPC_HTTP_TRANSPORT_H_
