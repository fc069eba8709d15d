#ifndef COUPOND_RPC_HTTP_LIMITS_H_
#define COUPOND_RPC_HTTP_LIMITS_H_

#include <chrono>
#include <cstddef>
#include <vector>

#include "rpc/http/ip_network.h"

namespace coupond::http {

inline constexpr std::size_t kRequestBodyBytesMax = 72 * 1024;
inline constexpr std::size_t kHeaderBlockBytesMax = 8 * 1024;  ///< request line and header fields
inline constexpr std::size_t kHeaderFieldsMax = 100;
inline constexpr std::size_t kConnectionsMax = 10'000;

/// How many requests at a time may have a body above kRequestBodyBytesMax, where the handler allows
/// one, until they are answered. Together with what the handler allows, this bounds the memory for
/// bodies.
inline constexpr std::size_t kLargeBodiesMax = 32;

/// How many connections one client address may have, unless the server is configured otherwise.
/// Many people may share an address.
inline constexpr std::size_t kConnectionsPerAddressMax = 1'000;

/// How many connections over a limit are answered at one time; more are just closed.
inline constexpr std::size_t kRefusalsAtOnceMax = 64;

/// How many bytes are read and discarded after the last response. Closing a socket with unread
/// bytes makes the kernel send a reset, which can destroy the response before the client reads it.
inline constexpr std::size_t kLingerBytesMax = 4 * 1024 * 1024;

/// Room in a session's read buffer beyond the header block: one read of a body, or one chunk
/// header.
inline constexpr std::size_t kReadBytes = 8 * 1024;

/// A reply buffer that has grown past this is freed after the reply.
inline constexpr std::size_t kReplyBytesKept = 64 * 1024;
/// A buffer for request bodies that has grown past this is freed after the request.
inline constexpr std::size_t kBodyBytesKept = 8 * 1024;

/// How long a connection may be without a request, unless the server is configured otherwise. Most
/// proxies and balancers keep an idle connection for 60 s. The server has to be the more patient
/// one: if it closes first, the proxy may just be sending the next request.
inline constexpr std::chrono::milliseconds kIdleTimeout{75'000};

/// Connections that wait to be accepted. The kernel may lower this to its own limit.
inline constexpr int kListenBacklog = 4096;

/// How long the listener waits after an accept that failed, so that a process out of file
/// descriptors does not spin.
inline constexpr std::chrono::milliseconds kAcceptPause{100};

/// TCP probes a connection on which nothing has arrived for kProbeAfter, and closes it when kProbes
/// probes have had no reply.
inline constexpr std::chrono::seconds kProbeAfter{60};
inline constexpr std::chrono::seconds kProbeInterval{10};
inline constexpr int kProbes = 3;
/// How long a host that has vanished without closing its connection occupies a place. The same
/// limit holds for a host that does not acknowledge what was sent to it.
inline constexpr std::chrono::seconds kVanishedAfter = kProbeAfter + kProbes * kProbeInterval;

/// Deadlines are checked once per tick: a quarter of the shortest timeout, within these bounds. A
/// timeout therefore ends up to two ticks late, never early.
inline constexpr std::chrono::milliseconds kTickMin{5};
inline constexpr std::chrono::milliseconds kTickMax{250};

static_assert(kReadBytes <= kHeaderBlockBytesMax);

/// The limits that can be set for a server; the defaults are those above. Tests make them small.
struct Limits {
  std::size_t request_body_bytes_max = kRequestBodyBytesMax;
  std::size_t header_block_bytes_max = kHeaderBlockBytesMax;
  std::size_t header_fields_max = kHeaderFieldsMax;
  std::size_t connections_max = kConnectionsMax;  ///< of the whole server
  /// The connections of one client address; 0 is no limit.
  std::size_t connections_per_address_max = 0;
  std::vector<IpNetwork> unlimited_addresses = {};  ///< may have any number of connections
  std::size_t large_bodies_max = kLargeBodiesMax;   ///< of the whole server
  std::size_t linger_bytes_max = kLingerBytesMax;

  /// Time without a byte of a request. After it the connection is closed without a response.
  std::chrono::milliseconds idle_timeout = kIdleTimeout;
  /// Time from a request's first byte to the end of its header block. After it: 408. Also the time
  /// for a TLS handshake, after which the connection is closed.
  std::chrono::milliseconds header_timeout{10'000};
  /// Time from the end of the header block to the end of the body. After it: 408.
  std::chrono::milliseconds body_timeout{30'000};
  /// Time for the kernel to accept a response, or a piece of a long one. After it the connection is
  /// closed.
  std::chrono::milliseconds write_timeout{30'000};
  /// Time from the last response to the client's own close. After it the connection is closed.
  std::chrono::milliseconds linger_timeout{2'000};
};

}  // namespace coupond::http

#endif  // COUPOND_RPC_HTTP_LIMITS_H_
