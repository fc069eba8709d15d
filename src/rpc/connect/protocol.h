#ifndef COUPOND_RPC_CONNECT_PROTOCOL_H_
#define COUPOND_RPC_CONNECT_PROTOCOL_H_

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "rpc/connect/codec.h"
#include "rpc/connect/compression.h"
#include "rpc/connect/error.h"
#include "rpc/http/handler.h"

/// The protocols that share the paths, and the headers in which a request says which of them it
/// speaks and on what terms. Sources: https://connectrpc.com/docs/protocol
/// and https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md
namespace coupond::connect {

enum class Protocol {
  kConnectUnary,   ///< bare messages; an error has an HTTP status of its own
  kConnectStream,  ///< messages in envelopes, the last of which says how the call ended
  kGrpcWeb,        ///< the same with gRPC's trailers in the last envelope, also for unary methods
};

/// The names of the headers in which each protocol says the same things.
struct ProtocolHeaders {
  std::string_view encoding;  ///< of the message, or of the messages in envelopes
  std::string_view accept_encoding;
  std::string_view timeout;
};

[[nodiscard]] const ProtocolHeaders& HeadersOf(Protocol protocol);

/// A protocol and the codec of its messages.
struct Dialect {
  Protocol protocol = Protocol::kConnectUnary;
  Codec codec = Codec::kProto;

  friend bool operator==(const Dialect&, const Dialect&) = default;
};

/// Returns "application/json", "application/connect+proto", "application/grpc-web+json", …
[[nodiscard]] std::string_view ContentTypeOf(const Dialect& dialect);

/// Returns the dialect that a Content-Type header names, or nullopt if it names none, or a charset
/// other than UTF-8. Other parameters are ignored.
[[nodiscard]] std::optional<Dialect> DialectOf(std::string_view content_type);

/// Returns the first charset other than UTF-8 that a Content-Type header names, or nullopt.
[[nodiscard]] std::optional<std::string_view> OtherCharset(std::string_view content_type);

/// The headers of a request that have a meaning here. Views into the request. If a header is
/// repeated, the first one counts.
struct CallHeaders {
  using Value = std::optional<std::string_view>;

  Value content_type;
  Value content_encoding;
  Value accept_encoding;
  Value connect_protocol_version;
  Value connect_timeout_ms;
  Value connect_content_encoding;
  Value connect_accept_encoding;
  Value grpc_timeout;
  Value grpc_encoding;
  Value grpc_accept_encoding;
  Value if_none_match;
  Value coupond_strict;
  Value idempotency_key;
  /// The name of a header that begins with "Coupond" but is none of these: a misspelled one.
  Value unknown_own_name;
  Value origin;
};

[[nodiscard]] CallHeaders GatherCallHeaders(const http::Request& request);

/// Returns the error of a malformed header, whose message names it.
[[nodiscard]] std::unexpected<Error> BadHeader(std::string_view name, std::string message);

/// The terms of a call, as its headers state them.
struct CallTerms {
  /// How long the client will wait, if it said so.
  std::optional<std::chrono::milliseconds> timeout;
  Compression of_request = Compression::kIdentity;
  Compression of_answer = Compression::kIdentity;
  /// True if the request asks for an error where something would be ignored.
  bool strict = false;
};

/// Fails if the protocol version, the timeout, the compression or Coupond-Strict is malformed or
/// not supported. The error is for the client.
[[nodiscard]] std::expected<CallTerms, Error> ReadCallTerms(Protocol protocol,
                                                            const CallHeaders& headers);

/// Returns the compression of that name. The error, `unimplemented`, says which `header` is wrong
/// and lists what is supported.
[[nodiscard]] std::expected<Compression, Error> ReadCompression(std::string_view header,
                                                                std::string_view name);

/// How a protocol writes a timeout.
enum class TimeoutForm {
  kConnect,  ///< "1500": milliseconds, 1 to 10 digits, at least 1
  kGrpc,     ///< "1500m": 1 to 8 digits and one of the units H, M, S, m, u, n
};

/// Reads a timeout, rounded up to a millisecond. Returns nullopt if the text is malformed. A
/// timeout above 9,999,999,999 ms counts as that.
[[nodiscard]] std::optional<std::chrono::milliseconds> ParseTimeout(TimeoutForm form,
                                                                    std::string_view text);

}  // namespace coupond::connect

#endif  // COUPOND_RPC_CONNECT_PROTOCOL_H_
