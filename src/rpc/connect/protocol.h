#ifndef COUPOND_RPC_CONNECT_PROTOCOL_H_
#define COUPOND_RPC_CONNECT_PROTOCOL_H_

#include <optional>
#include <string_view>

#include "rpc/connect/codec.h"

/// The protocols that share the paths, and the content types that tell them apart.
/// Sources: https://connectrpc.com/docs/protocol
/// and https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md
namespace coupond::connect {

enum class Protocol {
  kConnectUnary,   ///< bare messages; an error has a status of its own
  kConnectStream,  ///< messages in envelopes, the last of which tells how the call ended
  kGrpcWeb,        ///< the same with gRPC's trailers in the last one, also for unary methods
};

/// Where a protocol says what the others say elsewhere.
struct ProtocolHeaders {
  std::string_view encoding;  ///< of the message, or of the messages in envelopes
  std::string_view accept_encoding;
  std::string_view timeout;
};

[[nodiscard]] const ProtocolHeaders& HeadersOf(Protocol protocol);

/// One way of speaking to a method.
struct Dialect {
  Protocol protocol = Protocol::kConnectUnary;
  Codec codec = Codec::kProto;

  friend bool operator==(const Dialect&, const Dialect&) = default;
};

/// "application/json", "application/connect+proto", "application/grpc-web+json", …
[[nodiscard]] std::string_view ContentTypeOf(const Dialect& dialect);

/// The dialect that a Content-Type header names; nothing if it is none, or has another charset than
/// UTF-8. Other parameters are ignored.
[[nodiscard]] std::optional<Dialect> DialectOf(std::string_view content_type);

/// Returns the first charset other than UTF-8 that a Content-Type header names, or nullopt.
[[nodiscard]] std::optional<std::string_view> OtherCharset(std::string_view content_type);

}  // namespace coupond::connect

#endif  // COUPOND_RPC_CONNECT_PROTOCOL_H_
