#ifndef COUPOND_RPC_HTTP_LIMITS_H_
#define COUPOND_RPC_HTTP_LIMITS_H_

#include <chrono>
#include <cstddef>

namespace coupond::http {

inline constexpr std::size_t kRequestBodyBytesMax = 72 * 1024;
inline constexpr std::size_t kHeaderBlockBytesMax = 8 * 1024;  ///< request line and header fields
inline constexpr std::size_t kHeaderFieldsMax = 100;
inline constexpr std::size_t kConnectionsMax = 10'000;

/// Connections over the limit that are being told so at one time; more than these are just closed.
inline constexpr std::size_t kRefusalsAtOnceMax = 64;

/// What is read off and thrown away after the last answer. Closing a socket with unread bytes makes
/// the kernel send a reset, which can destroy the answer before the client has read it.
inline constexpr std::size_t kLingerBytesMax = 4 * 1024 * 1024;

/// Room in a session's read buffer beyond the header block: one read of a body, or one chunk
/// header.
inline constexpr std::size_t kReadBytes = 8 * 1024;

/// A reply buffer that has grown past this is given back after the reply.
inline constexpr std::size_t kReplyBytesKept = 64 * 1024;
/// Likewise a buffer for request bodies.
inline constexpr std::size_t kBodyBytesKept = 8 * 1024;

/// How long a connection may be without a request, unless the server is told otherwise. Most
/// proxies and balancers keep an idle connection for 60 s. The server has to be the more patient
/// one: if it closes first, the proxy may just be sending the next request.
inline constexpr std::chrono::milliseconds kIdleTimeout{75'000};

inline constexpr int kListenBacklog =
    4096;  ///< connections; the kernel may cut it to its own limit

/// How long the listener waits after an accept that failed, so that a process out of file
/// descriptors does not spin.
inline constexpr std::chrono::milliseconds kAcceptPause{100};

/// A client from which nothing has come for so long is asked by TCP whether it is still there, so
/// many times, before its connection is given up.
inline constexpr std::chrono::seconds kProbeAfter{60};
inline constexpr std::chrono::seconds kProbeInterval{10};
inline constexpr int kProbes = 3;
/// That is when a host that is gone without a word gives its place back. The same goes for one that
/// does not acknowledge what was sent to it.
inline constexpr std::chrono::seconds kVanishedAfter = kProbeAfter + kProbes * kProbeInterval;

/// Deadlines are looked at once per tick: a quarter of the shortest timeout, within these bounds.
/// A timeout therefore ends up to two ticks late, never early.
inline constexpr std::chrono::milliseconds kTickMin{5};
inline constexpr std::chrono::milliseconds kTickMax{250};

static_assert(kReadBytes <= kHeaderBlockBytesMax);

/// The limits that a server can be given; the defaults are those above. Tests make them small.
struct Limits {
  std::size_t request_body_bytes_max = kRequestBodyBytesMax;
  std::size_t header_block_bytes_max = kHeaderBlockBytesMax;
  std::size_t header_fields_max = kHeaderFieldsMax;
  std::size_t connections_max = kConnectionsMax;  ///< of the whole server
  std::size_t linger_bytes_max = kLingerBytesMax;

  /// Without a byte of a request: closed without a word.
  std::chrono::milliseconds idle_timeout = kIdleTimeout;
  /// From a request's first byte to the end of its header block: 408.
  std::chrono::milliseconds header_timeout{10'000};
  /// From the end of the header block to the end of the body: 408.
  std::chrono::milliseconds body_timeout{30'000};
  /// For one answer, or one piece of a long one, to be taken by the kernel: closed.
  std::chrono::milliseconds write_timeout{30'000};
  /// From the last answer to the client's own close: closed.
  std::chrono::milliseconds linger_timeout{2'000};
};

}  // namespace coupond::http

#endif  // COUPOND_RPC_HTTP_LIMITS_H_
